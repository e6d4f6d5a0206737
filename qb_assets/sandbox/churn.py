"""Books that are edited while they are being read.

After each served page of an entity, and before the next request, some rows are edited, made and
deleted: some that were served already, some that were not. The same seed, books and requests give
the same edits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import msgspec

from .books import Books
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


class Dice(Random):
    """Choices that a seed repeats; nothing secret hangs on them."""


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    """How one entity is edited: rows per page, for that many pages."""

    entity: str
    edits_per_page: int = 0
    creates_per_page: int = 0
    deletes_per_page: int = 0
    pages: int = 1
    seed: int | None = None


@dataclass
class Done:
    """The Ids that churn has edited, made and deleted of one entity, in order."""

    edited: list[str] = field(default_factory=list[str])
    created: list[str] = field(default_factory=list[str])
    deleted: list[str] = field(default_factory=list[str])
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
        """Begin a plan in the place of the entity's last; KeyError for an unknown entity."""
        shelf = self._books.shelf(plan.entity)
        if shelf is None:
            raise KeyError(f"QuickBooks has no entity {plan.entity}")
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
        for row in self._choose(going, shelf, going.plan.edits_per_page):
            self._books.update(answer.entity, row.record.id, _note(shelf, going.done.pages))
            going.done.edited.append(row.record.id)
        for row in self._choose(going, shelf, going.plan.deletes_per_page):
            self._books.delete(answer.entity, row.record.id)
            going.done.deleted.append(row.record.id)
        for row in self._choose(going, shelf, going.plan.creates_per_page):
            body = row.record.body
            fields = read_fields(unwrap(body)[1] if shelf.entity.wrapped else body)
            going.done.created.append(self._books.create(answer.entity, fields).id)

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
