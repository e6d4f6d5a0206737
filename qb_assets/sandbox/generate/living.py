"""The living side of a served company: writes to its records are made in its ledger first."""

from collections.abc import Callable, Mapping

from msgspec import Raw

from qb_assets.sandbox.documents import Fields, read_fields

from . import changes, render_lists
from .bonds import Bonds, neighbours
from .costing import stocked_items
from .encode import Fragments
from .model import Item, Party, Txn
from .render import render
from .world import World

Key = tuple[str, str]
"""An entity and an Id."""
Changes = dict[Key, Fields]
"""The fields of records that a write has changed, `null` where one is gone."""

_KEPT = ("SyncToken", "MetaData")
_NEAR = 2
"""How many bonds away the documents are that a write can change."""


class Living:
    """Makes writes in the world and tells which fields of which records they change.

    A record is told by how its rendering differs from the one before, so that what was edited in
    the record alone stays as it was edited. SyncToken and MetaData are left to the caller.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._texts = Fragments(world)
        self._deleted: dict[Key, tuple[Bonds, bytes]] = {}

    def holds(self, entity: str, doc_id: str) -> bool:
        """Whether a transaction of this Id is in the world."""
        return self.world.find(entity, doc_id) is not None

    def remembers(self, entity: str, doc_id: str) -> bool:
        """Whether a deleted transaction of this Id can be brought back."""
        return (entity, doc_id) in self._deleted

    def void(self, entity: str, doc_id: str) -> Changes:
        """Void a transaction."""
        txn = self._txn(entity, doc_id)
        return self._changes([txn], lambda: changes.void(self.world, txn))

    def delete(self, entity: str, doc_id: str) -> Changes:
        """Delete a transaction: what changes of the records that are left."""
        txn = self._txn(entity, doc_id)

        def delete() -> None:
            body = render(txn, self._texts)
            self._deleted[entity, doc_id] = changes.delete(self.world, txn), body

        return self._changes([txn], delete)

    def restore(self, entity: str, doc_id: str) -> Changes:
        """Bring a deleted transaction back: what changes, also of the record it had."""
        bonds, body = self._deleted.pop((entity, doc_id))
        bound = [*(other for other, _ in bonds.applied), *bonds.related]
        bound += [other for other, _ in bonds.items]
        near = [other for other in bound if self.world.holds(other)]
        told = self._changes([bonds.txn, *near], lambda: changes.restore(self.world, bonds))
        own = _difference(body, render(bonds.txn, self._texts))
        return told | {(entity, doc_id): own}

    def _txn(self, entity: str, doc_id: str) -> Txn:
        txn = self.world.find(entity, doc_id)
        if txn is None:
            raise KeyError(f"the ledger holds no {entity} with Id {doc_id}")
        return txn

    def _changes(self, begin: list[Txn], write: Callable[[], None]) -> Changes:
        near = _nearby(begin)
        before = self._rendered(near)
        write()
        after = self._rendered(_nearby([*begin, *near]))
        told: Changes = {}
        for key, body in after.items():
            fields = _difference(before[key], body) if key in before else {}
            if fields:
                told[key] = fields
        return told

    def _rendered(self, near: list[Txn]) -> Mapping[Key, bytes]:
        """The records of these transactions, their people, their stock, and of all accounts."""
        world, texts = self.world, self._texts
        bodies = {(txn.entity, txn.id): render(txn, texts) for txn in near if world.holds(txn)}
        people: dict[Party, None] = {}
        stocked: dict[Item, None] = {}
        for txn in near:
            if txn.party:
                people[txn.party] = None
                if txn.party.parent:
                    people[txn.party.parent] = None
            stocked |= dict.fromkeys(stocked_items(txn.entry))
        buyers = [party for party in people if party.ref.entity == "Customer"]
        sellers = [party for party in people if party.ref.entity == "Vendor"]
        lists = {
            "Account": render_lists.accounts(world, texts),
            "Customer": render_lists.customers(world, texts, buyers),
            "Vendor": render_lists.vendors(world, texts, sellers),
            "Item": render_lists.items(world, texts, list(stocked)),
        }
        rows = {(name, row[0]): row[1] for name, listed in lists.items() for row in listed}
        return bodies | rows


def _nearby(begin: list[Txn]) -> list[Txn]:
    """Transactions and those within a few bonds of them."""
    found = dict.fromkeys(begin)
    edge = begin
    for _ in range(_NEAR):
        edge = [other for txn in edge for other in neighbours(txn) if other not in found]
        found |= dict.fromkeys(edge)
    return list(found)


def _difference(before: bytes, after: bytes) -> Fields:
    """The members of an object that are not as they were; `null` for one that is gone."""
    old, new = read_fields(before), read_fields(after)
    gone = {name: Raw(b"null") for name in old if name not in new}
    changed = {
        name: value for name, value in new.items() if bytes(old.get(name, b"")) != bytes(value)
    }
    return {name: value for name, value in (gone | changed).items() if name not in _KEPT}
