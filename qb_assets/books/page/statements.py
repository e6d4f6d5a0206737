"""The statements of a company, with the lines, sums and results that accountants expect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from qb_assets.books.page.figures import ZERO, Figures, added, less, short_day, total
from qb_assets.books.page.source import Account, Source
from qb_assets.books.page.statement import NOT_SPECIFIED, TOTAL, Line, Statement

Amounts: TypeAlias = Mapping[str | None, Figures]
"""The figures of accounts; those of None have no account."""

_CURRENT_ASSETS = (
    ("BankAccounts", "Bank accounts"),
    ("AR", "Accounts receivable"),
    ("OtherCurrentAssets", "Other current assets"),
)
_CURRENT_LIABILITIES = (
    ("AP", "Accounts payable"),
    ("CreditCards", "Credit cards"),
    ("OtherCurrentLiabilities", "Other current liabilities"),
)


def profit_and_loss(source: Source) -> Statement:
    """Income and expense, months side by side and their total."""
    rows = source.rows(
        "SELECT section, account_id, month, sum(amount) FROM books.profit_and_loss"
        " WHERE _company = ? AND accounting_method = ? AND month BETWEEN ? AND ? GROUP BY ALL",
        source.method,
        source.months[0],
        source.months[-1],
    )
    for account in source.accounts.values():
        if account.statement == "profit_and_loss" and (moved := source.later_in(account.id)):
            rows.append((account.section, account.id, source.months[-1], -account.sign * moved))
    sections = _monthly(source, rows)
    told = Statement("Profit and loss", month_columns(source))

    def section(name: str, label: str) -> Figures:
        return told.section(name, label, sections[name], source.accounts)

    gross = less(section("Income", "Income"), section("COGS", "Cost of goods sold"))
    told.result("GrossProfit", "Gross profit", gross)
    operating = less(gross, section("Expenses", "Expenses"))
    told.result("NetOperatingIncome", "Net operating income", operating)
    other = less(section("OtherIncome", "Other income"), section("OtherExpenses", "Other expenses"))
    if any(told.totals["OtherIncome"]) or any(told.totals["OtherExpenses"]):
        told.result("NetOtherIncome", "Net other income", other)
    told.result("NetIncome", "Net income", added(operating, other))
    return told


def balance_sheet(source: Source) -> Statement:
    """What is owned, owed and left, on the day, before the first month, and the change."""
    last, before = source.months[-1], source.opening.replace(day=1)
    rows = source.rows(
        "SELECT section, account_id, month, sum(amount) FROM books.balance_sheet"
        " WHERE _company = ? AND accounting_method = ? AND month IN (?, ?) GROUP BY ALL",
        source.method,
        last,
        before,
    )
    for account in source.accounts.values():
        moved = source.later_in(account.id)
        if account.statement == "balance_sheet":
            rows.append((account.section, account.id, last, -account.sign * moved))
        else:
            rows.append(("NetIncome", None, last, moved))
    rows.append(("Equity", None, last, source.later_in(None)))
    columns = (short_day(source.as_of), short_day(source.opening), "Change")
    told = Statement("Balance sheet", columns)
    held: dict[str, dict[str | None, list[Decimal]]] = _nested()
    for name, account, month, amount in rows:
        held[name].setdefault(account, [ZERO, ZERO])[0 if month == last else 1] += amount
    sections: dict[str, Amounts] = defaultdict(dict)
    for name, accounts in held.items():
        sections[name] = {key: (now, then, now - then) for key, (now, then) in accounts.items()}
    _assets(told, sections, source.accounts)
    _liabilities_and_equity(told, sections, source.accounts)
    return told


def _assets(
    told: Statement, sections: Mapping[str, Amounts], accounts: Mapping[str, Account]
) -> None:
    told.heading("Assets")
    told.heading("Current assets", 1)
    parts = [told.section(*each, sections[each[0]], accounts, 2) for each in _CURRENT_ASSETS]
    current = added(*parts)
    told.result("CurrentAssets", "Total current assets", current, 1, "total")
    fixed = told.section("FixedAssets", "Fixed assets", sections["FixedAssets"], accounts, 1)
    other = told.section("OtherAssets", "Other assets", sections["OtherAssets"], accounts, 1)
    told.result("Assets", "Total assets", added(current, fixed, other))


def _liabilities_and_equity(
    told: Statement, sections: Mapping[str, Amounts], accounts: Mapping[str, Account]
) -> None:
    told.heading("Liabilities and equity")
    told.heading("Liabilities", 1)
    told.heading("Current liabilities", 2)
    parts = [told.section(*each, sections[each[0]], accounts, 3) for each in _CURRENT_LIABILITIES]
    current = added(*parts)
    told.result("CurrentLiabilities", "Total current liabilities", current, 2, "total")
    name = "LongTermLiabilities"
    long = told.section(name, "Long-term liabilities", sections[name], accounts, 2)
    liabilities = added(current, long)
    told.result("Liabilities", "Total liabilities", liabilities, 1, "total")
    income = added(told.nothing(), *sections["NetIncome"].values())
    told.heading("Equity", 1)
    at = len(told.lines)
    equity = told.section("Equity", "Equity", sections["Equity"], accounts, 1)
    told.lines[at:] = told.lines[at + 1 : -1]
    told.result("NetIncome", "Net income of the fiscal year so far", income, 2, "account")
    told.result("AllEquity", "Total equity", added(equity, income), 1, "total")
    both = added(liabilities, equity, income)
    told.result("LiabilitiesAndEquity", "Total liabilities and equity", both)


def cash_flow(source: Source) -> Statement:
    """Where cash came from and went to, by the indirect method, months side by side."""
    rows = source.rows(
        "SELECT section, account_id, month, sum(amount) FROM books.cash_flow"
        " WHERE _company = ? AND accounting_method = ? AND month BETWEEN ? AND ? GROUP BY ALL",
        source.method,
        source.months[0],
        source.months[-1],
    )
    for identity, (moved, _) in source.later.items():
        name = _cash_flow_section(source.accounts.get(identity))
        account = None if name == "NetIncome" else identity or None
        rows.append((name, account, source.months[-1], -moved if name == "EndingCash" else moved))
    sections = _monthly(source, rows)
    told = Statement("Cash flow", month_columns(source))
    told.heading("Operating activities")
    income = added(told.nothing(), *sections["NetIncome"].values())
    told.result("NetIncome", "Net income", income, 1, "account")
    label = "Adjustments to net income"
    name = "OperatingAdjustments"
    adjusted = told.section(name, label, sections[name], source.accounts, 1)
    operating = added(income, adjusted)
    told.result("Operating", "Cash from operating activities", operating, 0, "total")
    investing = _activities(told, sections, source, "Investing")
    financing = _activities(told, sections, source, "Financing")
    change = added(operating, investing, financing)
    told.result("Change", "Net change in cash", change)
    begin = added(told.nothing(), *sections["BeginningCash"].values())[:-1]
    end = added(told.nothing(), *sections["EndingCash"].values())[:-1]
    told.result("BeginningCash", "Cash at the beginning", (*begin, begin[0]), 0, "account")
    told.result("EndingCash", "Cash at the end", (*end, end[-1]))
    return told


def _activities(
    told: Statement, sections: Mapping[str, Amounts], source: Source, kind: str
) -> Figures:
    name = f"{kind}Activities"
    amounts = sections[name]
    return told.section(name, f"{kind} activities", amounts, source.accounts)


def _cash_flow_section(account: Account | None) -> str:
    """The section in which a posting to an account is told."""
    if account is None:
        return "FinancingActivities"
    if account.statement == "profit_and_loss":
        return "NetIncome"
    return {
        "cash": "EndingCash",
        "operating": "OperatingAdjustments",
        "investing": "InvestingActivities",
    }.get(account.cash_flow_section or "", "FinancingActivities")


def trial_balance(source: Source) -> Statement:
    """The balance of every account on the day, on the side that it is on."""
    balances: dict[str | None, Decimal] = dict(
        source.rows(
            "SELECT account_id, sum(balance) FROM books.trial_balance"
            " WHERE _company = ? AND accounting_method = ? AND month = ? GROUP BY ALL",
            source.method,
            source.months[-1],
        )
    )
    for identity, (moved, _) in source.later.items():
        balances[identity or None] = balances.get(identity or None, ZERO) - moved
    told = Statement("Trial balance", ("Debit", "Credit"))
    for identity in sorted(balances, key=lambda each: _place(source, each)):
        balance = balances[identity]
        if balance:
            account = source.accounts.get(identity or "")
            number = f"{account.number} " if account and account.number else ""
            label = f"{number}{account.path}" if account else identity or NOT_SPECIFIED
            sides = (balance, None) if balance > 0 else (None, -balance)
            told.lines.append(Line(label, 0, "account", sides))
    sums = tuple(total(line.figures[side] for line in told.lines) for side in (0, 1))
    told.result("Total", TOTAL, sums)
    return told


def _place(source: Source, identity: str | None) -> tuple[bool, bool, tuple[int, str, str]]:
    account = source.accounts.get(identity or "")
    if account is None:
        return True, True, (0, "", identity or "")
    return False, account.statement == "profit_and_loss", account.order


def month_columns(source: Source) -> tuple[str, ...]:
    """The months' names and the total; a month that is cut off says until which day it goes."""
    names = [f"{month:%b %Y}" for month in source.months]
    if source.later:
        names[-1] = f"{source.as_of:%b} 1–{source.as_of.day}"
    return (*names, TOTAL)


def _monthly(source: Source, rows: list[tuple[Any, ...]]) -> Mapping[str, Amounts]:
    """Sections of accounts with a figure a month and their total, of (section, account, month,
    amount)."""
    place = {month: at for at, month in enumerate(source.months)}
    held: dict[str, dict[str | None, list[Decimal]]] = _nested()
    for name, account, month, amount in rows:
        months = held[name].setdefault(account, [ZERO] * len(place))
        months[place[month]] += amount
    sections: dict[str, Amounts] = defaultdict(dict)
    for name, accounts in held.items():
        sections[name] = {key: (*each, total(each)) for key, each in accounts.items()}
    return sections


def _nested() -> dict[str, dict[str | None, list[Decimal]]]:
    return defaultdict(dict)
