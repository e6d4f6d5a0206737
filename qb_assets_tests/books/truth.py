"""What the books should say, added up in Python from the generated ledger alone."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from qb_assets.sandbox.generate import GeneratedBooks

INCOME_AND_EXPENSE = ("Revenue", "Expense")

Balances = dict[str, Decimal]
"""By account, debit positive."""


def months_of(books: GeneratedBooks) -> list[date]:
    """The first days of the months from the first to the last entry."""
    month = min(entry.date for entry in books.entries).replace(day=1)
    last = max(entry.date for entry in books.entries)
    found: list[date] = []
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def next_month(month: date) -> date:
    """The first day of the month that follows."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def fiscal_year_start(month: date, first: int) -> date:
    """The first day of the fiscal year that a month is of."""
    return date(month.year - (month.month < first), first, 1)


def postings(books: GeneratedBooks) -> Iterator[tuple[str, date, Decimal]]:
    """Account, day and amount of each posting."""
    for entry in books.entries:
        for posting in entry.postings:
            yield posting.account_id, entry.date, posting.amount


def balances(books: GeneratedBooks, month: date, first: int) -> Balances:
    """The trial balance at the end of a month: income and expense are the fiscal year's."""
    kinds = {account.id: account.classification for account in books.accounts}
    retained = next(each.id for each in books.accounts if each.subtype == "RetainedEarnings")
    start = fiscal_year_start(month, first)
    found: Balances = defaultdict(Decimal)
    for account, day, amount in postings(books):
        if day >= next_month(month):
            continue
        past = kinds[account] in INCOME_AND_EXPENSE and day < start
        found[retained if past else account] += amount
    return {account: amount for account, amount in found.items() if amount}
