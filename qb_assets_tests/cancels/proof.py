"""What must be true of a backfill that was stopped, and after the one that went on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import dagster as dg

from qb_assets.lake import parquet
from qb_assets.lake.store import Lake
from qb_assets_tests.cancels.backfills import ENTITIES, Backfill, Deployment
from qb_assets_tests.pipeline.truth import Warehouse, differences, expected_of, read_records

GOOD = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED)


def stop_and_go_on(made: Deployment, backfill: Backfill, moment: float) -> list[str]:
    """Stops a backfill of an empty lake so many seconds after its first call, and goes on.

    Returns what is wrong.
    """
    made.clear()
    backfill.start()
    time.sleep(moment)
    wrong = [*backfill.stop(), *_held(), *_torn(made)]
    made.sandbox.admin("stats/reset", {})
    backfill.go_on()
    backfill.end()
    return [*wrong, *_untrue(made)]


def _held() -> Iterator[str]:
    """Places in pools that the stopped run still has, and runs that are not over."""
    with dg.DagsterInstance.get() as instance:
        for run_id in instance.event_log_storage.get_concurrency_run_ids():
            yield f"run {run_id} has a place in a pool"
        for run in instance.get_runs():
            if run.status not in GOOD:
                yield f"run {run.run_id} is {run.status.value}"


def _torn(made: Deployment) -> Iterator[str]:
    """Objects of the lake that are not whole."""
    lake = Lake.open((made.folder / "lake").as_uri())
    for found in lake.list():
        try:
            parquet.decode(lake.read(found.path))
        except (OSError, ValueError) as error:  # Arrow's own are these
            yield f"{found.path}: {error}"


def _untrue(made: Deployment) -> list[str]:
    """What differs between the warehouse and QuickBooks."""
    books = {name: read_records(made.sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES}
    with Warehouse(made.folder / "warehouse.duckdb") as warehouse:
        return differences(warehouse, expected_of(books, warehouse.tables()), made.company)
