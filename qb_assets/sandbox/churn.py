"""Books that are edited while they are being read.

After each served page of an entity, and before the next request, some rows are edited, made and
deleted: some that were served already, some that were not. The same seed, books and requests give
the same edits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from .books import Books
from .dice import Dice
from .documents import Fields, encoded, read_fields, unwrap
from .query import Answer
from .shelf import Row, Shelf

_NOTES = {
    "Account": "Description",
    "Item": "Description",
    "Customer": "Notes",
    "Vendor": "Notes",
    "Attachable": "Note",
    "TimeActivity": "Description",
}


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """How one entity is edited: rows per page, for that many pages.

    Transactions can be voided; rows of lists can be made inactive, and merged into another row.
    """

    entity: str
    edits_per_page: int = 0
    creates_per_page: int = 0
    deletes_per_page: int = 0
    voids_per_page: int = 0
    merges_per_page: int = 0
    deactivations_per_page: int = 0
    pages: int = 1
    seed: int | None = None


@dataclass
class Done:
    """The Ids that churn has edited, made, deleted and so on of one entity, in order.

    `merged` holds pairs: the row that is gone and the one it became.
    """

    edited: list[str] = field(default_factory=list[str])
    created: list[str] = field(default_factory=list[str])
    deleted: list[str] = field(default_factory=list[str])
    voided: list[str] = field(default_factory=list[str])
    merged: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    deactivated: list[str] = field(default_factory=list[str])
    pages: int = 0


class _Going:
    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.random = Dice(seed if plan.seed is None else plan.seed)
        self.served: set[int] = set()
        self.done = Done()


class Churn:
    """The plans that are going on, one an entity."""

    def __init__(self, books: Books, seed: int) -> None:
        self._books = books
        self._seed = seed
        self._going: dict[str, _Going] = {}

    def start(self, plan: Plan) -> None:
        """Begin a plan in the place of the entity's last; KeyError for an unknown entity.

        ValueError for what QuickBooks does not do with the entity.
        """
        shelf = self._books.shelf(plan.entity)
        if shelf is None:
            raise KeyError(f"QuickBooks has no entity {plan.entity}")
        if plan.voids_per_page and not shelf.entity.transaction:
            raise ValueError(f"{plan.entity} is no transaction: it cannot be voided")
        if plan.merges_per_page + plan.deactivations_per_page and not shelf.entity.active:
            raise ValueError(f"{plan.entity} is no list: no merges, no deactivations")
        self._going[shelf.entity.name] = _Going(plan, self._seed)

    def done(self) -> dict[str, Done]:
        """What was done of each entity."""
        return {name: going.done for name, going in self._going.items()}

    def served(self, answer: Answer) -> None:
        """A page was answered: edit the books as planned."""
        going = self._going.get(answer.entity)
        shelf = self._books.shelf(answer.entity)
        if going is None or shelf is None or not answer.rows:
            return
        going.served.update(row.number for row in answer.rows)
        if going.done.pages >= going.plan.pages:
            return
        going.done.pages += 1
        self._edit(going, shelf)
        self._end(going, shelf)

    def _edit(self, going: _Going, shelf: Shelf) -> None:
        name, plan, done = shelf.entity.name, going.plan, going.done
        for row in self._choose(going, shelf, plan.edits_per_page):
            self._books.update(name, row.record.id, _note(shelf, done.pages))
            done.edited.append(row.record.id)
        for row in self._choose(going, shelf, plan.deletes_per_page):
            self._books.delete(name, row.record.id)
            done.deleted.append(row.record.id)
        for row in self._choose(going, shelf, plan.creates_per_page):
            body = row.record.body
            fields = read_fields(unwrap(body)[1] if shelf.entity.wrapped else body)
            done.created.append(self._books.create(name, fields).id)

    def _end(self, going: _Going, shelf: Shelf) -> None:
        name, plan, done = shelf.entity.name, going.plan, going.done
        for row in self._choose(going, shelf, plan.voids_per_page):
            self._books.void(name, row.record.id)
            done.voided.append(row.record.id)
        for row in self._choose(going, shelf, plan.deactivations_per_page):
            self._books.deactivate(name, row.record.id)
            done.deactivated.append(row.record.id)
        losers = [row.record.id for row in self._choose(going, shelf, plan.merges_per_page)]
        kept = [row.record.id for row in shelf.rows.values() if row.record.id not in losers]
        for loser in losers if kept else ():
            into = going.random.choice(kept)
            self._books.merge(name, loser, into)
            done.merged.append((loser, into))

    def _choose(self, going: _Going, shelf: Shelf, count: int) -> list[Row]:
        """Rows by turns of those served already and of those not."""
        if not count:
            return []
        rows = [row for row in shelf.rows.values() if row.record.id]
        old = [row for row in rows if row.number in going.served]
        new = [row for row in rows if row.number not in going.served]
        half = min(len(old), max((count + 1) // 2, count - len(new)))
        chosen = going.random.sample(old, half)
        return chosen + going.random.sample(new, min(len(new), count - half))


def _note(shelf: Shelf, page: int) -> Fields:
    """A harmless edit; some entities have no field for one, and are only touched."""
    name = _NOTES.get(shelf.entity.name)
    if name is None and shelf.entity.order_by == "TxnDate":
        name = "PrivateNote"
    return {name: encoded(f"Edited while page {page} was read")} if name else {}
