"""A detail report as a tree of sections, and several answers as one.

The sections of a report hold rows, other sections and a sum. Answers of other days have the same
sections with other rows in them. Put together, the rows follow each other, sums add up, and the
first answer has the beginning balances; the running balances of later answers go on from those
before. (They need not begin where those end: QuickBooks closes income and expenses with the fiscal
year, and a range that holds the year's end does not show it.)

Rows are numbers here; what they hold is in `Sheet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Figures = dict[str, Decimal | None]
"""Sums, by our names of columns."""

Key = tuple[str, str]
"""What tells a section from those beside it: its Id, and its name or group."""

OWN: Key = ("", " ")
"""The section without a header of a parent's own rows, which is there when its children are."""

_NOTHING = Decimal(0)
_BALANCE = "balance"


@dataclass(slots=True)
class Section:
    """A section.

    `name` is empty for one without a header. `begin` is the row of the beginning balance, `opening`
    its figure, `closing` the balance after the last row.
    """

    key: Key = ("", "")
    name: str = ""
    begin: int | None = None
    opening: Decimal = _NOTHING
    closing: Decimal = _NOTHING
    rows: list[int] = field(default_factory=list[int])
    sections: dict[Key, Section] = field(default_factory=lambda: {})
    total: Figures | None = None

    @property
    def empty(self) -> bool:
        """Whether there is no row in it."""
        return (
            not self.rows
            and self.begin is None
            and all(section.empty for section in self.sections.values())
        )


class Joining:
    """Puts answers together; `shifts` is what is to be added to the balances of some rows."""

    def __init__(self, first: Section) -> None:
        self.whole = first
        self.shifts: dict[int, Decimal] = {}

    def add(self, answer: Section, *, begins: bool) -> None:
        """Puts an answer behind those before; `begins` if its days begin with the first one's."""
        self._join(self.whole, answer, begins)

    def _join(self, held: Section, more: Section, begins: bool) -> None:
        _part_own(held, more)
        _part_own(more, held)
        if begins and more.begin is not None:
            held.begin, held.opening = more.begin, more.opening
        shift = _NOTHING if begins else held.closing - more.opening
        if shift:
            self.shifts |= dict.fromkeys(more.rows, shift)
        if more.rows or begins:
            held.closing = more.closing + shift
        held.rows += more.rows
        held.total = _sum(held.total, more.total)
        before: Key | None = None
        for key, section in more.sections.items():
            known = held.sections.get(key)
            if known is None:
                known = Section(key, section.name)
                held.sections = _with(held.sections, known, before)
            self._join(known, section, begins)
            before = key


def _part_own(section: Section, other: Section) -> None:
    """Gives a section's rows a section of their own, where it will have children from the other."""
    has_rows = bool(section.rows) or section.begin is not None
    if not section.name or not has_rows or not other.sections:
        return
    own = Section(
        OWN, "", section.begin, section.opening, section.closing, section.rows, {}, section.total
    )
    section.sections = {OWN: own, **section.sections}
    section.begin, section.rows = None, []
    section.opening = section.closing = _NOTHING


def _with(sections: Mapping[Key, Section], new: Section, after: Key | None) -> dict[Key, Section]:
    """The sections with a new one behind that of a key, or in front."""
    order = dict[Key, Section]() if after is not None else {new.key: new}
    for key, section in sections.items():
        order[key] = section
        if key == after:
            order[new.key] = new
    return order


def _sum(one: Figures | None, other: Figures | None) -> Figures | None:
    if one is None or other is None:
        return one or other
    figures: Figures = {}
    for name in one.keys() | other.keys():
        known = [each for each in (one.get(name), other.get(name)) if each is not None]
        added = sum(known, _NOTHING) if known else None
        figures[name] = None if name == _BALANCE else added
    return figures


@dataclass(frozen=True, slots=True)
class Placed:
    """A row by its number, or a sum, and the named sections around it, outermost first."""

    what: int | Figures
    around: tuple[Section, ...]


def placed(section: Section, around: tuple[Section, ...] = ()) -> Iterator[Placed]:
    """All rows and sums from top to bottom; a section without rows has nothing to say."""
    inside = (*around, section) if section.name else around
    if section.name and section.empty:
        return
    if section.begin is not None:
        yield Placed(section.begin, inside)
    for row in section.rows:
        yield Placed(row, inside)
    for each in section.sections.values():
        yield from placed(each, inside)
    if section.total is not None:
        yield Placed(section.total, inside)


def joined(answers: Iterable[tuple[date, Section]]) -> Joining:
    """Several answers as one, each with the first day it is of; one at least."""
    each = iter(answers)
    begin, whole = next(each)
    joining = Joining(whole)
    for first, answer in each:
        joining.add(answer, begins=first == begin)
    return joining
