"""What was compared, with both figures: within the page, and with QuickBooks' own reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from qb_assets.books.checks.outcome import BookCheck, Mismatch
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import run_check
from qb_assets.books.inputs import standing_in
from qb_assets.books.model import SCHEMA
from qb_assets.books.page.figures import ZERO, total
from qb_assets.books.page.source import Source
from qb_assets.books.page.statement import Statement
from qb_assets.warehouse.upkeep import transaction
from qb_assets.warehouse.versions import is_there

MOST_ROWS = 200
"""Rows of a list that are shown; how many there are is always told."""

MOST_DOCUMENTS = 60
"""Documents that the ledger differs from, of which the unexplained come first."""

_Seen: TypeAlias = tuple[str, str, date | None]
"""A mismatch: its check, its subject and its day."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two figures that must be the same."""

    check: str
    subject: str
    ours: Decimal
    theirs: Decimal
    as_of: date | None = None
    txn_ids: str = ""
    since: datetime | None = None
    """When a run of the checks first saw that they differ; None where none has."""

    @property
    def difference(self) -> Decimal:
        """Ours less theirs."""
        return self.ours - self.theirs


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check of the books finds of a company, now."""

    check: BookCheck
    compared: int | None
    """How many pairs of figures; None where only the number of all companies is known."""
    ours: Decimal | None
    """The sum of our figures."""
    theirs: Decimal | None
    mismatches: Sequence[Compared]


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of a table of the warehouse, the first ones of how many there are."""

    rows: Sequence[tuple[Any, ...]]
    count: int


@dataclass(frozen=True, slots=True)
class LedgerDifferences:
    """Where the documents and the ledger differ: by reason, and document by document."""

    reasons: Sequence[tuple[str, int, Decimal]]
    """Each reason with its postings and the sum of their absolute differences."""
    documents: Listed


def ties(source: Source, statements: Mapping[str, Statement]) -> list[Compared]:
    """What the statements of a page must agree on among themselves.

    Args:
        source: the company's books.
        statements: by the name of their model, with `ar_aging` and `ap_aging` for the agings.
    """
    sheet, flow = statements["balance_sheet"].totals, statements["cash_flow"].totals
    debits, credits = statements["trial_balance"].totals["Total"]
    income = statements["profit_and_loss"].totals["NetIncome"][-1]
    assets, claims = sheet["Assets"][0], sheet["LiabilitiesAndEquity"][0]
    cash = total((flow["BeginningCash"][-1], flow["Change"][-1]))
    pairs = [
        ("Total assets = total liabilities and equity", assets, claims),
        ("Debits = credits of the trial balance", debits, credits),
        ("Net income of profit and loss = of cash flow", income, flow["NetIncome"][-1]),
        ("Cash before + net change = cash at the end", cash, flow["EndingCash"][-1]),
    ]
    if source.method == "Accrual":
        held = statements["cash_position"].totals["Total"][-1]
        pairs += [
            ("Cash at the end = cash and bank accounts", flow["EndingCash"][-1], held),
            ("Receivables aging = balance sheet", _aged(statements, "ar_aging"), sheet["AR"][0]),
            ("Payables aging = balance sheet", _aged(statements, "ap_aging"), sheet["AP"][0]),
        ]
    return [
        Compared("Within this page", subject, ours or ZERO, theirs or ZERO, source.as_of)
        for subject, ours, theirs in pairs
    ]


def _aged(statements: Mapping[str, Statement], name: str) -> Decimal | None:
    return statements[name].totals["Total"][-1]


def proofs(source: Source) -> list[Proof]:
    """What every check of the books finds of the company until the day, in the checks' order.

    Raises:
        WarehouseError: a table of an entity does not fit the catalog.
    """
    connection, since = source.connection, _first_seen(source)
    inputs = {each for check in checks().values() for each in check.as_model.inputs}
    with transaction(connection), standing_in(connection, inputs):
        sums = {
            check.key: _sums(source, check) for check in checks().values() if not check.function
        }
    found: list[Proof] = []
    for check in checks().values():
        count, ours, theirs, differ = sums.get(check.key, (None, None, None, 1))
        mismatches = run_check(connection, check).mismatches if differ else []
        mine = _of_company(source, check, mismatches, since)
        found.append(Proof(check, count, ours, theirs, mine))
    return found


