"""TrialBalance: every account's balance on its side."""

from __future__ import annotations

from .cells import BLANK, Cell, Column, Row, linked, money, section, text
from .chart import full_name
from .frame import Body, Frame


def trial_balance(frame: Frame) -> Body:
    """The report as of the last day asked for: accounts of the balance sheet since ever, income
    and expense since the fiscal year began, retained earnings with the profit of closed years."""
    request, say = frame.request, frame.say
    rows: list[Row] = []
    debits = credits = 0
    for account in frame.chart.all:
        cents = frame.view.balance(account.id, request.end)
        if not cents:
            continue
        debits += max(cents, 0)
        credits += max(-cents, 0)
        sides: list[Cell] = [money(cents), BLANK] if cents > 0 else [BLANK, money(-cents)]
        # QuickBooks leaves the type of these rows out.
        rows.append({"ColData": [linked(full_name(account), account.id), *sides]})
    total = [text(say("TOTAL")), money(debits), money(credits)]
    columns = [
        Column("account", "", "Account"),
        Column("debit", say("Debit"), "Money"),
        Column("credit", say("Credit"), "Money"),
    ]
    return Body(
        [column.json() for column in columns],
        [*rows, section(None, total, group="GrandTotal")] if rows else [],
        len(rows),
        request.start,
        request.end,
    )
