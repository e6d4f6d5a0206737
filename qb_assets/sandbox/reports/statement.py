"""Sections of accounts with one amount a column, as the financial statements have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from qb_assets.sandbox.generate.model import Account

from .cells import BLANK, Cell, Column, Row, data, linked, money, section, text
from .chart import Chart, shown
from .frame import Frame
from .periods import MONTHS, Range, months

Amounts = list["int | None"]
"""Cents by column, None where nothing was ever posted."""


@dataclass
class Part:
    """Rows of a statement and what they come to; no rows where all of it is empty."""

    rows: list[Row] = field(default_factory=list[Row])
    total: Amounts = field(default_factory=list["int | None"])


def add(parts: Iterable[Amounts], width: int) -> Amounts:
    """Amounts added up column by column; what is None everywhere stays so."""
    total: Amounts = [None] * width
    for amounts in parts:
        total = [
            mine if theirs is None else (mine or 0) + theirs
            for mine, theirs in zip(total, amounts, strict=True)
        ]
    return total


def minus(amounts: Amounts) -> Amounts:
    """Amounts with the other sign."""
    return [None if cents is None else -cents for cents in amounts]


class Statement:
    """Makes the sections of a statement whose accounts have the amounts that `amounts` gives.

    Unlike in a ledger, a parent's own amounts are in the header of its section.
    """

    def __init__(self, frame: Frame, amounts: Callable[[Account], Amounts], width: int) -> None:
        self._say = frame.say
        self._chart: Chart = frame.chart
        self._amounts = amounts
        self.width = width

    def accounts(self, *kinds: str) -> Part:
        """The rows of all accounts of some types."""
        return self._joined([self._family(account) for account in self._chart.of_kind(*kinds)])

    def whole(
        self,
        title: str,
        group: str,
        parts: Sequence[Part],
        *,
        summary: str = "Total {}",
        always: bool = False,
    ) -> Part:
        """A titled section of parts; an empty one is left out unless it is `always` there."""
        part = self._joined(parts)
        if not part.rows and not always:
            return part
        name = self._say(title)
        header = [text(name), *[BLANK] * self.width]
        said = self.cells(text(self._say(summary, name)), part.total)
        return Part([section(part.rows or None, said, header, group)], part.total)

    def line(self, title: str, group: str, amounts: Amounts) -> Part:
        """A section of a sum alone, such as the gross profit."""
        amounts = [cents or 0 for cents in amounts]
        return Part([section(None, self.cells(text(self._say(title)), amounts), group=group)])

    def data(self, title: str, group: str, amounts: Amounts) -> Part:
        """A row that no account stands for, such as the net income."""
        return Part([data(self.cells(text(self._say(title)), amounts), group)], amounts)

    def cells(self, label: Cell, amounts: Amounts) -> list[Cell]:
        """The cells of a row."""
        return [label, *map(money, amounts)]

    def _joined(self, parts: Sequence[Part]) -> Part:
        rows = [row for part in parts for row in part.rows]
        return Part(rows, add((part.total for part in parts), self.width))

    def _family(self, account: Account) -> Part:
        own = self._amounts(account)
        below = [self._family(child) for child in self._chart.children(account)]
        rows = [row for part in below for row in part.rows]
        label = linked(shown(account), account.id)
        if not rows:
            used = any(cents is not None for cents in own)
            return Part([data(self.cells(label, own))] if used else [], own)
        total = add([own, *(part.total for part in below)], self.width)
        summary = self.cells(text(self._say("Total {}", shown(account))), total)
        return Part([section(rows, summary, self.cells(label, own))], total)


def ranges_of(frame: Frame, *, total: bool = True) -> list[Range]:
    """The days of each column: the whole range; or its months and, where told so, the whole."""
    whole = (frame.request.start, frame.request.end)
    if not frame.request.by_month:
        return [whole]
    return [*months(*whole), *([whole] if total else [])]


def columns_of(frame: Frame, *, total: bool = True) -> list[Row]:
    """The columns of `ranges_of`, after the accounts'."""
    columns = [Column("account", "", "Account")]
    if frame.request.by_month:
        columns += [_month(*range) for range in ranges_of(frame, total=False)]
    if total or not frame.request.by_month:
        columns.append(Column("total", frame.say("Total"), "Money"))
    return [column.json() for column in columns]


def _month(start: date, end: date) -> Column:
    title = f"{MONTHS[start.month - 1][:3]} {start.year}"
    return Column(title, title, "Money", start, end)
