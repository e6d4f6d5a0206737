"""Compares all that is known of companies' books with what QuickBooks reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from qb_assets.books.checks.outcome import BookCheck
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import run_check
from qb_assets_tests.ties.balances import BALANCES
from qb_assets_tests.ties.case import Case
from qb_assets_tests.ties.comparison import Compared, Difference, compare
from qb_assets_tests.ties.ledger import LEDGERS, keep_entries
from qb_assets_tests.ties.made import Company, company_of, warehouse_of
from qb_assets_tests.ties.statements import CASH_FLOWS, SPAN, STATEMENTS

RESTATED = "closed_months_unchanged"
"""The check that tells of edits in closed months: it is right to, and nothing differs for that."""


@dataclass
class Proof:
    """What was compared of some companies."""

    companies: Sequence[Company]
    compared: Sequence[Compared]
    differences: Mapping[str, Sequence[Difference]]
    """By realm Id."""

    def of(self, company: Company) -> Sequence[Difference]:
        """What differs of a company."""
        return self.differences.get(company.realm, ())

    @property
    def documents(self) -> int:
        """How many documents the companies have."""
        return sum(each.documents for each in self.companies)

    @property
    def figures(self) -> Mapping[str, int]:
        """How many figures were compared, by the name of the comparison."""
        return {each.name: each.figures for each in self.compared}


def prove(cases: Sequence[Case]) -> Proof:
    """Makes companies, loads them into one warehouse and compares."""
    companies = [company_of(case) for case in cases]
    with warehouse_of(companies) as connection:
        return proved(connection, companies)


def proved(connection: duckdb.DuckDBPyConnection, companies: Sequence[Company]) -> Proof:
    """Compares all there is in a warehouse whose books are made, and runs the product's checks."""
    compared = compare_all(connection, companies)
    compared += [_checked(connection, each) for each in checks().values()]
    found: dict[str, list[Difference]] = defaultdict(list)
    for each in compared:
        for difference in each.differences:
            found[difference.company].append(difference)
    return Proof(companies, compared, found)


def compare_all(
    connection: duckdb.DuckDBPyConnection, companies: Sequence[Company]
) -> list[Compared]:
    """All comparisons; what they need besides is put into a schema of its own, `ties`."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ties")
    if not _there(connection, "cash_flow"):
        connection.execute(CASH_FLOWS)
    connection.execute("CREATE OR REPLACE TABLE ties.fetched (_company VARCHAR, month DATE)")
    connection.executemany(
        "INSERT INTO ties.fetched VALUES (?, ?)",
        [(company.realm, month) for company in companies for month in company.months],
    )
    connection.execute(SPAN)
    keep_entries(connection, companies)
    return [compare(connection, each) for each in (*LEDGERS, *STATEMENTS, *BALANCES)]


def _checked(connection: duckdb.DuckDBPyConnection, check: BookCheck) -> Compared:
    """What one of the product's own checks compares and finds."""
    outcome = run_check(connection, check)
    name = f"check {check.key}"
    found = [
        Difference(
            name, each.company, (("of", f"{each.subject} {each.as_of}"),), each.ours, each.theirs
        )
        for each in outcome.mismatches
        if check.severity == "ERROR" and check.name != RESTATED
    ]
    return Compared(name, outcome.looked_at, found)


def _there(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables"
        " WHERE table_schema = 'ties' AND table_name = ?",
        [table],
    ).fetchone()
    return found is not None and found[0] > 0
