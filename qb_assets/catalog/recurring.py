"""Templates of documents: RecurringTransaction, which is any of twelve kinds.

A row is the template in an object with one key, its kind: `{"Bill": {…, "RecurringInfo": {…}}}`.
It has what the documents of its kind have, so its fields are theirs, put together by their names.
"""

from collections.abc import Iterable

from qb_assets.catalog.entity import WRAPPER, Entity
from qb_assets.catalog.fields import Array, Field, Node, Object, Ref, text
from qb_assets.catalog.money import MONEY
from qb_assets.catalog.purchases import PURCHASES
from qb_assets.catalog.sales import SALES

KINDS: tuple[str, ...] = (
    "Bill",
    "CreditMemo",
    "Deposit",
    "Estimate",
    "Invoice",
    "JournalEntry",
    "Purchase",
    "PurchaseOrder",
    "RefundReceipt",
    "SalesReceipt",
    "Transfer",
    "VendorCredit",
)
"""What a template can be of (Intuit, "Supported transaction types" of a RecurringTransaction)."""


def united(groups: Iterable[tuple[Node, ...]]) -> tuple[Node, ...]:
    """Put the properties of several objects together: one of each name, with all it has in any.

    Raises ValueError where a name stands for different things.
    """
    found: dict[str, Node] = {}
    for nodes in groups:
        for node in nodes:
            held = found.get(node.name)
            found[node.name] = node if held is None else _both(held, node)
    return tuple(found.values())


def _both(one: Node, other: Node) -> Node:
    match one, other:
        case Field(), Field() if one.kind is other.kind and one.allowed == other.allowed:
            return one
        case Ref(), Ref():
            return Ref(one.name, one.typed or other.typed, one.doc or other.doc)
        case Object(), Object():
            return Object(one.name, united([one.fields, other.fields]), one.doc)
        case Array(), Array():
            return Array(one.name, united([one.fields, other.fields]), one.doc)
        case _:
            raise ValueError(f"catalog: {one.name} of two kinds of documents is not the same thing")


RECURRING = Entity(
    name="RecurringTransaction",
    description="One template from which QuickBooks makes documents by a schedule.",
    kind="support",
    fields=(
        text(WRAPPER, "The kind of document it is a template of: Bill, Invoice, …"),
        *united(each.fields for each in (*SALES, *PURCHASES, *MONEY) if each.name in KINDS),
    ),
    delete="hard",
    wrapped=True,
)
