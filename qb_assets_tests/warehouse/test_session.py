"""A run opens the warehouse's file once, and lets others have it when it rests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread, Timer
from types import FrameType

import dagster as dg
import duckdb
import pytest

from qb_assets.warehouse import session
from qb_assets.warehouse.resource import WarehouseResource

OPEN = """
import sys
from qb_assets.warehouse.resource import WarehouseResource
with WarehouseResource(database=sys.argv[1], wait_seconds=30).get_connection() as connection:
    print(connection.execute("SELECT count(*) FROM t").fetchone()[0])
"""


class Run:
    """The warehouse of a run, as its steps have it."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self.file = file
        self.resource = stack.enter_context(
            WarehouseResource(database=str(file)).yield_for_execution(
                dg.build_init_resource_context()
            )
        )

    def step(self, statement: str) -> list[tuple[object, ...]]:
        """What a step's statement gives."""
        with self.resource.get_connection() as connection:
            return connection.execute(statement).fetchall()

    def is_open(self) -> bool:
        """Whether another process is refused."""
        try_it = f"import duckdb; duckdb.connect({str(self.file)!r})"
        asked = subprocess.run([sys.executable, "-c", try_it], capture_output=True, check=False)
        return asked.returncode != 0


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with ExitStack() as stack:
        yield Run(tmp_path / "warehouse.duckdb", stack)


def test_steps_share_an_opening_until_the_run_ends(tmp_path: Path) -> None:
    with ExitStack() as stack:
        run = Run(tmp_path / "warehouse.duckdb", stack)
        run.step("CREATE TABLE t AS SELECT 1 AS n")
        assert run.is_open()
        assert run.step("FROM t") == [(1,)]
    assert not run.is_open()
    with WarehouseResource(database=str(run.file)).get_connection() as connection:
        assert connection.execute("FROM t").fetchall() == [(1,)]
    assert not run.is_open()


def test_steps_share_neither_settings_nor_temporary_tables(run: Run) -> None:
    run.step("SET TimeZone = 'Asia/Tokyo'")
    run.step("CREATE TEMP TABLE winners AS SELECT 1")
    assert run.step("SELECT current_setting('TimeZone')") == [("UTC",)]
    with pytest.raises(duckdb.CatalogException):
        run.step("FROM winners")
    assert run.step("SELECT 1") == [(1,)]  # nor what has failed


def test_threads_can_use_it_at_once(run: Run) -> None:
    run.step("CREATE TABLE t (n INTEGER)")
    threads = [Thread(target=run.step, args=(f"INSERT INTO t VALUES ({n})",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run.step("SELECT count(*) FROM t") == [(8,)]


def test_others_in_the_process_can_use_it_meanwhile(run: Run) -> None:
    run.step("CREATE TABLE t AS SELECT 1 AS n")
    with WarehouseResource(database=str(run.file)).get_connection() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    assert run.step("SELECT count(*) FROM t") == [(2,)]


def test_another_run_that_waits_gets_the_file_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "IDLE_SECONDS", 600.0)
    run.step("CREATE TABLE t AS SELECT 1 AS n")
    command = [sys.executable, "-c", OPEN, str(run.file)]
    other = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert other.stdout.strip() == "1"
    assert run.step("FROM t") == [(1,)]
    assert [each.name for each in run.file.parent.iterdir() if "wanted" in each.name] == []


def test_a_program_that_cannot_say_so_gets_it_when_it_rested(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "IDLE_SECONDS", 0.2)
    with run.resource.get_connection() as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        assert run.is_open()
    deadline = time.monotonic() + 30
    while run.is_open():
        assert time.monotonic() < deadline
    assert run.step("FROM t") == [(1,)]


def test_what_a_step_has_read_is_forgotten(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "KEPT_MEMORY", "16MiB")
    limit = "SELECT current_setting('memory_limit')"
    run.step("CREATE TABLE t AS SELECT md5(CAST(range AS VARCHAR)) AS n FROM range(1_500_000)")
    run.step("CHECKPOINT")
    read = "SELECT sum(memory_usage_bytes) / 1024 ** 2 FROM duckdb_memory()"
    with run.resource.get_connection() as connection:
        connection.execute("SELECT max(n) FROM t")
        [(used,)] = connection.execute(read).fetchall()
    [(kept,)] = run.step(read)
    assert isinstance(kept, float)
    assert kept < 17 < used
    assert run.step(limit) == run.step(limit) != [("16.0 MiB",)]


class Stopped(BaseException):
    """What Dagster raises where a run is to end."""


LONG = "SELECT count(*) FROM range(100000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"


@pytest.mark.parametrize("kept_open", [True, False])
def test_a_statement_that_is_interrupted_ends_the_run_and_not_just_itself(
    tmp_path: Path, kept_open: bool
) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(signal.SIGINT, stop)
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    try:
        with ExitStack() as stack:
            file = tmp_path / "w.duckdb"
            run = Run(file, stack) if kept_open else None
            resource = run.resource if run else WarehouseResource(database=str(file))
            timer.start()
            with pytest.raises(Stopped), resource.get_connection() as connection:
                connection.execute(LONG)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
