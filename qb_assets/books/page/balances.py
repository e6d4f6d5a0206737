"""Who owes and is owed, where the cash is, and what is kept in other currencies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from qb_assets.books.page.figures import ZERO, added, short_day, total
from qb_assets.books.page.source import Source
from qb_assets.books.page.statement import NOT_SPECIFIED, TOTAL, Line, Statement

Side: TypeAlias = Literal["ar", "ap"]
TITLES = {"ar": "Accounts receivable aging", "ap": "Accounts payable aging"}

_NAMES = {
    "ar": "SELECT customer_id, name FROM books.customer_360 WHERE _company = ?",
    "ap": "SELECT DISTINCT vendor_id, vendor_name FROM books.vendor_spend WHERE _company = ?",
}
_CASH = """
SELECT
    account_id,
    coalesce(sum(money_in - money_out) FILTER (day < $2), 0),
    coalesce(sum(money_in) FILTER (day >= $2), 0),
    coalesce(-sum(money_out) FILTER (day >= $2), 0),
    sum(money_in - money_out)
FROM books.cash_position
WHERE _company = $1 AND account_type <> 'Credit Card' AND day <= $3
GROUP BY account_id
"""
_CASH_BY_DAY = """
SELECT day, sum(sum(money_in - money_out)) OVER (ORDER BY day)
FROM books.cash_position
WHERE _company = $1 AND account_type <> 'Credit Card' AND day <= $2
GROUP BY day
ORDER BY day
"""
_FOREIGN = """
SELECT chart.account_id, sum(held.foreign_balance), sum(held.balance)
FROM books.trial_balance AS held
JOIN books.chart_of_accounts AS chart
    ON chart._company = held._company AND chart.account_id = held.account_id
WHERE
    held._company = $1 AND held.accounting_method = $2 AND held.month = $3
    AND chart.currency <> $4
GROUP BY chart.account_id
"""
_PERSON = {"ar": "customer_id", "ap": "vendor_id"}


def aging(source: Source, side: Side, *, by_account: bool = False) -> Statement:
    """What is open on the day by how long it is past due, home currency.

    Args:
        source: the company's books.
        side: of customers or of vendors.
        by_account: one line an account, which tells nothing of any person; else one a person.
    """
    buckets = source.connection.execute(
        "SELECT bucket FROM books.aging_bucket ORDER BY bucket_order"
    ).fetchall()
    names = [bucket for (bucket,) in buckets]
    rows = source.rows(
        f"SELECT {'account_id' if by_account else _PERSON[side]}, bucket_order, sum(open_balance)"
        f" FROM {_open(source, side)} WHERE _company = ? GROUP BY ALL"
    )
    told = Statement(TITLES[side], (*map(_bucket, names), TOTAL))
    held: dict[str | None, list[Decimal]] = {}
    for identity, place, amount in rows:
        held.setdefault(identity, [ZERO] * len(names))[place] += amount
    called = _accounts(source) if by_account else _people(source, side)
    for label, each in sorted(
        (called.get(identity or "", identity or NOT_SPECIFIED), each)
        for identity, each in held.items()
    ):
        told.lines.append(Line(label, 0, "account", (*each, total(each))))
    told.result("Total", TOTAL, added(told.nothing(), *(line.figures for line in told.lines)))
    return told


def aging_by_currency(source: Source, side: Side) -> Statement | None:
    """What is open in each currency, where there is more than the home currency."""
    rows = source.rows(
        f"SELECT currency, sum(open_amount), sum(open_balance) FROM {_open(source, side)}"
        " WHERE _company = ? GROUP BY ALL ORDER BY currency NULLS FIRST"
    )
    if {currency for currency, _, _ in rows} <= {source.home_currency, None}:
        return None
    columns = ("In this currency", f"In {source.home_currency}")
    told = Statement(f"{TITLES[side]} by currency", columns)
    for currency, amount, home in rows:
        told.lines.append(Line(currency or NOT_SPECIFIED, 0, "account", (amount, home)))
    told.result("Total", TOTAL, (None, total(home for _, _, home in rows)))
    return told


def cash_accounts(source: Source) -> Statement:
    """What went into and out of each account that holds cash, from the first month to the day."""
    rows = source.rows(_CASH, source.months[0], source.as_of)
    told = Statement(
        "Cash and bank accounts",
        (short_day(source.opening), "Money in", "Money out", short_day(source.as_of)),
    )
    for identity, *figures in sorted(rows, key=lambda row: source.accounts[row[0]].order):
        if any(figures):
            account = source.accounts[identity]
            told.lines.append(Line(account.label, 0, "account", tuple(figures)))
    told.result("Total", TOTAL, added(told.nothing(), *(line.figures for line in told.lines)))
    return told


def cash_by_day(source: Source) -> list[tuple[date, Decimal]]:
    """The cash there was after each day on which it moved, from the day before the first month."""
    rows = source.rows(_CASH_BY_DAY, source.as_of)
    before = [amount for day, amount in rows if day <= source.opening]
    points: list[tuple[date, Decimal]] = [(source.opening, before[-1] if before else ZERO)]
    points += [(day, amount) for day, amount in rows if day > source.opening]
    return points


def foreign_balances(source: Source) -> Statement | None:
    """The accounts kept in other currencies; None where there are none."""
    rows = source.rows(_FOREIGN, source.method, source.months[-1], source.home_currency)
    columns = ("In its currency", f"In {source.home_currency}")
    told = Statement("Accounts in other currencies", columns)
    for identity, foreign, home in sorted(rows, key=lambda row: source.accounts[row[0]].order):
        account = source.accounts[identity]
        moved, foreign_moved = source.later.get(identity, (ZERO, ZERO))
        figures = (account.sign * (foreign - foreign_moved), account.sign * (home - moved))
        if any(figures):
            note = account.currency or ""
            told.lines.append(Line(account.label, 0, "account", figures, note))
    return told if told.lines else None


def _open(source: Source, side: Side) -> str:
    return f"books.{side}_aging_as_of(DATE '{source.as_of}')"


def _people(source: Source, side: Side) -> dict[str, str]:
    return {identity: name for identity, name in source.rows(_NAMES[side]) if name}


def _accounts(source: Source) -> dict[str, str]:
    return {identity: account.label for identity, account in source.accounts.items()}


def _bucket(name: str) -> str:
    return {"current": "Current", "91 and over": "91+"}.get(name, name.replace("-", "–"))
