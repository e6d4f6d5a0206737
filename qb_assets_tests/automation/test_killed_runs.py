"""A run that is stopped, or whose process is killed, does not stop the next one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import pytest

from qb_assets.automation.killed_runs import PROCESS_TAG, bury_killed_runs
from qb_assets.faces import COMPANY_TAG
from qb_assets.failures import Cancelled
from qb_assets.partitions import key_of
from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.settings import Settings
from qb_assets.raw.tags import METERED
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

START = (datetime.now(timezone.utc) - timedelta(days=3)).date()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with start(seed=2, invoices=20) as sandbox:
        yield sandbox


@pytest.fixture
def made(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Pipeline]:
    with pipeline(tmp_path, sandbox, ["Term"], START.isoformat()) as made:
        yield made


def test_the_next_run_goes_on_after_a_kill(made: Pipeline) -> None:
    """Dagster starts a run as its daemon does; it is killed with a place in the pool taken."""
    made.sandbox.admin("limits", {"latency": 60})
    key = key_of(made.company, made.calendar.start)
    words = ["asset", "materialize", "-m", "qb_assets.definitions", "--select", "raw/term"]
    dagster = Path(sys.executable).with_name("dagster")
    process = subprocess.Popen(
        [str(dagster), *words, "--partition", key],
        cwd=made.surroundings.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    storage = made.instance.event_log_storage
    give_up = time.monotonic() + 60
    while not storage.get_concurrency_run_ids():
        assert time.monotonic() < give_up
        assert process.poll() is None
        time.sleep(0.05)
    [run] = made.instance.get_runs()
    assert PROCESS_TAG in run.tags
    assert run.tags[COMPANY_TAG] == made.company  # which nobody gave it
    assert bury_killed_runs(made.instance) == []  # it is alive
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    made.sandbox.admin("limits", {"latency": 0})
    before = made.sandbox.admin("stats")["metered"]
    done = made.run(select=["raw/term"])
    assert done.clean
    spent = made.sandbox.admin("stats")["metered"] - before
    ended = made.instance.get_run_by_id(done.run_id)
    assert ended is not None
    assert int(ended.tags[METERED]) == spent > 0
    killed = made.instance.get_run_by_id(run.run_id)
    assert killed is not None
    assert killed.status == dg.DagsterRunStatus.FAILURE
    assert not storage.get_concurrency_run_ids()


def test_a_run_that_is_stopped_says_how_to_go_on_and_leaves_nothing_stuck(made: Pipeline) -> None:
    made.sandbox.admin("limits", {"latency": 60})
    made.sandbox.admin("stats/reset", {})  # the killed run's call may still be there
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(stop_in_a_call, made.sandbox)
        with pytest.raises(Cancelled) as told:
            made.run(select=["raw/term+"])
    stopped.result()
    made.sandbox.admin("limits", {"latency": 0})
    [run] = made.instance.get_runs()
    assert run.status == dg.DagsterRunStatus.CANCELED
    again = (
        f"qb-assets materialize --company {made.company} --from {made.calendar.start}"
        f" --to {made.calendar.today()} --select raw/term+"
    )
    assert str(told.value) == (
        f"run {run.run_id[:8]} was cancelled. What it wrote is whole and stays; run it again, and"
        f" it brings the rest: {again}"
    )
    assert not made.instance.event_log_storage.get_concurrency_run_ids()
    assert leases(made) == 0
    assert made.run(select=["raw/term+"]).clean
    books = {"Term": read_records(made.sandbox.admin_bytes("records/Term"))}
    with made.surroundings.warehouse() as warehouse:
        assert differences(warehouse, expected_of(books, warehouse.tables()), made.company) == []


def stop_in_a_call(sandbox: SandboxProcess) -> None:
    """Sends this process what Ctrl+C does, as soon as it waits for an answer."""
    give_up = time.monotonic() + 60
    while not sandbox.admin("stats")["calls"]:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


def leases(made: Pipeline) -> int:
    """The calls that the call book takes to be under way."""
    settings = Settings.from_environment()
    company = f"{urlsplit(settings.base_url).netloc}/{made.company}"
    book = call_book(settings.call_book)
    return book.change(company, lambda seen, _: (seen, len(seen.leases)))
