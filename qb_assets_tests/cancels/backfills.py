"""A deployment, and the ways to start and stop a backfill of it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import pytest
import requests

from qb_assets.automation.headless import selected_assets
from qb_assets.automation.home import CONFIG
from qb_assets.automation.jobs import SYNC
from qb_assets.automation.run_tags import range_tags
from qb_assets.definitions import defs
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.pipeline.surroundings import COMMAND
from qb_assets_tests.ui.project import TREE, environment, running_project, today

ENTITIES = ("Customer", "Invoice", "TaxRate")
SELECTED = ("raw/customer+", "raw/invoice+", "raw/tax_rate+")
PATIENCE = 240.0
AT_ONCE = """
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
"""
"""Runs of the webserver start without a daemon, whose sensors would bring what is missing."""

LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
TERMINATE = """mutation($run: String!) { terminateRun(runId: $run) {
    __typename ... on TerminateRunFailure { message } } }"""


@dataclass(frozen=True)
class Deployment:
    """A connected company, and a webserver of its Dagster."""

    folder: Path
    url: str
    sandbox: SandboxProcess
    start: date
    env: Mapping[str, str] = field(repr=False)

    @property
    def company(self) -> str:
        """The realm Id."""
        return self.sandbox.realm_id

    def clear(self) -> None:
        """Takes the lake and the warehouse away, and forgets the calls so far."""
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        for file in self.folder.glob("warehouse.duckdb*"):
            file.unlink()
        self.sandbox.admin("stats/reset", {})

    def called(self) -> bool:
        """Whether QuickBooks was called since."""
        return bool(self.sandbox.admin("stats")["calls"])


class Backfill(Protocol):
    """One way to fetch all days of the company."""

    def start(self) -> None:
        """Starts a run, and returns with its first call."""
        ...

    def stop(self) -> list[str]:
        """Stops the run; gives what is wrong with how it ended. One may have been too late."""
        ...

    def end(self) -> float:
        """Waits for the end of the run; the seconds from its first call on. It must end well."""
        ...

    def go_on(self) -> None:
        """Starts the run that goes on, as the stopped one said."""
        ...


class CommandBackfill:
    """`qb-assets materialize`, which a signal stops."""

    def __init__(self, made: Deployment, number: str) -> None:
        self._made = made
        self._signal = signal.Signals[number]
        days = ("--from", str(made.start), "--to", str(today()))
        selects = [word for each in SELECTED for word in ("--select", each)]
        self._words = ["qb-assets", "materialize", "--company", made.company, *days, *selects]
        self._again = self._words
        self._begun = 0.0

    def start(self) -> None:
        """Starts the command as a shell does, in which Ctrl+C is not ignored."""
        self._start(self._words)

    def go_on(self) -> None:
        """Starts the command that was printed."""
        self._start(self._again)

    def stop(self) -> list[str]:
        """Sends the signal; the command says that it was cancelled, and how to go on."""
        os.kill(self._process.pid, self._signal)
        said, _ = self._process.communicate(timeout=PATIENCE)
        code = self._process.returncode
        if "0 failed" in said and "FAILED" not in said:  # it was at its end
            self._again = self._words
            return []
        before, told, again = said.strip().rpartition("it brings the rest: ")
        self._again = shlex.split(again) if told else self._words
        if code != 130 or not told or "was cancelled" not in before or "Traceback" in said:
            return [f"the command ended with {code} and said: {said[-2000:]}"]
        return []

    def end(self) -> float:
        """Waits for the end of the command."""
        said, _ = self._process.communicate(timeout=PATIENCE)
        assert self._process.returncode == 0, said[-2000:]
        return time.monotonic() - self._begun

    def _start(self, words: Sequence[str]) -> None:
        with _signals_as_in_a_shell():
            self._process = subprocess.Popen(
                [str(COMMAND), *words[1:]],
                cwd=self._made.folder,
                env={**self._made.env, "COLUMNS": "400"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        wait_until(self._made.called)
        self._begun = time.monotonic()


class UiBackfill:
    """A run that the webserver launches and terminates, asked as its pages ask it."""

    def __init__(self, made: Deployment) -> None:
        self._made = made
        self._run = ""
        self._begun = 0.0

    def start(self) -> None:
        """Launches a run of all days."""
        job = defs.resolve_job_def(SYNC).asset_layer.executable_asset_keys
        keys = sorted(selected_assets(defs, SELECTED) & set(job))
        tags = range_tags(self._made.company, self._made.start, today())
        selector = {
            "repositoryLocationName": "qb_assets",
            "repositoryName": "__repository__",
            "jobName": SYNC,
            "assetSelection": [{"path": list(key.path)} for key in keys],
        }
        told = [{"key": key, "value": value} for key, value in tags.items()]
        asked = {"selector": selector, "mode": "default", "executionMetadata": {"tags": told}}
        self._run = self._ask(LAUNCH, {"params": asked})["launchRun"]["run"]["runId"]
        wait_until(self._made.called)
        self._begun = time.monotonic()

    def go_on(self) -> None:
        """Launches it again."""
        self.start()

    def stop(self) -> list[str]:
        """Terminates the run; Dagster knows it as cancelled, and its log says how to go on."""
        told = self._ask(TERMINATE, {"run": self._run})["terminateRun"]
        status = self._ended()
        if status == dg.DagsterRunStatus.SUCCESS:  # it was at its end
            return []
        with dg.DagsterInstance.get() as instance:
            log = [entry.user_message for entry in instance.all_logs(self._run)]
        if status != dg.DagsterRunStatus.CANCELED:
            return [f"the run is {status.value}, and terminateRun said {told}"]
        said = any("run it again, and it brings the rest" in line for line in log)
        return [] if said else [f"the log does not say how to go on: {log[-3:]}"]

    def end(self) -> float:
        """Waits for the end of the run."""
        status = self._ended()
        assert status == dg.DagsterRunStatus.SUCCESS, status
        return time.monotonic() - self._begun

    def _ended(self) -> dg.DagsterRunStatus:
        with dg.DagsterInstance.get() as instance:

            def status() -> dg.DagsterRunStatus | None:
                run = instance.get_run_by_id(self._run)
                return run.status if run is not None and run.is_finished else None

            return wait_until(status)

    def _ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        asked = {"query": query, "variables": variables}
        answer = requests.post(f"{self._made.url}/graphql", json=asked, timeout=PATIENCE).json()
        assert "errors" not in answer, answer
        return answer["data"]


@contextmanager
def deployment(folder: Path, invoices: int) -> Generator[Deployment]:
    """Starts everything but the daemon, which would bring missing days by itself.

    Dagster's instance is then that of the folder in this process, too.
    """
    settings = (TREE / CONFIG).read_text(encoding="utf-8")
    (folder / CONFIG).write_text(settings + AT_ONCE, encoding="utf-8")
    with (
        pytest.MonkeyPatch.context() as patch,
        running_project(folder, invoices=invoices, daemon=False) as project,
    ):
        patch.setenv("DAGSTER_HOME", str(folder))
        env = environment(folder, project.sandbox.env, project.start)
        yield Deployment(folder, project.url, project.sandbox, project.start, env)


def wait_until(done: Callable[[], Any]) -> Any:
    """What `done` gives as soon as that is something. Raises AssertionError after long."""
    give_up = time.monotonic() + PATIENCE
    while not (found := done()):
        assert time.monotonic() < give_up, "it takes too long"
        time.sleep(0.1)
    return found


@contextmanager
def _signals_as_in_a_shell() -> Generator[None]:
    """A process that is started meanwhile heeds Ctrl+C, even where this one was told not to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
