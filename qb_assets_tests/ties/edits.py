"""Second thoughts about a company's documents: voids, deletes, un-deletes and other edits."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from qb_assets.sandbox.amendments import Amend
from qb_assets.sandbox.generate.amending import amendable
from qb_assets.sandbox.generate.chance import Chance
from qb_assets.sandbox.generate.model import ItemLine, Txn
from qb_assets.sandbox.generate.world import World

_POSTING = (
    *("Invoice", "Payment", "Bill", "BillPayment", "Purchase", "SalesReceipt", "CreditMemo"),
    *("VendorCredit", "RefundReceipt", "Deposit", "JournalEntry", "Transfer"),
)


class Editable(Protocol):
    """What documents are edited in, as `qb_assets.sandbox.books.Books` is."""

    def void(self, entity: str, id: str) -> object:
        """Void a document."""
        ...

    def delete(self, entity: str, id: str) -> object:
        """Delete one."""
        ...

    def restore(self, entity: str, id: str) -> object:
        """Bring a deleted one back."""
        ...

    def amend(self, asked: Amend) -> object:
        """Edit one; raises ValueError where that is refused."""
        ...


def edit(books: Editable, world: World, seed: int, edits: int) -> None:
    """Makes so many edits, drawn from a seed; those that QuickBooks refuses leave all as it was."""
    chance = Chance(seed * 31 + 3)
    deleted: list[tuple[str, str]] = []
    for _ in range(edits):
        entity = chance.pick([name for name in _POSTING if world.documents.get(name)])
        txn = chance.pick(world.documents[entity])
        way = chance.pick(("void", "delete", "restore", "amend", "amend", "amend"))
        if way == "void":
            books.void(entity, txn.id)
        elif way == "delete":
            books.delete(entity, txn.id)
            deleted.append((entity, txn.id))
        elif way == "restore" and deleted:
            books.restore(*deleted.pop())
        elif not txn.voided:
            _amend(books, world, txn, chance)


def _amend(books: Editable, world: World, txn: Txn, chance: Chance) -> None:
    lines = amendable(txn)
    asked = Amend(txn.entity, txn.id)
    if not lines or chance.hit(0.5):
        asked.txn_date = world.calendar.date(chance.below(txn.day + 1))
    else:
        place = chance.below(len(lines))
        asked.line = place + 1
        if isinstance(lines[place].line, ItemLine):
            asked.quantity = Decimal(chance.between(1, 4000)).scaleb(-2)
        else:
            asked.amount = Decimal(chance.between(1, 90_000)).scaleb(-2)
    try:
        books.amend(asked)
    except ValueError:
        return  # such as a change of what was deposited
