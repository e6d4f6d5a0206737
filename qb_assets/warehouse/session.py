"""One opening of the warehouse's file for steps that follow each other in one process.

Opening reads what DuckDB knows of each of the thousands of columns, and closing writes it anew; a
step that merges a few records costs less than both. But no other process can open the file in the
meantime, so it is closed a while after its last use, and at once where another run waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, RLock, Thread

import duckdb

IDLE_SECONDS = 5.0
"""How long the file is kept after its last use; steps that need it not come in between."""

LOOKS_EVERY = 0.1
"""Seconds after which a file that rests is looked at for others who wait."""

KEPT_MEMORY = "64MB"
"""What DuckDB may keep in memory of what a step has read."""


@contextmanager
def interrupts_as_raised() -> Generator[None]:
    """Lets what interrupts a statement through as it is: it ends the run, not just the step.

    DuckDB makes a RuntimeError of whatever the handler of a signal raises ("Query interrupted").
    """
    stopped: BaseException
    try:
        yield
        return
    except RuntimeError as error:
        if error.__cause__ is None or isinstance(error.__cause__, Exception):
            raise
        stopped = error.__cause__
    raise stopped


@dataclass(frozen=True, slots=True)
class Queue:
    """Tells who has the file that another one waits for it, by a file beside it."""

    file: Path

    @property
    def _sign(self) -> Path:
        return self.file.with_name(f"{self.file.name}.wanted")

    def wait(self, seconds: float) -> None:
        """Waits a little, and lets that be known."""
        with suppress(OSError):  # then it takes until the file has rested
            self._sign.touch()
        time.sleep(seconds)

    def leave(self) -> None:
        """Waits no longer; who else does says so again."""
        with suppress(OSError):
            self._sign.unlink(missing_ok=True)

    def is_anyone_there(self) -> bool:
        """Whether someone waits, or did until lately."""
        try:
            return time.time() - self._sign.stat().st_mtime < IDLE_SECONDS
        except OSError:
            return False


class Session:
    """Connections to a file that is opened with the first and closed some time after the last.

    Threads can use it at once. `close` closes it early.
    """

    def __init__(
        self, connect: Callable[[], duckdb.DuckDBPyConnection], file: Callable[[], Path]
    ) -> None:
        self._connect = connect
        self._file = file
        self._lock = RLock()
        self._opened: duckdb.DuckDBPyConnection | None = None
        self._memory = ""
        self._users = 0
        self._used = Event()

    @contextmanager
    def connection(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A connection of its own settings and temporary tables; raises what connecting does."""
        with self._lock:
            self._used.set()
            if self._opened is None:
                self._opened = self._connect()
                self._memory = _memory_limit(self._opened)
            connection = self._opened.cursor()
            self._users += 1
        try:
            yield connection
        finally:
            connection.close()
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._rest(self._opened)

    def close(self) -> None:
        """Closes the file if nobody uses it; the next connection opens it again."""
        with self._lock:
            if not self._users and self._opened is not None:
                self._used.set()
                self._opened.close()
                self._opened = None

    def _rest(self, opened: duckdb.DuckDBPyConnection) -> None:
        queue = Queue(self._file())
        if queue.is_anyone_there() or not _give_memory_back(opened, self._memory):
            self.close()
            return
        self._used = Event()
        Thread(target=self._watch, args=(self._used, queue), daemon=True).start()

    def _watch(self, used: Event, queue: Queue) -> None:
        """Closes the file, unless it is used before its time or anyone else waits for it."""
        end = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < end and not queue.is_anyone_there():
            if used.wait(LOOKS_EVERY):
                return
        with self._lock:
            if not used.is_set():
                self.close()


def _memory_limit(opened: duckdb.DuckDBPyConnection) -> str:
    row = opened.execute("SELECT current_setting('memory_limit')").fetchone()
    assert row is not None
    return row[0]


def _give_memory_back(opened: duckdb.DuckDBPyConnection, limit: str) -> bool:
    """Lets DuckDB forget what it has read, as it does when its limit is lowered for a moment.

    Returns:
        Whether it did; it may need more, or have failed for good.
    """
    try:
        opened.execute(f"SET memory_limit = '{KEPT_MEMORY}'")
        opened.execute(f"SET memory_limit = '{limit}'")
    except duckdb.Error:
        return False
    return True
