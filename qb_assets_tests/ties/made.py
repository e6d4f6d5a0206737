"""Companies in one warehouse, by the product's own code, without servers in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timezone
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from qb_assets.books.build import build_models
from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS, Method, Report
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.calls import report_call
from qb_assets.quickbooks.report_answer import ReportAnswer, read_report
from qb_assets.quickbooks.reports import ReportReader
from qb_assets.reports.ddl import ensure_tables as ensure_reports
from qb_assets.reports.long import Origin, long_table, method_of
from qb_assets.reports.months import month_before, period_of
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import generate_books
from qb_assets.sandbox.generate.world import World
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.ties.case import Case
from qb_assets_tests.ties.edits import edit
from qb_assets_tests.warehouse.records import insert, insert_all, load_records

ZONE = "America/Los_Angeles"
FETCHED = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)
SNAPSHOT = "the only one"
_READ = {relation.name for model in models().values() for relation in model.inputs}
READ = [entity for entity in ENTITIES.values() if entity.table in _READ]
"""The entities that the books are made of."""

CASH_FLOW = replace(REPORTS["CashFlow"], methods=("Accrual", "Cash"), preferred_basis=False)
"""QuickBooks documents no basis for the cash flow, so that it comes in the one that the company
prefers; the sandbox knows both."""


@dataclass(frozen=True)
class Company:
    """A company as the sandbox has it."""

    case: Case
    books: Books
    world: World

    @property
    def realm(self) -> str:
        """Its realm Id."""
        return self.books.realm_id

    @property
    def months(self) -> Sequence[date]:
        """The months whose reports are fetched, first days, oldest first."""
        first = self.world.calendar.first.replace(day=1)
        last = self.case.today.replace(day=1)
        found = [last]
        while found[0] > first and len(found) < self.case.months:
            found.insert(0, month_before(found[0]))
        return found

    @property
    def documents(self) -> int:
        """How many documents it has."""
        return sum(map(len, self.world.documents.values()))


class Source:
    """The sandbox's reports, answered as over HTTP."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def report(self, name: str, params: Mapping[str, str], *, divisible: bool = False) -> bytes:
        """The answer's bytes; raises ReportTooLarge, as the client does."""
        body = b"{%b}" % self._reports.answer(name, params).body
        return report_call(name, params, divisible=divisible).read(body)


def company_of(case: Case, *, edited: bool = True) -> Company:
    """Makes a company from its seed, and edits it unless told not to."""
    made = generate_books(case.seed, case.invoices, case.today, case.days, case.profile)
    noon = datetime.combine(case.today, time(12), ZoneInfo(ZONE))
    books = Books(made.company, Clock(ZONE, noon, frozen=True))
    if edited:
        edit(books, made.world, case.seed, case.edits)
    return Company(case, books, made.world)


def warehouse_of(companies: Sequence[Company]) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with companies' documents, reports and books."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    _load_documents(connection, companies)
    ensure_reports(connection, REPORTS.values())
    connection.execute("CREATE SCHEMA ties")
    connection.execute("CREATE TABLE ties.cash_flow AS FROM reports.cash_flow LIMIT 0")
    for company in companies:
        reader = _reader(company)
        for report in REPORTS.values():
            answered = list(_answered(company, reader, report))
            rows = pa.concat_tables([each.rows for each in answered])
            insert(connection, f"reports.{report.table}", rows)
            insert_all(connection, "reports.snapshot", [_noted(company, each) for each in answered])
        flows = [each.rows for each in _answered(company, reader, CASH_FLOW)]
        insert(connection, "ties.cash_flow", pa.concat_tables(flows))
    build_models(connection)
    return connection


def _load_documents(connection: duckdb.DuckDBPyConnection, companies: Sequence[Company]) -> None:
    for entity in READ:
        ensure_tables(connection, entity)
        records = [
            (company.realm, row.record)
            for company in companies
            if (shelf := company.books.shelf(entity.name)) is not None
            for row in shelf.rows.values()
        ]
        if records:
            load_records(connection, entity, records)
    ensure_linked_txn(connection, ENTITIES["Payment"])


def _reader(company: Company) -> ReportReader:
    settings = Settings(seed=company.case.seed, report_cells=company.case.cells)
    return ReportReader(
        Source(Reports(company.books, settings)),
        several_currencies=company.case.profile.multi_currency,
        all_accounts=lambda: list(company.world.account_ids),
    )


@dataclass(frozen=True)
class Answered:
    """A report of a month on one basis."""

    report: Report
    month: date
    method: Method
    rows: pa.Table


def _answered(company: Company, reader: ReportReader, report: Report) -> Iterator[Answered]:
    """A report of every month, in both bases where it has them."""
    months = company.months
    calendar = Calendar(months[0], ZoneInfo(ZONE))
    for month in months:
        for method in report.methods:
            answers: Iterator[tuple[date, ReportAnswer]] = (
                (each.question.period.first, read_report(each.body))
                for each in reader.read(report, method, period_of(month, calendar))
            )
            told = list(answers)
            said = method_of(report, method, told[0][1])
            origin = Origin(company.realm, month, said, SNAPSHOT, FETCHED)
            yield Answered(report, month, said, long_table(report, told, origin))


def _noted(company: Company, answered: Answered) -> dict[str, Any]:
    """What the load of a report notes of it."""
    return {
        "_company": company.realm,
        "report": answered.report.table,
        "accounting_method": answered.method,
        "month": answered.month,
        "_snapshot": SNAPSHOT,
        "_fetched_at": FETCHED,
        "seen_at": FETCHED,
        "closed": False,
        "rows": answered.rows.num_rows,
        "current": True,
    }
