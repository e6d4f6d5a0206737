"""What binds transactions: settlements, links, deposits; and how they are freed of one another."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .model import Banking, Charge, CostLine, Effort, ItemLine, Posting, Sale, Spending, Txn
from .settling import release
from .world import World

_SOURCES = ("Estimate", "TimeActivity", "ReimburseCharge")


@dataclass
class Bonds:
    """A transaction and what it was bound to before it was voided or deleted."""

    txn: Txn
    applied: list[tuple[Txn, int]] = field(default_factory=list[tuple[Txn, int]])
    related: list[Txn] = field(default_factory=list[Txn])
    items: list[tuple[Txn, int]] = field(default_factory=list[tuple[Txn, int]])
    """The receipts of a deposit, with their cents."""


def neighbours(txn: Txn) -> list[Txn]:
    """What a transaction is bound to."""
    items = [other for other, _ in txn.items] if isinstance(txn, Banking) else []
    return [*(other for other, _ in txn.applied), *txn.related, *items]


def detach(world: World, txn: Txn, *, forever: bool = False) -> Bonds:
    """Free a transaction of all it is bound to and return what that was.

    `forever` also takes from its lines what they say of where they come from.
    """
    bonds = Bonds(txn, list(txn.applied), list(txn.related))
    release(world, txn)
    for other in bonds.related:
        other.updated = world.now
        if isinstance(other, Banking):
            _take_from_deposit(world, other, txn)
            continue
        other.related.remove(txn)
        _unlink(txn, other)
        if txn.entity in _SOURCES:
            _forget_sources(world, other, lambda source: source is txn)
    txn.related.clear()
    if isinstance(txn, Banking):
        bonds.items, txn.items = txn.items, []
        for receipt, _ in bonds.items:
            receipt.related.remove(txn)
            world.undeposited.append(receipt)
    elif txn in world.undeposited:
        world.undeposited.remove(txn)
    if txn in world.payable:
        world.payable.remove(txn)
    if txn.party and txn in txn.party.waiting:
        txn.party.waiting.remove(txn)
    if forever:
        _forget_sources(world, txn, lambda _: True)
    return bonds


def bind(world: World, bonds: Bonds) -> None:
    """Link a transaction that is back with those of its old links that are still there."""
    txn = bonds.txn
    for other in bonds.related:
        if world.holds(other) and not other.voided and not isinstance(other, Banking):
            _link(txn, other)
    _forget_sources(world, txn, lambda source: not world.holds(source))
    if isinstance(txn, Banking):
        _fill_deposit(world, txn, bonds.items)
    elif getattr(txn, "deposit_to", "") == world.account("undeposited") and txn.total:
        world.undeposited.append(txn)
    if txn.entity == "Bill" and txn.open:
        world.payable.append(txn)


def _unlink(txn: Txn, other: Txn) -> None:
    if txn.entity == "Invoice":
        _mark(other, taken=False)
    elif isinstance(other, Spending) and other.entity == "PurchaseOrder":
        other.status = "Open"


def _link(txn: Txn, other: Txn) -> None:
    txn.related.append(other)
    other.related.append(txn)
    if txn.entity == "Invoice":
        _mark(other, taken=True)
    elif isinstance(other, Spending) and other.entity == "PurchaseOrder":
        other.status = "Closed"


def _mark(source: Txn, *, taken: bool) -> None:
    """Note on an estimate, time or a charge whether an invoice has taken it up."""
    if isinstance(source, Sale):
        source.status = "Closed" if taken else "Accepted"
    elif isinstance(source, Effort):
        source.billable = "HasBeenBilled" if taken else "Billable"
    elif isinstance(source, Charge):
        source.invoiced = taken


def _forget_sources(world: World, txn: Txn, gone: Callable[[Txn], bool]) -> None:
    """Take the sources that are gone from the lines of a transaction."""

    def without(leg: Posting) -> Posting:
        line = leg.line
        if isinstance(line, ItemLine) and line.source and gone(line.source):
            return leg._replace(line=line._replace(source=None))
        if isinstance(line, CostLine) and line.charge and gone(line.charge):
            return leg._replace(line=line._replace(charge=None, customer=None))
        return leg

    world.ledger.change(txn.entry, [without(leg) for leg in txn.entry.postings])


def _take_from_deposit(world: World, deposit: Banking, receipt: Txn) -> None:
    """Bring less to the bank: without a receipt, and no more cash back than there is."""
    place = next(n for n, (txn, _) in enumerate(deposit.items) if txn is receipt)
    del deposit.items[place]
    control, *legs = deposit.entry.postings
    # The legs of the receipts come first, in their order.
    del legs[place]
    lines = [leg for leg in legs if leg.role != "back"]
    whole = -sum(leg.cents for leg in lines)
    taken = [leg._replace(cents=min(leg.cents, whole)) for leg in legs if leg.role == "back"]
    deposit.total = whole - sum(leg.cents for leg in taken)
    postings = [control._replace(cents=deposit.total), *lines, *(leg for leg in taken if leg.cents)]
    world.ledger.change(deposit.entry, postings)


def _fill_deposit(world: World, deposit: Banking, items: list[tuple[Txn, int]]) -> None:
    """Take receipts into a deposit that is back, as far as they are still undeposited."""
    deposit.items = list(items)
    for receipt, cents in items:
        if receipt in world.undeposited and receipt.total == cents:
            world.undeposited.remove(receipt)
            receipt.related.append(deposit)
        else:
            _take_from_deposit(world, deposit, receipt)
