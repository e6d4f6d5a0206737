"""Runs that are killed at random moments, and what their reruns make of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from qb_assets.lake import parquet
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.pipeline.surroundings import Surroundings, foreign_environment
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records
from qb_assets_tests.storm.tokens_found import tokens_in_folder, tokens_in_text

CHOSEN = ("Invoice", "Payment", "Customer", "TaxRate")
WORDS = [sys.executable, "-m", "qb_assets_tests.storm.child"]
LONGEST = 90.0


@dataclass
class Outcome:
    """What became of the kills: how many hit a running process, and what was wrong after reruns."""

    killed: int = 0
    too_late: int = 0
    wrong: list[str] = field(default_factory=list[str])


def kill_and_rerun(
    kills: int,
    *,
    invoices: int,
    entities: Sequence[str] = CHOSEN,
    seed: int = 0,
    workers: int = 2,
) -> Outcome:
    """Kills that many runs of an empty lake, each at a moment of its own, and runs each again."""
    dice = Random(seed)
    quiet = SandboxSettings(
        requests_per_minute=0, concurrent=0, batches_per_minute=0, rotate_every=0
    )
    outcome = Outcome()
    with (
        tempfile.TemporaryDirectory(prefix="qb-kills-") as folder,
        start(seed=seed + 1, invoices=invoices, settings=quiet) as sandbox,
        ThreadPoolExecutor(workers) as pool,
    ):
        tokens = Path(folder) / "tokens"
        settings = Settings.from_environment(sandbox.env)
        token = sandbox.env["QB_REFRESH_TOKEN"]
        connect_with_refresh_token(settings, FileTokenStore(tokens), sandbox.realm_id, token)
        folders = [Path(folder) / str(number) for number in range(kills + 1)]
        runs = [_Run(each, tokens, sandbox, entities) for each in folders]
        begun = time.monotonic()
        runs[0].finish(outcome)
        whole = time.monotonic() - begun
        moments = [dice.uniform(0.05, 1.0) * whole for _ in range(kills)]
        for run, moment in zip(runs[1:], moments, strict=True):
            pool.submit(run.killed_at, moment, outcome)
    return outcome


class _Run:
    """One lake, warehouse and Dagster home, and the runs on them."""

    def __init__(
        self, folder: Path, tokens: Path, sandbox: SandboxProcess, entities: Sequence[str]
    ) -> None:
        folder.mkdir()
        self._entities = entities
        begin = (datetime.now(timezone.utc) - timedelta(days=3)).date().isoformat()
        self._around = Surroundings(folder, begin, {"QB_TOKEN_STORE": str(tokens)})
        self._sandbox = sandbox
        own = {k: v for k, v in sandbox.env.items() if k != "QB_REFRESH_TOKEN"}
        self._env: Mapping[str, str] = {**foreign_environment(), **own, **self._around.env}

    def killed_at(self, moment: float, outcome: Outcome) -> None:
        """Starts a run, kills it, and runs it again to its end."""
        with self._process() as process:
            try:
                process.wait(moment)
                outcome.too_late += 1
            except subprocess.TimeoutExpired:
                process.kill()
                outcome.killed += 1
        self.finish(outcome, f"killed after {moment:.2f} s: ")

    def finish(self, outcome: Outcome, story: str = "") -> None:
        """Runs to the end; notes what is not as it must be then."""
        with self._process() as process:
            try:
                said, _ = process.communicate(timeout=LONGEST)
            except subprocess.TimeoutExpired:
                process.kill()
                outcome.wrong.append(f"{story}the rerun hangs")
                return
        if process.returncode != 0:
            outcome.wrong.append(f"{story}the rerun ends with {process.returncode}: {said}")
        outcome.wrong += [f"{story}{each}" for each in (*self._untrue(), *self._told(said))]

    def _told(self, said: str) -> Iterator[str]:
        """Tokens and secrets in what the run said, and in all it left but the token store."""
        client_id = self._sandbox.env["QB_CLIENT_ID"]
        yield from tokens_in_text("its output", said.encode(), client_id.encode())
        yield from tokens_in_folder(self._around.folder, client_id)

    def _process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*WORDS, *self._entities],
            cwd=self._around.folder,
            env=dict(self._env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _untrue(self) -> list[str]:
        books = {
            name: read_records(self._sandbox.admin_bytes(f"records/{name}"))
            for name in self._entities
        }
        lake = Lake.open(self._around.env["QB_LAKE_URL"])
        for found in lake.list():
            parquet.decode(lake.read(found.path))  # whole, or this raises
        with self._around.warehouse() as warehouse:
            expected = expected_of(books, warehouse.tables())
            return differences(warehouse, expected, self._sandbox.realm_id)
