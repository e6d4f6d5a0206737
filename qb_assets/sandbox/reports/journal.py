"""The ledger's entries as transactions that reports show, under accrual accounting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from qb_assets.sandbox.generate.currencies import home_cents
from qb_assets.sandbox.generate.model import (
    Entry,
    ItemLine,
    NameRef,
    Posting,
    Receipt,
    Sale,
    Spending,
    Txn,
)
from qb_assets.sandbox.generate.world import World

_KINDS = {
    "SalesReceipt": "Sales Receipt",
    "CreditMemo": "Credit Memo",
    "RefundReceipt": "Refund",
    "VendorCredit": "Vendor Credit",
    "CreditCardPayment": "Credit Card Payment",
    "JournalEntry": "Journal Entry",
    "InventoryAdjustment": "Inventory Qty Adjust",
    "PurchaseOrder": "Purchase Order",
}
_CREDITS = ("CreditMemo", "RefundReceipt")
_SALES = ("Invoice", "Sales Receipt")
_FIRST_UNDOCUMENTED = 1_000_000_000


class Leg(NamedTuple):
    """A posting of a transaction: home-currency cents, a debit positive.

    `foreign` is cents of the transaction's currency, None in the home currency. `posting` tells
    of names and lines. `taxed` is the cents which a leg of tax was computed on.
    """

    account_id: str
    cents: int
    posting: Posting
    foreign: int | None = None
    rate_id: str = ""
    taxed: int = 0


@dataclass(slots=True, eq=False)
class Journal:
    """A transaction on one day: its legs balance. `order` is its number in the ledger, 0 for one
    that is not posted.

    `kind` is the type's name in reports ("Bill Payment (Check)") and `txn` the document, None
    for what no entity of the API carries.
    """

    day: date
    order: int
    kind: str
    id: str
    number: str
    txn: Txn | None
    currency: str
    rate: Decimal
    legs: list[Leg] = field(default_factory=list[Leg])

    @property
    def party(self) -> NameRef | None:
        """Whom the whole transaction is with."""
        return self.txn.party.ref if self.txn and self.txn.party else None

    @property
    def note(self) -> str:
        """The transaction's memo."""
        return self.txn.note if self.txn else ""


def kind_of(entry: Entry, txn: Txn | None) -> str:
    """The name by which reports call the type of a transaction."""
    if isinstance(txn, Spending):
        if txn.entity == "BillPayment":
            return f"Bill Payment ({'Check' if txn.pay_type == 'Check' else 'Credit Card'})"
        if txn.entity == "Purchase":
            return _purchase_kind(txn)
    entity = entry.doc_entity or entry.kind
    return _KINDS.get(entity, entity)


def _purchase_kind(txn: Spending) -> str:
    if txn.pay_type == "CreditCard":
        return "Credit Card Credit" if txn.credit else "Credit Card Expense"
    return "Check" if txn.pay_type == "Check" else "Expense"


def journal_of(entry: Entry, txn: Txn | None) -> Journal:
    """An entry as a transaction, with no legs yet.

    What no entity carries has an Id as well: the ledger's number, beyond the documents' Ids.
    """
    id = entry.doc_id or str(_FIRST_UNDOCUMENTED + entry.number)
    number = txn.number if txn else ("START" if "Starting" in entry.kind else "")
    if isinstance(txn, Receipt):
        number = txn.number or txn.reference
    kind = kind_of(entry, txn)
    return Journal(entry.date, entry.number, kind, id, number, txn, entry.currency, entry.rate)


def legs_of(entry: Entry, txn: Txn | None) -> Iterator[Leg]:
    """An entry's legs; a leg of tax with its rate and the home cents that were taxed, negative
    where the document credits."""
    taxes = iter(txn.taxes if isinstance(txn, Sale) else ())
    for posting in entry.postings:
        rate_id, taxed = "", 0
        if posting.role == "tax":
            rate_id, _, stated, _ = next(taxes)
            taxed = 0 if entry.voided else home_cents(stated, entry.rate)
            taxed = -taxed if entry.doc_entity in _CREDITS else taxed
        yield Leg(posting.account_id, posting.cents, posting, posting.foreign, rate_id, taxed)


def accrual(world: World) -> list[Journal]:
    """Every entry of the ledger as a transaction, by day."""
    journals: list[Journal] = []
    for entry in world.ledger.entries:
        txn = world.find(entry.doc_entity or "", entry.doc_id or "")
        journal = journal_of(entry, txn)
        journal.legs.extend(legs_of(entry, txn))
        journals.append(journal)
    return in_order(journals)


def stock_moved(journal: Journal, leg: Leg) -> int:
    """Hundredths of a unit by which a leg changes what is on hand of its item."""
    line = leg.posting.line
    voided = journal.txn is not None and journal.txn.voided
    if leg.posting.role != "stock" or not isinstance(line, ItemLine) or voided:
        return 0
    issued = journal.kind in _SALES or leg.cents < 0 or line.quantity < 0
    return -abs(line.quantity) if issued else line.quantity


def in_order(journals: list[Journal]) -> list[Journal]:
    """Transactions by day and, within a day, in the order they are given."""
    return sorted(journals, key=attrgetter("day"))
