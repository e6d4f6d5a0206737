"""Whether a report adds up in itself: its sums, its debits and credits, its balances.

Every function gives the differences of some months of a company, as rows for a check; a figure that
a report leaves blank is not compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

import duckdb

from qb_assets.catalog.reports import Report
from qb_assets.findings import Value
from qb_assets.reports.columns import DATA, HEADER, JOINT
from qb_assets.reports.ddl import relation

Difference = dict[str, Value]
_ZERO = Decimal(0)
_OF = "_company = ? AND list_contains(?, month)"
_BASIS = "month, accounting_method"

FORMULAS: dict[str, tuple[tuple[str, int], ...]] = {
    "GrossProfit": (("Income", 1), ("COGS", -1)),
    "NetOperatingIncome": (("GrossProfit", 1), ("Expenses", -1)),
    "NetOtherIncome": (("OtherIncome", 1), ("OtherExpenses", -1)),
    "NetIncome": (("NetOperatingIncome", 1), ("NetOtherIncome", 1)),
    "TotalLiabilitiesAndEquity": (("TotalAssets", 1),),
    "CashIncrease": (
        ("OperatingActivities", 1),
        ("InvestingActivities", 1),
        ("FinancingActivities", 1),
    ),
    "EndingCash": (("CashIncrease", 1), ("BeginningCash", 1)),
}
"""What the groups of the statements are made of, which hold no rows of their own."""

_ROOT = "GrandTotal"


def differences(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """Everything in the months of a report that does not add up."""
    if report.kind == "summary":
        yield from _sums_of_cells(connection, report, company, months)
        if report.required == ("debit", "credit"):
            yield from _columns_differ(connection, report, company, months)
        elif "current" in report.required:
            yield from _ages_differ(connection, report, company, months)
        return
    yield from _sums_of_postings(connection, report, company, months)
    yield from _sums_outside(connection, report, company, months)
    names = {column.name for column in report.columns if column.name in report.required}
    if {"debit", "credit"} <= names:
        yield from _debits_differ(connection, report, company, months)
    if report.has_balances:
        yield from _balances_differ(connection, report, company, months)


def _debits_differ(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """Debits and credits, of everything and of each transaction."""
    txn = ", txn_type, txn_id" if report.says_once else ", NULL AS txn_type, NULL AS txn_id"
    found = connection.execute(
        f"SELECT {_BASIS}{txn}, coalesce(sum(debit), 0) AS debits, coalesce(sum(credit), 0) AS"
        f" credits FROM {relation(report.table)} WHERE {_OF} AND row_kind = 'posting'"
        f" GROUP BY ALL HAVING debits <> credits ORDER BY ALL",
        [company, list(months)],
    ).fetchall()
    for month, method, kind, identity, debits, credits in found:
        subject = f"{kind}:{identity}" if identity else "the whole report"
        yield _difference(company, month, method, f"debits of {subject}", credits, debits)


def _balances_differ(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The balance after each posting, which is that of the row before and the posting's amount.

    Each row is held against the one before it alone, so that a wrong one is told once or twice and
    not with all that follow.
    """
    found = connection.execute(
        f"WITH told AS (SELECT {_BASIS}, path, account_id, row_number, row_kind, txn_type, txn_id,"
        " balance, balance - coalesce(sum(amount) FILTER (row_kind = 'posting') OVER before, 0)"
        f" AS begun FROM {relation(report.table)} WHERE {_OF} AND row_kind <> 'summary'"
        " AND account_id IS NOT NULL"
        f" WINDOW before AS (PARTITION BY {_BASIS}, path, account_id ORDER BY row_number)),"
        " compared AS (SELECT *, coalesce(lag(begun IGNORE NULLS) OVER"
        f" (PARTITION BY {_BASIS}, path, account_id ORDER BY row_number), 0) AS begun_before"
        " FROM told)"
        f" SELECT {_BASIS}, path, account_id, txn_type, txn_id, balance - begun + begun_before,"
        " balance FROM compared WHERE row_kind = 'posting' AND begun <> begun_before"
        f" ORDER BY {_BASIS}, row_number",
        [company, list(months)],
    ).fetchall()
    for month, method, path, account, kind, identity, expected, stated in found:
        subject = f"balance of account {account or path} after {kind}:{identity}"
        yield _difference(company, month, method, subject, expected, stated)


