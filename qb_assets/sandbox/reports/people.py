"""Tables with a row for each customer or vendor: jobs are within their customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qb_assets.sandbox.generate.model import NameRef, Party

from .cells import Cell, Row, linked, money, section, text
from .titles import Titles

Sums = Mapping["NameRef | None", list[int]]
"""Cents by column for each person."""


def people_rows(say: Titles, people: Iterable[Party], sums: Sums, width: int) -> list[Row]:
    """The rows of those who have any amount, by name, and a grand total.

    A customer with jobs has a section with its own amounts in the header. What names nobody comes
    last.
    """
    table = _Table(say, people, sums, width)
    rows = table.rows()
    return [*rows, table.total()] if rows else []


class _Table:
    def __init__(self, say: Titles, people: Iterable[Party], sums: Sums, width: int) -> None:
        self._say = say
        self._sums = sums
        self._width = width
        self._jobs: dict[NameRef, list[Party]] = {}
        self._top: list[Party] = []
        for party in sorted(people, key=lambda party: (party.shown, int(party.ref.id))):
            if party.parent:
                self._jobs.setdefault(party.parent.ref, []).append(party)
            else:
                self._top.append(party)

    def rows(self) -> list[Row]:
        """Everybody's rows."""
        rows = [row for party in self._top for row in self._family(party)[0]]
        loose = self._sums.get(None)
        if loose and any(loose):
            rows.append({"ColData": self._cells(text(self._say("Not Specified")), loose)})
        return rows

    def total(self) -> Row:
        """The last row."""
        totals = self._add(self._sums.values())
        cells = [text(self._say("TOTAL")), *map(money, totals)]
        return section(None, cells, group="GrandTotal")

    def _family(self, party: Party) -> tuple[list[Row], list[int]]:
        own = self._sums.get(party.ref, [0] * self._width)
        families = [self._family(job) for job in self._jobs.get(party.ref, [])]
        below = [row for rows, _ in families for row in rows]
        label = self._cells(linked(party.shown, party.ref.id), own)
        if not below:
            # QuickBooks leaves the type of these rows out.
            return ([{"ColData": label}] if any(own) else []), own
        total = self._add([own, *(sums for _, sums in families)])
        summary = self._cells(text(self._say("Total {}", party.shown)), total)
        return [section(below, summary, label)], total

    def _add(self, parts: Iterable[list[int]]) -> list[int]:
        return [sum(column) for column in zip([0] * self._width, *parts, strict=True)]

    def _cells(self, label: Cell, amounts: Iterable[int]) -> list[Cell]:
        return [label, *(money(cents or None) for cents in amounts)]
