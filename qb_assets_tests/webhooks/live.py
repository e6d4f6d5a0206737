"""The whole way with Dagster's own daemon: a change, a webhook, a run, a row of the warehouse."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb

from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets_tests.pipeline.surroundings import Surroundings, foreign_environment
from qb_assets_tests.quickbooks.webhooks import VERIFIER, server

PATIENCE = 240.0
NAME = "Told by a webhook"


def seconds_until_it_arrives(folder: Path) -> dict[str, float]:
    """The seconds from a change in QuickBooks to its row, and from its delete to the mark.

    Raises TimeoutError where a change does not arrive.
    """
    day = (datetime.now(timezone.utc) - timedelta(days=2)).date().isoformat()
    with start(invoices=3) as sandbox:
        there = Surroundings(folder, day, sandbox.env)
        _connect(there, sandbox)
        with server(str(folder / "tokens" / "webhooks.db")) as (url, _), _daemon(there):
            hook = {"url": url, "verifier": VERIFIER, "repeats": 0.5, "delay": 2, "disorder": True}
            sandbox.admin("webhooks", hook)
            fields = {"DisplayName": NAME}
            made = sandbox.admin("create", {"entity": "Customer", "fields": fields})["Id"]
            came = _wait_for(there, made, "live")
            sandbox.admin("edit", {"entity": "Customer", "id": made, "fields": {"Active": False}})
            changed = _wait_for(there, made, "inactive")
    return {"created": came, "made inactive": changed}


def _connect(there: Surroundings, sandbox: SandboxProcess) -> None:
    words = ("connect", "--company", sandbox.realm_id, "--refresh-token", "-")
    done = there.command(*words, typed=sandbox.env["QB_REFRESH_TOKEN"])
    assert done.returncode == 0, done.stderr


@contextmanager
def _daemon(there: Surroundings) -> Generator[None, None, None]:
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run"]
    with (there.folder / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-m", "qb_assets.definitions"],
            cwd=there.folder,
            env=_environment(there.env),
            stdout=log,
            stderr=log,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    given = {name: text for name, text in more.items() if name != "QB_REFRESH_TOKEN"}
    return {**foreign_environment(), **given}


def _wait_for(there: Surroundings, id: str, state: str) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        time.sleep(2)
        if there.warehouse_file.exists() and _state(there, id) == state:
            return time.monotonic() - begun
    log = (there.folder / "daemon.log").read_text(encoding="utf-8")
    raise TimeoutError(f"the customer is not {state} after {PATIENCE:.0f} s. The daemon:\n{log}")


def _state(there: Surroundings, id: str) -> object:
    try:
        with there.warehouse() as warehouse:
            rows = warehouse.rows("customer", f"id = '{id}'")
    except (duckdb.IOException, duckdb.CatalogException):  # a run writes it; has not made the table
        return None
    return rows[0]["_state"] if rows else None
