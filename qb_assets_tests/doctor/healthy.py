"""A deployment in which nothing is wrong, made of real parts: what faults are planted in."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.types import DaemonHeartbeat

from qb_assets.books.assets import books_key
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.definitions import defs
from qb_assets.doctor.books import LEDGER
from qb_assets.doctor.orchestration import OPTIONAL
from qb_assets.faces import raw_key
from qb_assets.partitions import COMPANY_DIMENSION, Calendar, days_between, key_of
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.reports.assets import report_key
from qb_assets.reports.months import month_key
from qb_assets.warehouse.ddl import SCHEMA, create_table
from qb_assets.warehouse.versions import stamp
from qb_assets_tests.quickbooks.conftest import REALM, a_connection

ROOT = Path(__file__).resolve().parents[2]
ZONE = "America/New_York"
CLIENT_SECRET = "SECRETclientsecret0123456789abcdef"
FETCHED = ("Bill", "Invoice")
NOW = datetime.now(timezone.utc)
TODAY = NOW.astimezone(ZoneInfo(ZONE)).date()
START = TODAY - timedelta(days=3)


@contextmanager
def clock_server(ahead: timedelta = timedelta()) -> Generator[str]:
    """An HTTP server that says 404 to all, and is ahead of this machine's clock."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def date_time_string(self, timestamp: float | None = None) -> str:
            moment = datetime.now(timezone.utc).timestamp() + ahead.total_seconds()
            return super().date_time_string(timestamp or moment)

        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def variables(folder: Path, base_url: str) -> dict[str, str]:
    """The environment of the deployment in a folder."""
    return {
        "DAGSTER_HOME": str(folder / "home"),
        "QB_CLIENT_ID": "the-client-id",
        "QB_CLIENT_SECRET": CLIENT_SECRET,
        "QB_ENVIRONMENT": "sandbox",
        "QB_BASE_URL": base_url,
        "QB_TOKEN_STORE": str(folder / "tokens"),
        "QB_LAKE_URL": (folder / "lake").as_uri(),
        "QB_WAREHOUSE_URL": f"duckdb:///{folder}/warehouse.duckdb",
        "QB_START_DATE": START.isoformat(),
        "QB_TIMEZONE": ZONE,
    }


def make(folder: Path) -> None:
    """A connected company whose days and reports were fetched, its books, and a daemon that runs.

    DAGSTER_HOME must be its home already.
    """
    home = folder / "home"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    FileTokenStore(folder / "tokens").save(a_connection(), replaces=None)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in tables_of(ENTITIES["Term"]):
            connection.execute(create_table(table))
        stamp(connection, ENTITIES["Term"])
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, [REALM])
        for day in days_between(START, TODAY - timedelta(days=1)):
            for name in FETCHED:
                materialized(instance, raw_key(ENTITIES[name]), key_of(REALM, day))
        for month in {START.replace(day=1), TODAY.replace(day=1)}:
            materialized(instance, report_key(LEDGER), month_key(REALM, month))
        materialized(instance, books_key("general_ledger"))
        for schedule in defs.schedules or ():
            if schedule.name not in OPTIONAL:
                instance.add_instigator_state(switched_on(schedule.name))
        beat(instance)


def materialized(
    instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None = None
) -> None:
    """What a run leaves in Dagster that has made an asset."""
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))


def calendar() -> Calendar:
    """The days of the deployment."""
    return Calendar(START, ZoneInfo(ZONE))


def beat(instance: dg.DagsterInstance) -> None:
    """What each part of the daemon says twice a minute."""
    now = datetime.now(timezone.utc).timestamp()  # NOW may be long ago: a daemon that died
    for kind in instance.get_required_daemon_types():
        instance.add_daemon_heartbeat(DaemonHeartbeat(now, kind, None, None))


def switched_on(schedule: str) -> InstigatorState:
    """What the UI stores when a schedule is switched on."""
    target = LoadableTargetOrigin(
        executable_path=sys.executable, module_name="qb_assets.definitions"
    )
    place = RemoteRepositoryOrigin(InProcessCodeLocationOrigin(target), "__repository__")
    return InstigatorState(
        RemoteInstigatorOrigin(place, schedule),
        InstigatorType.SCHEDULE,
        InstigatorStatus.RUNNING,
        ScheduleInstigatorData("0 3 * * *", NOW.timestamp()),
    )
