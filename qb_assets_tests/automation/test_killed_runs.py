"""A run whose process is killed does not stop the next one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
import pytest

from qb_assets.automation.killed_runs import PROCESS_TAG, bury_killed_runs
from qb_assets.faces import COMPANY_TAG
from qb_assets.partitions import key_of
from qb_assets.raw.tags import METERED
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline

START = (datetime.now(timezone.utc) - timedelta(days=3)).date()


@pytest.fixture
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
