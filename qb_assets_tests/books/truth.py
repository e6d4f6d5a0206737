"""What the books should say, added up in Python from the generated ledger alone."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

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


def net_income(books: GeneratedBooks, month: date, first: int) -> Decimal:
    """The income of the fiscal year until the end of a month."""
    kinds = {account.id: account.classification for account in books.accounts}
    start, end = fiscal_year_start(month, first), next_month(month)
    return -sum(
        (
            amount
            for account, day, amount in postings(books)
            if kinds[account] in INCOME_AND_EXPENSE and start <= day < end
        ),
        Decimal(0),
    )


def movements(books: GeneratedBooks) -> dict[tuple[date, str], Decimal]:
    """What moved each account in each month, debit positive."""
    found: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for account, day, amount in postings(books):
        found[day.replace(day=1), account] += amount
    return {key: amount for key, amount in found.items() if amount}


def documents(books: GeneratedBooks, entity: str) -> dict[str, dict[str, Any]]:
    """The records of an entity by Id, as their JSON says."""
    return {
        record.id: json.loads(record.body, parse_float=Decimal)
        for record in books.company.records.get(entity, ())
    }


def open_documents(books: GeneratedBooks, day: date) -> dict[tuple[str, str], Decimal]:
    """What was open of receivables at the end of a day, credits negative: by the documents' totals
    and the lines of payments until then."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    signs = {"Invoice": 1, "CreditMemo": -1, "Payment": -1}
    for entity, sign in signs.items():
        for identity, document in documents(books, entity).items():
            if document["TxnDate"] <= day.isoformat():
                found[entity, identity] += sign * Decimal(document["TotalAmt"])
    for identity, payment in documents(books, "Payment").items():
        if payment["TxnDate"] > day.isoformat():
            continue
        for line in payment["Line"]:
            (link,) = line["LinkedTxn"]
            paid = signs[link["TxnType"]] * Decimal(line["Amount"])
            found[link["TxnType"], link["TxnId"]] -= paid
            found["Payment", identity] += paid
    return {document: amount for document, amount in found.items() if amount}
