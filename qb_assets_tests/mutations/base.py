"""A company whose books tie: its records and reports in a lake, and the warehouse made of them."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from qb_assets.books.build import build_models
from qb_assets.catalog import ENTITIES, Entity, tables_of
from qb_assets.catalog.reports import REPORTS, Method, Report
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.partitions import Calendar, CompanyDays, days_between
from qb_assets.quickbooks.envelope import fetched
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.quickbooks.reports import Question, keys_asked
from qb_assets.raw.landing import Extract, Landing
from qb_assets.reports.load import ReportLoader
from qb_assets.reports.long import Origin, long_table
from qb_assets.reports.months import month_before, period_of
from qb_assets.reports.snapshots import Said, Snapshot, digest_of, packed, write_snapshot
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import GeneratedBooks, Profile, generate_books
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.load import load
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.books.company import USED
from qb_assets_tests.warehouse.records import insert

ZONE = ZoneInfo("America/Los_Angeles")
TODAY = date(2026, 6, 1)
FETCHED = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)
"""When the records and the reports are fetched: after all changes of the company."""
EXTRACT = Extract("20260601T200000000Z-00000000", FETCHED)
CALENDAR = Calendar(TODAY - timedelta(days=7), ZONE)
"""A week of days of their own; the first one has all that was changed last before it."""
DAYS = tuple(days_between(CALENDAR.start, TODAY))
PROFILE = Profile(multi_currency=True, several_controls=True, fiscal_year_start=4, late_edits=True)
DRAWN_TOO = ("Estimate", "PurchaseOrder")
"""Entities that the books do not read, and of which amounts are corrupted, too."""
HELD = [each for each in ENTITIES.values() if each.table in USED or each.name in DRAWN_TOO]


@dataclass(frozen=True, slots=True)
class Base:
    """Where a company's lake and warehouse are."""

    folder: Path
    company: str

    @property
    def lake(self) -> Lake:
        """The lake, whose objects are replaced and never written to."""
        return Lake.open(str(self.folder / "lake"))

    @property
    def scope(self) -> CompanyDays:
        """All days of the company."""
        return CompanyDays(self.company, DAYS)

    def opened(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """A connection to the warehouse as the pipeline's are."""
        path = str(self.folder / "warehouse.duckdb")
        connection = duckdb.connect(path, read_only=read_only, config={"threads": 1})
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        return connection

    def copied(self, folder: Path) -> Base:
        """A copy to corrupt, in a new folder; the lake's objects are shared until replaced."""
        folder.mkdir(parents=True)
        shutil.copyfile(self.folder / "warehouse.duckdb", folder / "warehouse.duckdb")
        shutil.copytree(self.folder / "lake", folder / "lake", copy_function=os.link)
        return replace(self, folder=folder)


def make_base(
    folder: Path, invoices: int, days: int, months: int, seed: int, *, histories: bool = True
) -> Base:
    """A company through all layers, by the product's own code, without servers in between.

    Its reports are of the last months, the first with all that was before. Without histories the
    records are put into their tables as they are, which takes a quarter of the time.
    """
    made = generate_books(seed, invoices, TODAY, days, PROFILE)
    folder.mkdir()
    base = Base(folder, made.company.realm_id)
    with base.opened() as connection:
        for entity in HELD:
            _land(base, made, entity)
            build(base.lake, entity, base.scope)
            if histories:
                load(connection, base.lake, entity, base.scope)
            else:
                _fill(connection, base, entity)
        ensure_linked_txn(connection, ENTITIES["Payment"])
        last = TODAY.replace(day=1)
        chosen = [month_before(last, back) for back in reversed(range(months))]
        source = Reports(Books(made.company, Clock(ZONE.key, FETCHED, frozen=True)), Settings())
        for report in REPORTS.values():
            for month in chosen:
                for method in report.methods:
                    _keep(base, source, report, month, method, Calendar(chosen[0], ZONE))
            load_report(connection, base, report, chosen)
        build_models(connection)
    return base


def load_report(
    connection: duckdb.DuckDBPyConnection, base: Base, report: Report, months: list[date]
) -> None:
    """Loads snapshots that the warehouse has not taken in from the lake."""
    ReportLoader(connection, base.lake, base.company, fresh={}, seen={}).load(report, months)


def _land(base: Base, made: GeneratedBooks, entity: Entity) -> None:
    landing = Landing(base.lake, CALENDAR, entity, base.company, DAYS, EXTRACT)
    records = made.company.records.get(entity.name, ())
    landing.add([fetched(record.body, entity) for record in records], "query")
    landing.flush()


def _fill(connection: duckdb.DuckDBPyConnection, base: Base, entity: Entity) -> None:
    """Puts all rows of the normalized objects into the warehouse's tables."""
    ensure_tables(connection, entity)
    for table in tables_of(entity):
        objects = layout.all_objects(base.lake, layout.NORMALIZED, table.name, base.company)
        for data in base.lake.read_many([each.path for each in objects]):
            insert(connection, f"quickbooks.{table.name}", parquet.decode(data))
    connection.execute(
        f"UPDATE quickbooks.{entity.table}"
        " SET _values_changed_at = _changed_at, _values_extracted_at = _extracted_at"
    )


def _keep(
    base: Base, source: Reports, report: Report, month: date, method: Method, calendar: Calendar
) -> None:
    """Asks for a report and keeps the answer as a snapshot."""
    keys = keys_asked(report, several_currencies=PROFILE.multi_currency)
    period = period_of(month, calendar)
    question = Question(report, method, period, keys)
    body = b"{%b}" % source.answer(report.name, question.params()).body
    snapshot = Snapshot(report, base.company, month, method, EXTRACT.id, 1)
    origin = Origin(base.company, month, method, snapshot.name, FETCHED)
    rows = long_table(report, [(period.first, read_report(body))], origin)
    parts = [packed(period.first, period.last, question.params(), body)]
    write_snapshot(base.lake, snapshot, parts, Said(digest_of(rows), FETCHED, None))
