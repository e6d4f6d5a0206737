"""The whole way on this machine: a local QuickBooks and S3, through every layer and check."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
from rich.console import Console

from qb_assets.automation.headless import Outcome, build_books, fetch_reports, materialize
from qb_assets.automation.home import open_instance, use_dagster_home
from qb_assets.automation.progress import (
    RunProgress,
    fetch_calls,
    print_outcome,
    summary_table,
    tie_out_table,
)
from qb_assets.failures import Cancelled
from qb_assets.partitions import COMPANY_DIMENSION
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.sandbox import object_store, process

FOLDER = Path(".data/demo")
_SECRETS = ("QB_CLIENT_SECRET", "QB_REFRESH_TOKEN")

RECENT_DAYS = 7
"""Days with partitions of their own; everything older is in the first partition."""

REPORTED_DAYS = 90
"""Days whose months have reports of their own; the first month's tell of all before, too."""


def run_demo(console: Console, *, invoices: int, seed: int) -> bool:
    """Runs the main job on a generated company; gives whether everything passed.

    Raises Cancelled where somebody stops it.
    """
    try:
        return _run_demo(console, invoices=invoices, seed=seed)
    except Cancelled:  # which names a command for a deployment of one's own
        raise Cancelled("the demo was stopped. It begins anew with: qb-assets demo") from None


def _run_demo(console: Console, *, invoices: int, seed: int) -> bool:
    shutil.rmtree(FOLDER, ignore_errors=True)
    with _surroundings(console, invoices=invoices, seed=seed) as sandbox:
        company = _connect(console, sandbox)
        sandbox.admin("stats/reset", {})
        with open_instance() as instance:
            synced = _sync(console, instance, company)
            _report(console, synced, sandbox)
            booked = _books(console, instance, company)
    console.print("The sandbox and the S3 server were stopped.")
    console.print(
        "To look around in the Dagster UI, with both running again:"
        " [bold].venv/bin/qb-assets demo --ui[/bold]"
    )
    console.print(f"The warehouse is a DuckDB file: {FOLDER / 'warehouse.duckdb'}")
    return synced.clean and all(outcome.clean for outcome in booked)


def _sync(console: Console, instance: dg.DagsterInstance, company: str) -> Outcome:
    """Brings all entities through every layer."""
    from qb_assets.definitions import calendar_from_environment, defs

    days = calendar_from_environment()
    with RunProgress(console) as progress:
        return materialize(
            defs, instance, days, company, days.start, days.today(), on_event=progress.on_event
        )


def _books(console: Console, instance: dg.DagsterInstance, company: str) -> list[Outcome]:
    """Fetches QuickBooks' own reports, builds the books, and says what ties out."""
    from qb_assets.definitions import defs, report_calendar_from_environment

    months = report_calendar_from_environment()
    console.print(f"Fetching QuickBooks' own reports of {months.start:%Y-%m} to today")
    with RunProgress(console) as progress:
        told = progress.on_event
        fetched = fetch_reports(
            defs, instance, months, company, months.start, months.today(), on_event=told
        )
        built = build_books(defs, instance, on_event=told)
    print_outcome(console, fetched)
    console.print(tie_out_table(built))
    print_outcome(console, built)
    return [fetched, built]


def open_ui(console: Console, *, invoices: int, seed: int, port: int) -> int:
    """Starts the surroundings and the Dagster UI on them, until it is stopped."""
    with _surroundings(console, invoices=invoices, seed=seed) as sandbox:
        company = _connect(console, sandbox)
        with open_instance() as instance:
            instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
        console.print(f"The Dagster UI will be at http://127.0.0.1:{port} (Ctrl-C stops it)")
        words = ["-m", "qb_assets.definitions", "-h", "127.0.0.1", "-p", str(port)]
        dagster = Path(sys.executable).with_name("dagster")
        try:
            return subprocess.run([str(dagster), "dev", *words], check=False).returncode
        except KeyboardInterrupt:
            return 0


@contextmanager
def _surroundings(
    console: Console, *, invoices: int, seed: int
) -> Generator[process.SandboxProcess, None, None]:
    """A local QuickBooks, a local lake and a Dagster home of its own, set in the environment."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = FOLDER.resolve()
    with ExitStack() as stack:
        console.print(f"Starting a local QuickBooks with {invoices:,} invoices (seed {seed})")
        sandbox = stack.enter_context(process.start(seed=seed, invoices=invoices))
        settings = {
            **{name: text for name, text in sandbox.env.items() if name not in _SECRETS},
            "QB_CLIENT_SECRET_FILE": str(_kept(home, sandbox.env["QB_CLIENT_SECRET"])),
            "DAGSTER_HOME": str(home),
            "QB_TOKEN_STORE": str(home / "tokens"),
            "QB_WAREHOUSE_URL": f"duckdb:///{home / 'warehouse.duckdb'}",
            "QB_START_DATE": _recent(RECENT_DAYS).isoformat(),
            "QB_REPORTS_START_DATE": _recent(REPORTED_DAYS).isoformat(),
        }
        if object_store.available():
            console.print("Starting a local S3 server (SeaweedFS)")
            settings |= stack.enter_context(object_store.SeaweedServer(home / "s3")).env
        else:
            console.print("There is no SeaweedFS for this platform: the lake is a local folder")
            settings["QB_LAKE_URL"] = (home / "lake").as_uri()
        before = dict(os.environ)
        os.environ.update(settings)
        stack.callback(_restore, before)
        use_dagster_home()
        yield sandbox


def _kept(folder: Path, secret: str) -> Path:
    """A file that only this user can read; the environment of a process others can read, too."""
    file = folder / "client_secret"
    file.touch(mode=0o600)
    file.write_text(secret)
    return file


def _recent(days: int) -> date:
    return datetime.now(timezone.utc).date() - timedelta(days=days)


def _restore(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _connect(console: Console, sandbox: process.SandboxProcess) -> str:
    from qb_assets.quickbooks.resource import QuickBooksResource

    resource = QuickBooksResource()
    connection = connect_with_refresh_token(
        resource.settings(),
        resource.token_store(),
        sandbox.realm_id,
        sandbox.env["QB_REFRESH_TOKEN"],
    )
    console.print(f"Connected company {connection.realm}: {connection.name}")
    return connection.realm


def _report(console: Console, outcome: Outcome, sandbox: process.SandboxProcess) -> None:
    console.print(summary_table(outcome))
    print_outcome(console, outcome)
    stats = sandbox.admin("stats")
    fetched = fetch_calls(outcome)
    console.print(
        f"Metered calls: {fetched} to fetch everything, {stats['metered'] - fetched} for the checks"
    )
