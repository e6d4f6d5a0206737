"""Measures one run over a generated company: processor seconds and peak memory, layer by layer.

    python -m qb_assets_tests.bench --invoices 20000

The run happens in a process of its own, so that its memory is its own; the sandbox that it reads
from is another process and is not counted. Dagster's own start is measured beside it and taken off.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from qb_assets.sandbox import process
from qb_assets.sandbox.settings import Settings

ENTITIES = ("invoice", "customer", "payment")


def main(
    invoices: Annotated[int, typer.Option(help="Invoices of the company.")] = 20_000,
    days: Annotated[int, typer.Option(help="Partitions that the history is spread over.")] = 1,
) -> None:
    """Generate a company, load it in one run, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(requests_per_minute=0, concurrent=0)
        with process.start(seed=1, invoices=invoices, settings=settings) as sandbox:
            environment = _environment(Path(folder), sandbox.env, days)
            _child(environment, "connect")
            start = _child(environment, "start")
            load = _child(environment, "load")
            again = _child(environment, "load")
        _print(Path(folder), start, load, again)


def _environment(folder: Path, sandbox: Mapping[str, str], days: int) -> dict[str, str]:
    today = datetime.now(timezone.utc).date()
    return {
        **os.environ,
        **sandbox,
        "DAGSTER_HOME": str(folder / "home"),
        "QB_TOKEN_STORE": str(folder / "tokens"),
        "QB_LAKE_URL": (folder / "lake").as_uri(),
        "QB_WAREHOUSE_URL": f"duckdb:////{folder}/warehouse.duckdb",
        "QB_START_DATE": (today - timedelta(days=days)).isoformat(),
        "QB_REQUESTS_PER_MINUTE": "1000000",
    }


def _child(environment: Mapping[str, str], what: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "qb_assets_tests.bench.run", what],
        env=dict(environment),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _print(
    folder: Path,
    start: Mapping[str, float],
    load: Mapping[str, float],
    again: Mapping[str, float],
) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        tables = ("invoice", "invoice_line", "customer", "payment")
        counts = ", ".join(
            f"{_one(warehouse, f'SELECT count(*) FROM quickbooks.{table}'):,} {table}"
            for table in tables
        )
    print(f"In the warehouse: {counts}")
    print(f"{'':24}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}")
    for name, row in (("Dagster's start", start), ("first load", load), ("the same again", again)):
        print(f"{name:24}{row['cpu']:8.1f}{row['wall']:8.1f}{row['peak']:9.0f}")
    print(f"First load besides Dagster's start: {load['cpu'] - start['cpu']:.1f} CPU s")


def _one(warehouse: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = warehouse.execute(statement).fetchone()
    return row[0] if row else 0


def usage(started: float) -> dict[str, float]:
    """What this process has used: processor and wall seconds, peak memory in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.time() - started,
        "peak": used.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    typer.run(main)