def _sums(source: Source, check: BookCheck) -> tuple[int, Decimal | None, Decimal | None, int]:
    """How many pairs of figures, the sums of both sides, and how many pairs differ."""
    rows = source.rows(
        "SELECT count(*), CAST(sum(ours) AS DECIMAL(38, 10)),"
        " CAST(sum(theirs) AS DECIMAL(38, 10)), count(*) FILTER (ours <> theirs)"
        f" FROM ({check.statement}) AS compared"
        " WHERE _company = ? AND (as_of IS NULL OR as_of <= ?)",
        source.as_of,
    )
    count, ours, theirs, differ = rows[0]
    return count, ours, theirs, differ


def _of_company(
    source: Source,
    check: BookCheck,
    found: Sequence[Mismatch],
    since: Mapping[_Seen, datetime],
) -> list[Compared]:
    """The company's own, until the day; the last ones first."""
    mine = [
        Compared(
            check.key,
            each.subject,
            each.ours,
            each.theirs,
            each.as_of,
            each.txn_ids or "",
            since.get((check.key, each.subject, each.as_of)),
        )
        for each in found
        if each.company == source.company and (each.as_of or source.as_of) <= source.as_of
    ]
    return sorted(mine, key=lambda each: each.as_of or source.as_of, reverse=True)


def _first_seen(source: Source) -> Mapping[_Seen, datetime]:
    """When runs of the checks first saw what still differs, as far as there were any."""
    if not is_there(source.connection, SCHEMA, "reconciliation"):
        return {}
    rows = source.rows(
        'SELECT "check", subject, as_of, found_at FROM books.reconciliation'
        " WHERE _company = ? AND resolved_at IS NULL"
    )
    return {(check, subject, as_of): at for check, subject, as_of, at in rows}


def ledger_differences(source: Source) -> LedgerDifferences:
    """Where documents and ledger differ until the day."""
    until = "WHERE _company = ? AND txn_date <= ?"
    reasons = source.rows(
        "SELECT reason, count(*), sum(abs(difference)) FROM books.ledger_difference"
        f" {until} GROUP BY reason ORDER BY reason = 'unexplained' DESC, reason",
        source.as_of,
    )
    documents = source.rows(
        "SELECT txn_date, txn_type, txn_id, reason, any_value(detail),"
        " list(DISTINCT account_id) FILTER (account_id IS NOT NULL), sum(greatest(derived, 0)),"
        f" sum(greatest(recorded, 0)), count(*) OVER () FROM books.ledger_difference {until}"
        " GROUP BY txn_date, txn_type, txn_id, reason"
        " ORDER BY reason = 'unexplained' DESC, txn_date DESC, txn_type, txn_id"
        f" LIMIT {MOST_DOCUMENTS}",
        source.as_of,
    )
    count = documents[0][-1] if documents else 0
    return LedgerDifferences([(*row,) for row in reasons], Listed(documents, count))


def restatements(source: Source) -> Listed:
    """What changed in closed months until the day, last found first."""
    if not is_there(source.connection, "reports", "restatement"):
        return Listed([], 0)
    until = "FROM reports.restatement WHERE _company = ? AND month <= ? AND accounting_method = ?"
    rows = source.rows(
        "SELECT month, report, account_id, account_name, before, after, difference, txn_ids,"
        f" since, found_at {until}"
        f" ORDER BY found_at DESC, month DESC, report, account_name LIMIT {MOST_ROWS}",
        source.months[-1],
        source.method,
    )
    ((count,),) = source.rows(f"SELECT count(*) {until}", source.months[-1], source.method)
    return Listed(rows, count)
