"""The first sheet of a page: whether all agrees, the figures that matter most, and the charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from qb_assets.books.page.balances import cash_by_day
from qb_assets.books.page.charts import cash_chart, income_chart
from qb_assets.books.page.figures import ZERO, added, day, money
from qb_assets.books.page.markup import Html, tag
from qb_assets.books.page.reconciliation import Compared, Proof
from qb_assets.books.page.source import Source
from qb_assets.books.page.statement import Statement

_CONTENTS = (
    ("profit-and-loss", "Profit and loss"),
    ("balance-sheet", "Balance sheet"),
    ("cash-flow", "Cash flow"),
    ("trial-balance", "Trial balance"),
    ("ar-aging", "Receivable"),
    ("ap-aging", "Payable"),
    ("cash", "Cash"),
    ("reconciliation", "Reconciliation"),
    ("restatements", "Restatements"),
)


def verdict(tied: Sequence[Compared], proven: Sequence[Proof]) -> Html:
    """One line on whether the figures agree, in words and in a colour; warnings do not count."""
    strict = [each for each in proven if each.check.severity == "ERROR"]
    count = len(tied) + sum(each.compared or 0 for each in strict)
    wrong = sum(1 for each in tied if each.difference)
    wrong += sum(len(each.mismatches) for each in strict)
    if wrong:
        kind, said = "bad", f"{wrong:,} of {count:,} compared figures differ"
    elif not any(each.compared for each in strict if each.check.reports):
        kind = "open"
        said = "The books agree in themselves; no report of QuickBooks was there to compare them to"
    else:
        kind, said = "good", f"All {count:,} compared figures agree, to the cent"
    link = tag("a", "See the reconciliation", href="#reconciliation")
    return tag("p", tag("strong", said), " ", link, class_=f"verdict {kind}")


def overview(source: Source, told: Mapping[str, Statement]) -> Html:
    """Contents, cards and charts."""
    links = [tag("a", label, href=f"#{name}") for name, label in _CONTENTS]
    return tag(
        "div",
        tag("nav", *links, aria_label="Contents"),
        _cards(source, told),
        _cash_figure(source),
        _income_figure(source, told["profit_and_loss"]),
        class_="overview",
    )


def _cards(source: Source, told: Mapping[str, Statement]) -> Html:
    income, sheet = told["profit_and_loss"].totals, told["balance_sheet"].totals
    flow = told["cash_flow"].totals
    period = f"{source.months[0]:%b %Y} – {source.as_of:%b %Y}"
    now = f"on {day(source.as_of)}"
    cards = [
        ("Income", added(income["Income"], income["OtherIncome"])[-1], period),
        ("Expense", added(*(income[name] for name in _EXPENSE))[-1], period),
        ("Net income", income["NetIncome"][-1], period),
        ("Cash", flow["EndingCash"][-1], now),
        ("Owed by customers", sheet["AR"][0], now),
        ("Owed to vendors", sheet["AP"][0], now),
    ]
    return tag("dl", *(_card(*card) for card in cards), class_="cards")


_EXPENSE = ("COGS", "Expenses", "OtherExpenses")


def _card(name: str, amount: Decimal | None, when: str) -> Html:
    kind = "neg" if (amount or ZERO) < 0 else None
    return tag(
        "div",
        tag("dt", name),
        tag("dd", money(amount), class_=kind),
        tag("dd", when, class_="when"),
    )


def cash_picture(source: Source) -> Html:
    """The chart of the cash position."""
    return cash_chart(cash_by_day(source), source.as_of, source.home_currency)


def income_picture(source: Source, statement: Statement) -> Html:
    """The chart of income and expense, of the profit and loss."""
    totals = statement.totals
    incomes = added(totals["Income"], totals["OtherIncome"])
    expenses = added(*(totals[name] for name in _EXPENSE))
    income, expense, net = (
        [each or ZERO for each in figures[:-1]]
        for figures in (incomes, expenses, totals["NetIncome"])
    )
    names = [f"{month:%b %y}" for month in source.months]
    return income_chart(names, income, expense, net, source.home_currency)


def _cash_figure(source: Source) -> Html:
    said = " at the end of each day, banks and undeposited funds"
    return tag(
        "figure",
        tag("figcaption", tag("b", "Cash position"), said),
        tag("div", cash_picture(source), class_="scroll"),
    )


def _income_figure(source: Source, statement: Statement) -> Html:
    keys = [
        tag("span", name, class_=f"key {name.lower()}") for name in ("Income", "Expense", "Net")
    ]
    return tag(
        "figure",
        tag("figcaption", tag("b", "Income and expense"), " by month ", *keys),
        tag("div", income_picture(source, statement), class_="scroll"),
    )
