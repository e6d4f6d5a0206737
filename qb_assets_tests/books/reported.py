"""A warehouse with a generated company's records and all of its reports, made in memory.

The reports are the sandbox's, which it makes from the ledger that was there before the documents;
they come through the pipeline's own reader and table maker.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS, Method, Report
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.quickbooks.reports import Question, keys_asked
from qb_assets.reports.closing import is_closed
from qb_assets.reports.columns import SNAPSHOT, SNAPSHOT_SCHEMA
from qb_assets.reports.ddl import ensure_tables as ensure_reports
from qb_assets.reports.ddl import relation
from qb_assets.reports.long import Origin, long_table, method_of
from qb_assets.reports.months import month_before, period_of
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import GeneratedBooks
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.books.company import USED
from qb_assets_tests.warehouse.records import insert, load_records

ZONE = "America/Los_Angeles"
FETCHED = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)
"""When the records and the reports are fetched: after all changes of a company made until then."""


def reported_warehouse(
    companies: Iterable[GeneratedBooks],
    months: int,
    *,
    database: str = ":memory:",
    reports: Sequence[Report] = tuple(REPORTS.values()),
) -> duckdb.DuckDBPyConnection:
    """Companies' records, and their reports of the last months, the first with all before it."""
    connection = duckdb.connect(database, config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    every = list(companies)
    load_companies(connection, every)
    ensure_reports(connection, reports)
    last = FETCHED.date().replace(day=1)
    chosen = [month_before(last, back) for back in reversed(range(months))]
    for made in every:
        load_reports(connection, made, chosen, reports)
    return connection


def load_companies(
    connection: duckdb.DuckDBPyConnection, companies: Sequence[GeneratedBooks]
) -> None:
    """Adds the records of companies, of the entities that the books are made of."""
    for entity in [each for each in ENTITIES.values() if each.table in USED]:
        ensure_tables(connection, entity)
        records = [
            (made.company.realm_id, record)
            for made in companies
            for record in made.company.records.get(entity.name, ())
        ]
        if records:
            load_records(connection, entity, records)
    ensure_linked_txn(connection, ENTITIES["Payment"])


def load_reports(
    connection: duckdb.DuckDBPyConnection,
    made: GeneratedBooks,
    months: Sequence[date],
    reports: Sequence[Report],
) -> None:
    """Adds a company's reports of some months, in order, the first with all that was before."""
    source = Reports(Books(made.company, Clock(ZONE, FETCHED, frozen=True)), Settings())
    calendar = Calendar(months[0], ZoneInfo(ZONE))
    several = bool(made.company.world and made.company.world.profile.multi_currency)
    for report in reports:
        for month in months:
            for method in report.methods:
                keys = keys_asked(report, several_currencies=several)
                question = Question(report, method, period_of(month, calendar), keys)
                answer = source.answer(report.name, question.params())
                _load(connection, report, month, method, made.company.realm_id, answer.body)


def _load(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    month: date,
    method: Method,
    company: str,
    body: bytes,
) -> None:
    answer = read_report(b"{%b}" % body)
    method = method_of(report, method, answer)
    origin = Origin(company, month, method, "first", FETCHED)
    rows = long_table(report, [(month, answer)], origin)
    insert(connection, relation(report.table), rows)
    snapshot = {
        "_company": company,
        "report": report.table,
        "accounting_method": method,
        "month": month,
        "_snapshot": "first",
        "_fetched_at": FETCHED,
        "seen_at": FETCHED,
        "closed": is_closed(month, at=FETCHED, closed_until=None),
        "rows": rows.num_rows,
        "missing_columns": None,
        "current": True,
    }
    insert(connection, relation(SNAPSHOT), pa.Table.from_pylist([snapshot], schema=SNAPSHOT_SCHEMA))
