"""Posts notifications as Intuit does, again until they are taken, while the server is killed."""

from __future__ import annotations

import http.client
import queue
import random
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from qb_assets_tests.quickbooks.webhooks import body_of, change, event, legacy, server, signed

REPEATED = 0.1
"""The share of bodies that are posted once more, though they were taken."""

PAUSE = 0.02
COMPANIES = 5


@dataclass(frozen=True)
class Body:
    """A POST, and the Ids of the records that it tells of."""

    data: bytes
    ids: tuple[str, ...]


@dataclass
class Outcome:
    """What was posted, what the server answered, and what is in the inbox."""

    posted: int
    seconds: float = 0.0
    longest: float = 0.0
    repeats: int = 0
    kills: int = 0
    failed: int = 0
    answered: set[str] = field(default_factory=set[str])
    lost_by_a_kill: set[str] = field(default_factory=set[str])
    stored: list[str] = field(default_factory=list[str])

    @property
    def kept(self) -> bool:
        """Whether everything was answered in the end, and each is stored once."""
        once = len(self.stored) == len(set(self.stored)) == self.posted
        return once and set(self.stored) == self.answered and not self.lost_by_a_kill

    def __str__(self) -> str:
        return (
            f"{self.posted:,} notifications in {self.seconds:.1f} s"
            f" ({60 * self.posted / self.seconds:,.0f} a minute), {self.repeats} POSTs repeated,"
            f" {self.failed} failed and came again, the slowest answer took"
            f" {1000 * self.longest:.0f} ms; the server was killed {self.kills} times;"
            f" {len(self.answered):,} answered 200, {len(set(self.stored)):,} stored,"
            f" {len(self.stored) - len(set(self.stored))} twice,"
            f" {len(self.lost_by_a_kill | self.answered - set(self.stored)):,} lost"
        )


def bodies(notifications: int, per_post: int) -> list[Body]:
    """Bodies in both formats by turns, each of several companies."""
    made: list[Body] = []
    for first in range(0, notifications, per_post):
        numbers = range(first + 1, min(first + per_post, notifications) + 1)
        if len(made) % 2:
            told = [legacy(change(n), realm=str(n % COMPANIES)) for n in numbers]
        else:
            told = [event(n, realm=str(n % COMPANIES)) for n in numbers]
        made.append(Body(body_of(*told), tuple(map(str, numbers))))
    return made


class Storm:
    """Posts over several connections, and ends and begins the server meanwhile."""

    def __init__(self, place: str, notifications: int, *, per_post: int, connections: int) -> None:
        self._place = place
        self._port = _free_port()
        self._connections = connections
        self._guard = threading.Lock()
        self._bodies: queue.SimpleQueue[Body] = queue.SimpleQueue()
        self.outcome = Outcome(notifications)
        chance = random.Random(notifications)
        for body in bodies(notifications, per_post):
            self._bodies.put(body)
            if chance.random() < REPEATED:
                self._bodies.put(body)
                self.outcome.repeats += 1

    def run(self, kills: int) -> Outcome:
        """Until all are answered; kills the server whenever another share of them was."""
        shares = [self.outcome.posted * n // (kills + 1) for n in range(1, kills + 1)]
        begun = time.monotonic()
        threads = [threading.Thread(target=self._post_all) for _ in range(self._connections)]
        with ExitStack() as stack:
            _, process = stack.enter_context(server(self._place, port=self._port))
            for thread in threads:
                thread.start()
            for share in shares:
                _wait(lambda share=share: len(self.outcome.answered) >= share)
                with self._guard:
                    answered = set(self.outcome.answered)
                process.kill()
                process.wait()
                self.outcome.kills += 1
                self.outcome.lost_by_a_kill |= answered - set(stored(self._place))
                _, process = stack.enter_context(server(self._place, port=self._port))
            for thread in threads:
                thread.join()
        self.outcome.seconds = time.monotonic() - begun
        self.outcome.stored = stored(self._place)
        return self.outcome

    def _post_all(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        with closing(connection):
            while True:
                try:
                    body = self._bodies.get_nowait()
                except queue.Empty:
                    return
                while not self._taken(connection, body):
                    connection.close()
                    with self._guard:
                        self.outcome.failed += 1
                    time.sleep(PAUSE)

    def _taken(self, connection: http.client.HTTPConnection, body: Body) -> bool:
        begun = time.monotonic()
        try:
            connection.request("POST", "/webhooks", body.data, signed(body.data))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status != 200:
            return False
        with self._guard:
            self.outcome.answered.update(body.ids)
            self.outcome.longest = max(self.outcome.longest, time.monotonic() - begun)
        return True


def stored(place: str) -> list[str]:
    """The Ids in an inbox, as they are in its file or database, with those that are there twice."""
    query = "SELECT id FROM qb_webhook_notifications"
    if urlsplit(place).scheme == "postgresql":
        with psycopg.connect(place) as db:
            return [str(id) for (id,) in db.execute(query)]
    with closing(sqlite3.connect(Path(place), timeout=30)) as db:
        return [str(id) for (id,) in db.execute(query)]


def _wait(there: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not there():
        assert time.monotonic() < until
        time.sleep(0.002)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
