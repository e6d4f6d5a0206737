"""Rounds in which several processes need a company's token at once, and some are killed."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from types import TracebackType

import msgspec

from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Reopenable, TokenStore
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.custody.worker import Job, Said

PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)


@dataclass(slots=True)
class Figures:
    """What the rounds showed. `grants` and `refused` are the sandbox's count of token calls."""

    rounds: int = 0
    kills: int = 0
    killed_before_answer: int = 0
    grants: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list[str])
    uneven: int = 0
    seconds: list[float] = field(default_factory=list[float])

    @property
    def clean(self) -> bool:
        """Whether each round had one grant, and every process that lived got the same token."""
        return (self.grants, self.refused, self.errors, self.uneven) == (self.rounds, 0, [], 0)

    def __str__(self) -> str:
        kills = f", {self.kills} killed ({self.killed_before_answer} of them in the refresh)"
        return (
            f"{self.rounds} rounds{kills if self.kills else ''}: {self.grants} grants, "
            f"{self.refused} refused, {len(self.errors)} errors, {self.uneven} uneven; a round "
            f"{statistics.median(self.seconds):.2f} s (median), {max(self.seconds):.2f} s (longest)"
        )


class Worker:
    """One process, in a session of its own as that of a scheduler's run."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "qb_assets_tests.custody.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._send(msgspec.json.encode(job))

    def ready(self) -> None:
        """Waits until it has started."""
        self.answer()

    def go(self) -> None:
        """Lets it need a token."""
        self._send(b"now")

    def answer(self) -> Said | None:
        """What it said; None where it was killed before."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return msgspec.json.decode(line, type=Said) if line.endswith(b"\n") else None

    def kill(self) -> None:
        """SIGKILL to it and everything in its group."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Ends it."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(30)

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()


class Crowd:
    """Processes that share a company's connection. A context manager: leaving it ends them."""

    def __init__(
        self, box: SandboxProcess, settings: Settings, store: TokenStore, size: int
    ) -> None:
        assert isinstance(store, Reopenable)
        self._box = box
        self._store = store
        self._realm = box.realm_id
        self._job = Job(settings, store.recipe(), box.realm_id)
        self._workers = [Worker(self._job) for _ in range(size)]
        for worker in self._workers:
            worker.ready()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.close()

    def run(self, rounds: int, *, kill_seed: int | None = None) -> Figures:
        """So many rounds; with a seed, one process is killed at a random moment of each."""
        figures = Figures(rounds=rounds)
        dice = random.Random(kill_seed)
        self._box.admin("stats/reset", {})
        for _ in range(rounds):
            expired = self._expire()
            started = time.monotonic()
            for worker in self._workers:
                worker.go()
            answers: list[Said | None] = []
            if kill_seed is not None:
                usual = statistics.median(figures.seconds) if figures.seconds else 0.4
                time.sleep(dice.uniform(0, usual))
                answers.append(self._kill(dice.randrange(len(self._workers)), figures))
                answers += [worker.answer() for worker in self._workers[:-1]]
                self._workers[-1].ready()
            else:
                answers += [worker.answer() for worker in self._workers]
            figures.seconds.append(time.monotonic() - started)
            self._judge(answers, expired, figures)
        statuses = self._box.admin("stats")["statuses"]
        calls = self._box.admin("stats")["calls"].get("token", 0)
        # The statuses are of all calls, but besides the token's there were only /admin's.
        figures.refused = sum(count for status, count in statuses.items() if status != "200")
        figures.grants = calls - figures.refused
        return figures

    def _kill(self, number: int, figures: Figures) -> Said | None:
        """Kills a process and puts a new one at the end; what it had said before."""
        victim = self._workers.pop(number)
        victim.kill()
        said = victim.answer()
        victim.close()
        figures.kills += 1
        figures.killed_before_answer += said is None
        self._workers.append(Worker(self._job))
        return said

    def _judge(self, answers: list[Said | None], expired: Connection, figures: Figures) -> None:
        said = [each for each in answers if each is not None]
        figures.errors += [each.error for each in said if each.error]
        good = [each for each in said if not each.error]
        held = self._store.load(self._realm).token
        same = {each.fingerprint for each in good} == {held.fingerprint}
        renewed = held.refresh != expired.token.refresh
        figures.uneven += not (same and renewed and all(each.fresh for each in good))

    def _expire(self) -> Connection:
        """Makes the token stale, as an hour does."""
        held = self._store.load(self._realm)
        stale = replace(held, token=replace(held.token, expires_at=PAST))
        self._store.save(stale, replaces=held.token)
        return stale
