"""What a page is made of: a company's books, the months it tells of, and the accounts."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from qb_assets.books.inputs import held
from qb_assets.books.model import SCHEMA, Relation
from qb_assets.books.page.figures import ZERO, day
from qb_assets.books.registry import models
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.versions import is_there

METHODS = ("Accrual", "Cash")
MOST_MONTHS = 12
"""Months that fit side by side on a sheet of paper."""

_MAKE_THEM = (
    "Materialize the reports' months in the Dagster UI, then launch the job `books` there, or with"
    " `dagster job execute -m qb_assets.definitions -j books`."
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart."""

    id: str
    name: str
    number: str | None
    path: str
    parent_id: str | None
    statement: str
    section: str
    section_order: int
    sign: int
    """What a debit is multiplied with to be told as the statements do."""
    currency: str | None
    cash_flow_section: str | None

    @property
    def label(self) -> str:
        """Its number, where it has one, and its name."""
        return f"{self.number} {self.name}" if self.number else self.name

    @property
    def order(self) -> tuple[int, str, str]:
        """Its place: by the statement's section, then by number or name."""
        return self.section_order, self.number or "", self.path.casefold()


@dataclass(frozen=True, slots=True)
class Source:
    """A company's books as of a day, and the months that lead up to it.

    Figures are as of the end of that day: what was posted on later days of its month is taken off.
    """

    connection: duckdb.DuckDBPyConnection
    company: str
    name: str
    home_currency: str
    multi_currency: bool
    method: str
    months: tuple[date, ...]
    """The first days of the months, the last one is that of `as_of`."""
    as_of: date
    fetched_at: datetime | None
    """When the ledger was last seen to be as it is here."""
    accounts: Mapping[str, Account]
    later: Mapping[str, tuple[Decimal, Decimal]]
    """What was posted in the last month after the day: home currency and the accounts' own."""

    @property
    def opening(self) -> date:
        """The day before the first month."""
        return self.months[0] - timedelta(days=1)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query that is asked of the company: its first parameter is the realm."""
        return self.connection.execute(statement, [self.company, *values]).fetchall()

    def later_in(self, account_id: str | None) -> Decimal:
        """What was posted to an account after the day, debit positive, home currency."""
        return self.later.get(account_id or "", (ZERO, ZERO))[0]


@contextmanager
def of_this_version() -> Generator[None]:
    """Says what to do where tables of the books were made by another version of the models.

    Raises:
        WarehouseError: a table lacks what is read of it.
    """
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        reason = str(error).splitlines()[0]
        raise WarehouseError(
            f"The books were made by another version: {reason}. {_MAKE_THEM}"
        ) from None


def companies(connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """The realm Ids of the companies that have books.

    Raises:
        WarehouseError: the books were never made, or not all of them.
    """
    there = held(connection)
    missing = [name for name in models() if Relation(SCHEMA, name) not in there]
    if missing:
        which = "no books" if len(missing) == len(models()) else f"no table books.{missing[0]}"
        raise WarehouseError(f"The warehouse has {which} yet. {_MAKE_THEM}")
    rows = connection.execute(f"SELECT DISTINCT _company FROM {SCHEMA}.fiscal_month ORDER BY ALL")
    return [company for (company,) in rows.fetchall()]


def read_source(
    connection: duckdb.DuckDBPyConnection,
    company: str,
    *,
    as_of: date | None = None,
    months: int = MOST_MONTHS,
    method: str = "Accrual",
) -> Source:
    """Finds the company's books and the months asked for.

    Args:
        connection: to the warehouse.
        company: the realm Id.
        as_of: the last day that counts; else the last one of the books, but none after the day on
            which they were fetched.
        months: how many months side by side, the one of `as_of` included; fewer where the books
            begin later.
        method: Accrual or Cash.

    Raises:
        WarehouseError: the books were never made, or hold nothing of the company or the day.
        ValueError: there is no such method, or too many or few months are asked for.
    """
    if method not in METHODS:
        raise ValueError(f"There is no accounting method {method!r}: it is accrual or cash.")
    if not 1 <= months <= MOST_MONTHS:
        raise ValueError(f"{months} months were asked for: 1 to {MOST_MONTHS} fit on a page.")
    if company not in companies(connection):
        raise WarehouseError(
            f"The books hold nothing of company {company}: no ledger was fetched for it."
            f" {_MAKE_THEM}"
        )
    facts = connection.execute(
        "SELECT coalesce(company_name, _company), coalesce(home_currency, ''), multi_currency"
        " FROM books.company WHERE _company = ?",
        [company],
    ).fetchone()
    assert facts is not None
    fetched_at = _fetched(connection, company)
    last_day, chosen = _months(connection, company, as_of, months, fetched_at)
    return Source(
        connection,
        company,
        *facts,
        method=method,
        months=chosen,
        as_of=last_day,
        fetched_at=fetched_at,
        accounts=_accounts(connection, company),
        later=_later(connection, company, method, last_day),
    )


def _months(
    connection: duckdb.DuckDBPyConnection,
    company: str,
    as_of: date | None,
    count: int,
    fetched_at: datetime | None,
) -> tuple[date, tuple[date, ...]]:
    """The last day, and the first days of the months up to it."""
    rows = connection.execute(
        "SELECT month, month_end FROM books.fiscal_month WHERE _company = ? ORDER BY month",
        [company],
    ).fetchall()
    first: date = rows[0][0]
    end: date = rows[-1][1]
    if as_of is None:
        as_of = end if fetched_at is None else max(first, min(end, fetched_at.date()))
    if not first <= as_of <= end:
        raise WarehouseError(
            f"The books of company {company} go from {day(first)} to {day(end)}, and hold no"
            f" {day(as_of)}. Ask for a day between, or fetch the ledger's later months first."
        )
    return as_of, tuple(month for month, _ in rows if month <= as_of)[-count:]


def _fetched(connection: duckdb.DuckDBPyConnection, company: str) -> datetime | None:
    """When the ledger was last fetched, changed or not."""
    moments = [("general_ledger", "_fetched_at", ""), ("snapshot", "seen_at", "general_ledger")]
    found: list[datetime] = []
    for table, column, report in moments:
        if is_there(connection, "reports", table):
            row = connection.execute(
                f"SELECT max({column}) FROM reports.{table} WHERE _company = ?"
                + (f" AND report = '{report}'" if report else ""),
                [company],
            ).fetchone()
            found += [row[0]] if row and row[0] else []
    return max(found, default=None)


def _accounts(connection: duckdb.DuckDBPyConnection, company: str) -> Mapping[str, Account]:
    rows = connection.execute(
        "SELECT account_id, coalesce(name, account_id), number, coalesce(path, name, account_id),"
        " parent_id, statement, section, section_order, sign, currency, cash_flow_section"
        " FROM books.chart_of_accounts WHERE _company = ?",
        [company],
    ).fetchall()
    return {row[0]: Account(*row) for row in rows}


def _later(
    connection: duckdb.DuckDBPyConnection, company: str, method: str, as_of: date
) -> Mapping[str, tuple[Decimal, Decimal]]:
    rows = connection.execute(
        "SELECT coalesce(account_id, ''), sum(amount), sum(coalesce(foreign_amount, 0))"
        " FROM books.general_ledger"
        " WHERE _company = ? AND accounting_method = ? AND month = ? AND txn_date > ?"
        " GROUP BY ALL",
        [company, method, as_of.replace(day=1), as_of],
    ).fetchall()
    return {account: (amount, foreign) for account, amount, foreign in rows}
