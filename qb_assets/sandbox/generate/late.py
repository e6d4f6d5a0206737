"""Second thoughts: posted documents that are edited or deleted later, as people do."""

from . import changes
from .amending import Amendment, amend, amendable
from .model import Banking, ItemLine, Txn
from .world import World

_EDITED = ("Invoice", "Bill", "Purchase", "SalesReceipt", "CreditMemo", "Payment", "BillPayment")
_DELETED = (
    *("Invoice", "Payment", "Bill", "BillPayment", "Purchase", "SalesReceipt", "CreditMemo"),
    *("Transfer", "JournalEntry", "Deposit", "Estimate", "VendorCredit"),
)
_OPENING = "Opening Balance"
_TRIES = 12


def edit(world: World) -> None:
    """Edit a document of some time ago: every second edit moves it into an earlier month."""
    turn = world.turn("late edit")
    txn = _some(world, _EDITED, turn)
    if txn is None:
        return
    chance = world.chance
    if turn % 2:
        day = max(0, txn.day - chance.between(20, 70))
        amend(world, txn, Amendment(day=day))
        return
    lines = amendable(txn)
    if not lines or any(isinstance(other, Banking) for other in txn.related):
        amend(world, txn, Amendment(day=max(0, txn.day - chance.between(1, 5))))
        return
    place = chance.below(len(lines))
    line = lines[place].line
    if isinstance(line, ItemLine):
        quantity = max(25, line.quantity + chance.pick((-100, 25, 100)))
        amend(world, txn, Amendment(line=place + 1, quantity=quantity))
    else:
        account = world.accounts[chance.pick(("supplies", "office", "repairs"))]
        cents = abs(lines[place].stated) + chance.between(1, 5000)
        amend(world, txn, Amendment(line=place + 1, cents=cents, account=account))


def delete(world: World) -> None:
    """Delete a document of some time ago for good."""
    txn = _some(world, _DELETED, world.turn("delete"))
    if txn is not None:
        changes.delete(world, txn)
        world.tombstones.append((txn.entity, txn.id, world.now))


def _some(world: World, entities: tuple[str, ...], turn: int) -> Txn | None:
    """A posted document of the entity whose turn it is, where a few tries find one."""
    txns = world.documents.get(entities[turn % len(entities)], [])
    for _ in range(_TRIES if txns else 0):
        txn = world.chance.pick(txns)
        if not txn.voided and txn.note != _OPENING and not _planned(txn):
            return txn
    return None


def _planned(txn: Txn) -> bool:
    """Whether it is a cost that is charged on: what is done about it is not to be undone."""
    return any(other.entity == "ReimburseCharge" for other in txn.related)
