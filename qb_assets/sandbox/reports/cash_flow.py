"""CashFlow: from the net income to the change of the money in bank and Undeposited Funds."""

from __future__ import annotations

from qb_assets.sandbox.generate.model import Account

from .frame import Body, Frame
from .statement import Amounts, Part, Statement, add, columns_of, ranges_of

_OPERATING = (
    "Accounts Receivable",
    "Other Current Asset",
    "Accounts Payable",
    "Credit Card",
    "Other Current Liability",
)
_INVESTING = ("Fixed Asset", "Other Asset")
_FINANCING = ("Long Term Liability", "Equity")
_ADJUSTMENTS = "Adjustments to reconcile Net Income to Net Cash provided by operations:"
_PROVIDED = "Net cash provided by {} activities"


def cash_flow(frame: Frame) -> Body:
    """The report, for the whole range or month by month with a total.

    An account's change counts by its type alone: what is receivable, payable and current is of
    operations, other assets of investing, long-term liabilities and equity of financing. Only
    Undeposited Funds is cash like a bank account.
    """
    ranges, request, view = ranges_of(frame), frame.request, frame.view

    def change(account: Account) -> Amounts:
        history, held = view.history(account.id), is_cash(account)
        return [
            None if held or not history.moves(*days) else -view.movement(account.id, *days)
            for days in ranges
        ]

    def cash(*, before: bool) -> Amounts:
        histories = [view.history(account.id) for account in frame.chart.all if is_cash(account)]
        return [
            sum(one.before(start) if before else one.upto(end) for one in histories)
            for start, end in ranges
        ]

    statement = Statement(frame, change, len(ranges))
    flows = _flows(statement, [view.profit(*days) for days in ranges])
    line = statement.line
    parts = [
        *flows,
        line("Net cash increase for period", "CashIncrease", _sum(flows, statement)),
        line("Cash at beginning of period", "BeginningCash", cash(before=True)),
        line("Cash at end of period", "EndingCash", cash(before=False)),
    ]
    count = len(view.between(request.start, request.end))
    rows = [row for part in parts for row in part.rows] if count else []
    return Body(columns_of(frame), rows, count, request.start, request.end, by_columns=True)


def is_cash(account: Account) -> bool:
    """Whether an account holds money."""
    return account.kind == "Bank" or account.subtype == "UndepositedFunds"


def _flows(statement: Statement, profit: Amounts) -> list[Part]:
    whole, accounts = statement.whole, statement.accounts
    adjustments = whole(_ADJUSTMENTS, "OperatingAdjustments", [accounts(*_OPERATING)])
    operating = [statement.data("Net Income", "NetIncome", profit), adjustments]
    activities = (
        ("OPERATING", operating, True),
        ("INVESTING", [accounts(*_INVESTING)], False),
        ("FINANCING", [accounts(*_FINANCING)], False),
    )
    return [
        whole(
            f"{name} ACTIVITIES",
            f"{name.capitalize()}Activities",
            parts,
            summary=_PROVIDED.format(name.lower()),
            always=always,
        )
        for name, parts, always in activities
    ]


def _sum(flows: list[Part], statement: Statement) -> Amounts:
    return add((part.total for part in flows), statement.width)