def _sums_of_postings(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The sum of each section, and the rows in it."""
    names = _added(report)
    columns = ", ".join(names)
    totals = ", ".join(f"sum({name})" for name in names)
    table = relation(report.table)
    own: dict[tuple[date, str], dict[str, list[Decimal | None]]] = defaultdict(dict)
    for month, method, path, *figures in connection.execute(
        f"SELECT {_BASIS}, path, {totals} FROM {table} WHERE {_OF} AND row_kind = 'posting'"
        " GROUP BY ALL",
        [company, list(months)],
    ).fetchall():
        own[month, method][path] = figures
    sums = connection.execute(
        f"SELECT {_BASIS}, path, row_number = max(row_number) OVER (PARTITION BY {_BASIS}, path),"
        f" {columns} FROM {table} WHERE {_OF} AND row_kind = 'summary' AND path <> ''"
        f" ORDER BY {_BASIS}, row_number",
        [company, list(months)],
    ).fetchall()
    for month, method, path, whole, *stated in sums:
        # A parent's own rows have a sum by themselves, which comes before that of them all.
        inside = [
            figures
            for at, figures in own[month, method].items()
            if at == path or (whole and at.startswith(path + JOINT))
        ]
        for place, (name, figure) in enumerate(zip(names, stated, strict=True)):
            added = sum((each[place] or _ZERO for each in inside), _ZERO)
            if figure is not None and figure != added:
                yield _difference(company, month, method, f"{name} of {path}", added, figure)


def _sums_outside(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The sums that stand in no section: of the rows since the last one, or of all where none are.

    A journal has one after each transaction, and other reports one at their end.
    """
    names = _added(report)
    whole = f"PARTITION BY {_BASIS}"
    before = f"{whole} ORDER BY row_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    since = f"PARTITION BY {_BASIS}, part"
    parts = ", ".join(f"coalesce(sum({name}) {{0}} OVER ({since}), 0)" for name in names)
    wholes = ", ".join(f"coalesce(sum({name}) {{0}} OVER ({whole}), 0)" for name in names)
    posting = "FILTER (row_kind = 'posting')"
    found = connection.execute(
        "WITH numbered AS (SELECT *, count(*) FILTER (row_kind = 'summary' AND path = '')"
        f" OVER ({before}) AS part FROM {relation(report.table)} WHERE {_OF}),"
        f" added AS (SELECT {_BASIS}, row_number, row_kind, path,"
        f" count(*) {posting} OVER ({since}) = 0 AS at_end, [{', '.join(names)}] AS stated,"
        f" [{parts.format(posting)}] AS of_part, [{wholes.format(posting)}] AS of_all"
        " FROM numbered)"
        f" SELECT {_BASIS}, row_number, stated, if(at_end, of_all, of_part) FROM added"
        " WHERE row_kind = 'summary' AND path = '' ORDER BY ALL",
        [company, list(months)],
    ).fetchall()
    for month, method, row, stated, added in found:
        for name, figure, sum_ in zip(names, stated, added, strict=True):
            if figure is not None and figure != sum_:
                yield _difference(company, month, method, f"{name} of row {row}", sum_, figure)


def _added(report: Report) -> list[str]:
    """The columns of a detail report that have sums in home currency."""
    names = ("debit", "credit", "amount", "open_balance")
    return [column.name for column in report.columns if column.name in names]


@dataclass(slots=True)
class _Open:
    """A section that is being added up."""

    path: str
    group: str | None
    added: Decimal


def _sums_of_cells(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The sum of each section of each column, and the groups that are made of other groups."""
    rows = connection.execute(
        f'SELECT {_BASIS}, column_key, row_kind, "group", path, coalesce(row_id, row_name), amount'
        f" FROM {relation(report.table)} WHERE {_OF} ORDER BY {_BASIS}, column_key, row_number",
        [company, list(months)],
    ).fetchall()
    for (month, method, column), cells in groupby(rows, key=lambda row: row[:3]):
        for subject, expected, stated in added_up([cell[3:] for cell in cells]):
            yield _difference(company, month, method, f"{column} of {subject}", expected, stated)


def added_up(
    cells: Sequence[tuple[str, str | None, str, str | None, Decimal | None]],
) -> Iterator[tuple[str, Decimal, Decimal]]:
    """What does not add up in one column, from top to bottom: the sum, what it should be and is.

    A cell is (row_kind, group, path, Id or name of the row, amount).
    """
    stack = [_Open("", _ROOT, _ZERO)]
    groups: dict[str, Decimal] = {}
    for kind, group, path, name, amount in cells:
        while len(stack) > 1 and not f"{path}{JOINT}".startswith(f"{stack[-1].path}{JOINT}"):
            last = stack.pop()
            stack[-1].added += last.added
        if kind == HEADER:
            stack.append(_Open(path, group, amount or _ZERO))
        elif kind == DATA:
            stack[-1].added += amount or _ZERO
        else:
            expected: Decimal | None = None
            top = stack[-1]
            if len(stack) > 1 and top.path == path and top.group == group:
                stack.pop()
                stack[-1].added += top.added
                expected = top.added
            elif group == _ROOT:
                expected = stack[0].added
            if group in FORMULAS and (expected is None or group == "TotalLiabilitiesAndEquity"):
                made = sum((groups.get(each, _ZERO) * s for each, s in FORMULAS[group]), _ZERO)
                if amount is not None and amount != made:
                    yield f"{name or group}, made of other groups", made, amount
            if group:
                groups[group] = amount or _ZERO
            if expected is not None and amount is not None and amount != expected:
                yield name or group or path, expected, amount


def _columns_differ(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The debits and the credits of a trial balance."""
    found = connection.execute(
        f"SELECT {_BASIS}, coalesce(sum(amount) FILTER (column_key = 'debit'), 0) AS debits,"
        " coalesce(sum(amount) FILTER (column_key = 'credit'), 0) AS credits"
        f" FROM {relation(report.table)} WHERE {_OF} AND row_kind IN ('data', 'header')"
        " GROUP BY ALL HAVING debits <> credits ORDER BY ALL",
        [company, list(months)],
    ).fetchall()
    for month, method, debits, credits in found:
        yield _difference(company, month, method, "debits of the whole report", credits, debits)


def _ages_differ(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Difference]:
    """The ages of each customer or vendor, and their total."""
    found = connection.execute(
        f"SELECT {_BASIS}, path, row_kind, coalesce(row_id, row_name) AS of,"
        " coalesce(sum(amount) FILTER (column_key <> 'total'), 0) AS ages,"
        " sum(amount) FILTER (column_key = 'total') AS total"
        f" FROM {relation(report.table)} WHERE {_OF}"
        " GROUP BY ALL HAVING ages <> total ORDER BY ALL",
        [company, list(months)],
    ).fetchall()
    for month, method, _, _, of, ages, total in found:
        yield _difference(company, month, method, f"total of {of}", ages, total)


def _difference(
    company: str, month: date, method: str, subject: str, expected: Decimal, stated: Decimal
) -> Difference:
    return {
        "company": company,
        "month": f"{month:%Y-%m}",
        "accounting_method": method,
        "subject": subject,
        "expected": f"{expected:f}",
        "report": f"{stated:f}",
        "difference": f"{stated - expected:f}",
    }
