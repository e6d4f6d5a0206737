"""A generated company's books, as they were reported at one moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from qb_assets.catalog.reports import REPORTS, Report
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.reports.fetch import Fetched, Fetcher
from qb_assets.reports.load import ReportLoader
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings

NOW = datetime(2026, 5, 20, 18, tzinfo=timezone.utc)
MONTHS = (date(2026, 4, 1), date(2026, 5, 1))


@dataclass
class Reported:
    """A company's reports in a warehouse."""

    company: str
    connection: duckdb.DuckDBPyConnection
    fetched: list[Fetched]
    calls: int
    said: list[str]
    box: SandboxProcess

    def parts(self, report: Report) -> int:
        """In how many parts a report came at most."""
        return max(f.snapshot.parts for f in self.fetched if f.snapshot.report == report)


def company(report_cells: int = 400_000) -> SandboxProcess:
    """A sandbox with a year of books, always the same ones, without limits of calls."""
    settings = SandboxSettings(
        requests_per_minute=0, concurrent=0, now=NOW, seed=3, report_cells=report_cells
    )
    return start(seed=5, invoices=12, settings=settings)


def report_to(
    box: SandboxProcess,
    folder: Path,
    reports: Sequence[Report] = tuple(REPORTS.values()),
    *,
    extract: str = "20260520T180000000Z-00000000",
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Reported:
    """Fetches and loads reports of two months; the first reaches back to the beginning."""
    settings = Settings.from_environment(box.env)
    store = FileTokenStore(folder / "tokens")
    connect_with_refresh_token(settings, store, box.realm_id, box.env["QB_REFRESH_TOKEN"])
    client = QuickBooksClient(settings, store, box.realm_id)
    lake = Lake.open(str(folder / "lake"))
    calendar = Calendar(MONTHS[0], ZoneInfo("America/Los_Angeles"))
    said: list[str] = []
    fetcher = Fetcher(client, lake, calendar, extract, NOW, progress=said.append)
    fetched, left_out = fetcher.fetch(reports, MONTHS)
    assert not left_out
    connection = connection or duckdb.connect()
    fresh = {
        (each.snapshot.report.name, each.snapshot.month, each.snapshot.name): each.rows
        for each in fetched
        if each.rows is not None
    }
    loader = ReportLoader(connection, lake, box.realm_id, fresh=fresh, seen={})
    for report in reports:
        loader.load(report, MONTHS)
    return Reported(box.realm_id, connection, fetched, client.calls.total(), said, box)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """The reports as they come where each fits into one answer."""
    with company() as box:
        found = report_to(box, tmp_path_factory.mktemp("whole"))
        yield found
        found.connection.close()
