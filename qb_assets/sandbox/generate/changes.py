"""Changes of what was posted: a transaction is voided, deleted, or brought back.

The ledger's entry is changed first; the settlements, links, deposits and costs of stock that hang
on it follow, so that the documents rendered afterwards agree with the ledger again.
"""

from .bonds import Bonds, bind, detach
from .costing import recost, stocked_items
from .model import Txn
from .settling import CHARGES, CREDITS, open_list, settle_again
from .world import World

_VOIDED = "Voided"


def void(world: World, txn: Txn) -> None:
    """Bring a transaction to zero on its own date, and free all that was bound to it."""
    if txn.voided:
        return
    items = stocked_items(txn.entry)
    note = txn.note
    detach(world, txn, forever=True)
    world.void(txn)
    txn.note = f"{_VOIDED} - {note}" if note else _VOIDED
    recost(world, items)


def delete(world: World, txn: Txn) -> Bonds:
    """Take a transaction and its entry out, and free all that was bound to it.

    Returns what it was bound to, for when it is brought back.
    """
    bonds = detach(world, txn)
    world.take_out(txn)
    recost(world, stocked_items(txn.entry))
    return bonds


def restore(world: World, gone: Bonds) -> None:
    """Bring a deleted transaction back, bound as before to what is still there and free.

    A receipt that was deposited is in Undeposited Funds again, and a credit is open.
    """
    txn = gone.txn
    world.put_back(txn)
    if txn.voided:
        return
    if txn.entity in (*CHARGES, *CREDITS):
        txn.open = txn.total
        if txn.open:
            open_list(txn).append(txn)
    alive = [(other, cents) for other, cents in gone.applied if world.holds(other)]
    settle_again(world, txn, [(other, cents) for other, cents in alive if not other.voided])
    bind(world, gone)
    recost(world, stocked_items(txn.entry))
