"""BalanceSheet: what the company has and owes at the end of a day."""

from __future__ import annotations

from qb_assets.sandbox.generate.model import Account

from .chart import sign
from .frame import Body, Frame
from .statement import Amounts, Part, Statement, columns_of, ranges_of


def balance_sheet(frame: Frame) -> Body:
    """The report at the end of the range, or at the end of each of its months.

    Retained earnings have the profit of the fiscal years that are closed, and Net Income is that
    of the year which the day is in.
    """
    view, request = frame.view, frame.request
    ends = [end for _, end in ranges_of(frame, total=False)]

    def amounts(account: Account) -> Amounts:
        return [sign(account) * view.balance(account.id, end) or None for end in ends]

    statement = Statement(frame, amounts, len(ends))
    earned: Amounts = [view.profit(view.fiscal_start(end), end) for end in ends]
    rows = [*_assets(statement).rows, *_claims(statement, earned).rows]
    used = sum(account.on_balance_sheet and any(amounts(account)) for account in frame.chart.all)
    return Body(
        columns_of(frame, total=False),
        rows if used else [],
        used,
        request.start,
        request.end,
        by_columns=True,
    )


def _assets(statement: Statement) -> Part:
    whole, accounts = statement.whole, statement.accounts
    current = [
        whole("Bank Accounts", "BankAccounts", [accounts("Bank")]),
        whole("Accounts Receivable", "AR", [accounts("Accounts Receivable")]),
        whole("Other Current Assets", "OtherCurrentAssets", [accounts("Other Current Asset")]),
    ]
    parts = [
        whole("Current Assets", "CurrentAssets", current),
        whole("Fixed Assets", "FixedAssets", [accounts("Fixed Asset")]),
        whole("Other Assets", "OtherAssets", [accounts("Other Asset")]),
    ]
    return whole("ASSETS", "TotalAssets", parts, summary="TOTAL {}", always=True)


def _claims(statement: Statement, earned: Amounts) -> Part:
    """Liabilities and equity; the net income is the last row of equity."""
    whole, accounts = statement.whole, statement.accounts
    others = [accounts("Other Current Liability")]
    current = [
        whole("Accounts Payable", "AP", [accounts("Accounts Payable")]),
        whole("Credit Cards", "CreditCards", [accounts("Credit Card")]),
        whole("Other Current Liabilities", "OtherCurrentLiabilities", others),
    ]
    owed = [
        whole("Current Liabilities", "CurrentLiabilities", current),
        whole("Long-Term Liabilities", "LongTermLiabilities", [accounts("Long Term Liability")]),
    ]
    own = [accounts("Equity"), statement.data("Net Income", "NetIncome", earned)]
    parts = [whole("Liabilities", "Liabilities", owed), whole("Equity", "Equity", own)]
    name, group = "LIABILITIES AND EQUITY", "TotalLiabilitiesAndEquity"
    return whole(name, group, parts, summary="TOTAL {}", always=True)
