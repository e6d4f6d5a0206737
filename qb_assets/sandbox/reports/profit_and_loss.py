"""ProfitAndLoss: income less costs of a range of days."""

from __future__ import annotations

from qb_assets.sandbox.generate.model import Account

from .cells import Row
from .chart import sign
from .frame import Body, Frame
from .statement import Amounts, Part, Statement, add, columns_of, minus, ranges_of


def profit_and_loss(frame: Frame) -> Body:
    """The report, for the whole range or month by month with a total."""
    ranges, request, view = ranges_of(frame), frame.request, frame.view

    def amounts(account: Account) -> Amounts:
        history, nature = view.history(account.id), sign(account)
        return [
            nature * view.movement(account.id, *days) if history.moves(*days) else None
            for days in ranges
        ]

    rows, used = _rows(Statement(frame, amounts, len(ranges)))
    columns = columns_of(frame)
    return Body(columns, rows if used else [], used, request.start, request.end, by_columns=True)


def _rows(statement: Statement) -> tuple[list[Row], int]:
    """The rows, and how many of the sections of accounts are not empty."""
    whole, accounts, line = statement.whole, statement.accounts, statement.line
    income = whole("Income", "Income", [accounts("Income")], always=True)
    cost = whole("Cost of Goods Sold", "COGS", [accounts("Cost of Goods Sold")])
    expenses = whole("Expenses", "Expenses", [accounts("Expense")], always=True)
    gains = whole("Other Income", "OtherIncome", [accounts("Other Income")])
    losses = whole("Other Expenses", "OtherExpenses", [accounts("Other Expense")])
    gross = add([income.total, minus(cost.total)], statement.width)
    operating = add([gross, minus(expenses.total)], statement.width)
    other = add([gains.total, minus(losses.total)], statement.width)
    net = add([operating, other], statement.width)
    parts = [
        *(income, cost, line("Gross Profit", "GrossProfit", gross), expenses),
        *(line("Net Operating Income", "NetOperatingIncome", operating), gains, losses),
    ]
    if gains.rows or losses.rows:
        parts.append(line("Net Other Income", "NetOtherIncome", other))
    parts.append(line("Net Income", "NetIncome", net))
    used = sum(map(_is_used, (income, cost, expenses, gains, losses)))
    return [row for part in parts for row in part.rows], used


def _is_used(part: Part) -> bool:
    return any(cents is not None for cents in part.total)
