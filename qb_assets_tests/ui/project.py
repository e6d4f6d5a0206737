"""The project as a person runs it: a connected company, the webserver and the daemon."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from qb_assets.sandbox import process
from qb_assets.sandbox.process import SandboxProcess

TREE = Path(__file__).resolve().parents[2]
ZONE = "America/Los_Angeles"
DAYS = 7
INVOICES = 40
START_SECONDS = 90
STOP_SECONDS = 20


@dataclass(frozen=True)
class Project:
    """A running project, its QuickBooks, and the folder of its home and its programs' logs."""

    url: str
    company: str
    start: date
    folder: Path
    sandbox: SandboxProcess

    def log(self, program: str) -> str:
        """What `dagster-webserver` or `dagster-daemon` has written so far."""
        return (self.folder / f"{program}.log").read_text(encoding="utf-8")


@contextmanager
def running_project(
    folder: Path, *, start: date | None = None, invoices: int = INVOICES, daemon: bool = True
) -> Generator[Project, None, None]:
    """Starts everything, and stops it at the end; the company is connected by the command.

    Args:
        folder: of the home and of everything that is stored.
        start: the first partition; `DAYS` before today by default.
        invoices: how many the company has.
        daemon: whether it has one.
    """
    start = start or today() - timedelta(days=DAYS)
    port = _free_port()
    workspace = ("-w", str(TREE / "workspace.yaml"))
    with ExitStack() as stack:
        sandbox = stack.enter_context(process.start(seed=3, invoices=invoices))
        variables = environment(folder, sandbox.env, start)
        _connect(sandbox.env, variables)
        programs: dict[str, tuple[str, ...]] = {
            "dagster-webserver": (*workspace, "-h", "127.0.0.1", "-p", str(port))
        }
        if daemon:
            programs["dagster-daemon"] = ("run", *workspace)
        for program, words in programs.items():
            stack.enter_context(_running(folder, variables, program, *words))
        url = f"http://127.0.0.1:{port}"
        project = Project(url, sandbox.realm_id, start, folder, sandbox)
        _wait_until_served(project)
        yield project


def today() -> date:
    """The day it is in the company's time zone."""
    return datetime.now(ZoneInfo(ZONE)).date()


def environment(folder: Path, sandbox: Mapping[str, str], start: date) -> dict[str, str]:
    """This process's environment, without what could lead elsewhere, and the project's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QB_", "DAGSTER_", "AWS_"))}
    given = {name: value for name, value in sandbox.items() if name != "QB_REFRESH_TOKEN"}
    return {
        **kept,
        **given,
        "DAGSTER_HOME": str(folder),
        "QB_TOKEN_STORE": str(folder / "tokens"),
        "QB_LAKE_URL": (folder / "lake").as_uri(),
        "QB_WAREHOUSE_URL": f"duckdb:///{folder / 'warehouse.duckdb'}",
        "QB_START_DATE": start.isoformat(),
        "QB_TIMEZONE": ZONE,
    }


def _connect(sandbox: Mapping[str, str], environment: Mapping[str, str]) -> None:
    words = ["connect", "--company", sandbox["QB_COMPANY"], "--refresh-token", "-"]
    done = subprocess.run(
        [_command("qb-assets"), *words],
        input=sandbox["QB_REFRESH_TOKEN"] + "\n",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def _running(
    folder: Path, environment: Mapping[str, str], program: str, *words: str
) -> Generator[None, None, None]:
    with (folder / f"{program}.log").open("wb") as log:
        running = subprocess.Popen(
            [_command(program), *words],
            cwd=TREE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            running.terminate()
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _wait_until_served(project: Project) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{project.url}/server_info", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise AssertionError(f"no webserver at {project.url}:\n{project.log('dagster-webserver')}")


def _command(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
