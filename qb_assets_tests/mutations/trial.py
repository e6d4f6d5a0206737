"""A company whose books tie, and what the checks find in a corrupted copy of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from qb_assets.books.build import build_models
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import run_check
from qb_assets.books.model import SCHEMA
from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS
from qb_assets.reports.arithmetic import differences
from qb_assets.sandbox.generate import Profile, generate_books
from qb_assets.warehouse.compare import live_amounts
from qb_assets_tests.books.reported import reported_warehouse
from qb_assets_tests.mutations.corruption import Corruption

TODAY = date(2026, 6, 1)
PROFILE = Profile(multi_currency=True, several_controls=True, fiscal_year_start=4, late_edits=True)

_MONEY = (
    "books.posting",
    "books.general_ledger",
    "books.trial_balance",
    "books.profit_and_loss",
    "books.balance_sheet",
    "books.cash_flow",
    "books.ar_aging",
    "books.ap_aging",
    "books.inventory_movements",
    "books.cash_position",
    "books.open_documents",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that a check says is wrong."""

    check: str
    company: str
    text: str
    """Its subject and the documents to look at."""
    figures: str

    def names(self, company: str, name: str) -> bool:
        """Whether it says that something is to be looked at."""
        return self.company == company and bool(
            re.search(rf"(?<![\w:]){re.escape(name)}(?![\w])", self.text)
        )


Findings = frozenset[Finding]


def make_company(path: Path, invoices: int, days: int, months: int, seed: int) -> None:
    """A warehouse with a company's records and reports, and its books."""
    made = generate_books(seed, invoices, TODAY, days, PROFILE)
    with reported_warehouse([made], months, database=str(path)) as connection:
        build_models(connection)


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection as the pipeline's are."""
    connection = duckdb.connect(str(path), config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def corrupted(base: Path, copy: Path, corruptions: Sequence[Corruption]) -> Findings:
    """What the checks find in a copy in which some rows are corrupted.

    The books are made anew of corrupted records and reports; where rows of the books themselves
    are corrupted, all must be, as nothing would be left of it.
    """
    layers = {each.target.layer for each in corruptions}
    assert "books" not in layers or len(layers) == 1
    shutil.copyfile(base, copy)
    with opened(copy) as connection:
        for each in corruptions:
            each.make(connection)
        if any(_is_read(each.target.table) for each in corruptions):
            build_models(connection)
        return findings(connection)


def _is_read(table: str) -> bool:
    """Whether the books are made of a table, directly or through a view."""
    return table.startswith("quickbooks.") or any(
        str(each) == table
        for model in models().values()
        for each in model.inputs
        if each.schema != SCHEMA
    )


def findings(connection: duckdb.DuckDBPyConnection) -> Findings:
    """All that the checks of the books, of the reports' sums and of the amounts say is wrong."""
    return frozenset([*_of_books(connection), *_of_reports(connection), *_of_amounts(connection)])


def seen(corruption: Corruption, new: Findings) -> bool:
    """Whether one of the findings names what was corrupted."""
    return any(each.names(corruption.company, name) for each in new for name in corruption.names)


def money(path: Path) -> str:
    """All that the books say of money, as one number."""
    with opened(path) as connection:
        rows = [
            connection.execute(f"SELECT count(*), sum(hash(t)) FROM {table} AS t").fetchone()
            for table in _MONEY
        ]
    return str(rows)


def _of_books(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for key, check in checks().items():
        for each in run_check(connection, check).mismatches:
            text = f"{each.subject}; {each.txn_ids or ''}"
            yield Finding(f"books/{key}", each.company, text, f"{each.ours} {each.theirs}")


def _of_reports(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    scopes = connection.execute(
        "SELECT _company, list(DISTINCT month) FROM reports.snapshot GROUP BY _company"
    ).fetchall()
    for report in REPORTS.values():
        for company, months in scopes:
            for each in differences(connection, report, company, months):
                text = f"{report.table} {each['month']}; {each['subject']}"
                figures = f"{each['expected']} {each['report']}"
                yield Finding(f"reports/{report.table}.arithmetic", company, text, figures)


def _of_amounts(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """The amounts that the warehouse's check holds against QuickBooks': all are told, and those
    that are as before are told of the whole company, too."""
    companies = connection.execute("SELECT DISTINCT _company FROM books.company").fetchall()
    for entity in ENTITIES.values():
        if not entity.amounts:
            continue
        for (company,) in companies:
            for identity, amounts in live_amounts(connection, entity, None, company).items():
                text = f"{entity.name}:{identity}; {entity.table} {identity}"
                yield Finding(f"warehouse/{entity.table}.amounts", company, text, str(amounts))
