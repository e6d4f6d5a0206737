"""Cells that name what a posting is for: accounts, people, items, classes, locations."""

from __future__ import annotations

from qb_assets.sandbox.generate.encode import qualified
from qb_assets.sandbox.generate.model import Item, ItemLine, NameRef, Party
from qb_assets.sandbox.generate.offerings import CLASSES, DEPARTMENTS, Sorting
from qb_assets.sandbox.generate.world import World

from .cells import Cell, linked
from .chart import Chart, full_name

NOBODY: Cell = linked("", "")
"""A name cell of a row that names nobody: QuickBooks gives it an empty Id."""


class Names:
    """The company's names as reports show them, each cell made once."""

    def __init__(self, world: World, chart: Chart) -> None:
        people = [*world.customers, *world.vendors, *world.employees]
        self._people: dict[NameRef, Cell] = {
            party.ref: linked(shown(party), party.ref.id) for party in people
        }
        self._accounts: dict[str, Cell] = {
            row.id: linked(full_name(row), row.id) for row in chart.all
        }
        self._accounts[""] = NOBODY
        self._items: dict[str, Cell] = {
            item.id: linked(_item_name(item), item.id) for item in world.items
        }
        self._classes = _sorted_cells(CLASSES)
        self._departments = _sorted_cells(DEPARTMENTS)

    def person(self, ref: NameRef | None, entity: str = "") -> Cell:
        """A customer, vendor or employee; nobody where it is not the entity asked for."""
        if ref is None or (entity and ref.entity != entity):
            return NOBODY
        return self._people[ref]

    def account(self, account_id: str) -> Cell:
        """An account by its full name; nobody for no Id."""
        return self._accounts[account_id]

    def item(self, line: object) -> Cell:
        """The item of a line that has one."""
        return self._items[line.item.id] if isinstance(line, ItemLine) else NOBODY

    def klass(self, line: object) -> Cell:
        """The class of a line that has one."""
        number: int = getattr(line, "class_number", -1)
        return self._classes[number] if number >= 0 else NOBODY

    def department(self, number: int) -> Cell:
        """A location by its place in the company's list, nobody's for -1."""
        return self._departments[number] if number >= 0 else NOBODY


def shown(party: Party) -> str:
    """A person's name, a job's after its customer's; QuickBooks marks inactive ones."""
    return f"{party.parent.shown}:{party.shown}" if party.parent else party.shown


def _item_name(item: Item) -> str:
    return item.full_name if item.active else f"{item.full_name} (deleted)"


def _sorted_cells(rows: tuple[Sorting, ...]) -> list[Cell]:
    return [linked(qualified(rows, row), row.id) for row in rows]
