"""The pieces of a report's JSON: cells, rows, sections, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

Cell = Mapping[str, str]
Row = dict[str, Any]
"""A row of data or a section, as it is encoded."""
BLANK: Cell = {"value": ""}
NOTICE = "Unable to display more data. Please reduce the date range."
"""The text of the row that ends a report which has more cells than QuickBooks gives."""


class Column(NamedTuple):
    """A column: its ColKey, its title, its ColType, and the days of a month's column."""

    key: str
    title: str
    type: str
    start: date | None = None
    end: date | None = None

    def json(self) -> Row:
        """The column as answers have it."""
        meta = [{"Name": "ColKey", "Value": self.key}]
        if self.start and self.end:
            meta = [
                {"Name": "StartDate", "Value": self.start.isoformat()},
                {"Name": "EndDate", "Value": self.end.isoformat()},
                *meta,
            ]
        return {"ColTitle": self.title, "ColType": self.type, "MetaData": meta}


def decimal(units: int, places: int = 2) -> str:
    """A whole number of the smallest unit as a decimal: 5 cents is "0.05"."""
    whole, part = divmod(abs(units), 10**places)
    return f"{'-' if units < 0 else ''}{whole}.{part:0{places}d}"


def amount(cents: int) -> str:
    """Money as reports write it: zero is ".00"."""
    return decimal(cents) if cents else ".00"


def text(value: str) -> Cell:
    """A cell without an Id."""
    return {"value": value} if value else BLANK


def money(cents: int | None) -> Cell:
    """A cell of money, blank for None."""
    return BLANK if cents is None else {"value": amount(cents)}


def linked(value: str, id: str) -> Cell:
    """A cell which names a row of a list or a transaction."""
    return {"value": value, "id": id}


def data(cells: Sequence[Cell], group: str = "") -> Row:
    """A row of data."""
    row: Row = {"ColData": cells, "type": "Data"}
    return row | {"group": group} if group else row


def padded(first: Cell, width: int) -> list[Cell]:
    """A row's cells of which the first alone is filled."""
    return [first, *[BLANK] * (width - 1)]


def section(
    rows: Sequence[Row] | None,
    summary: Sequence[Cell] | None = None,
    header: Sequence[Cell] | None = None,
    group: str = "",
) -> Row:
    """A section; what is None is left out."""
    made: Row = {}
    if header is not None:
        made["Header"] = {"ColData": header}
    if rows is not None:
        made["Rows"] = {"Row": rows}
    if summary is not None:
        made["Summary"] = {"ColData": summary}
    made["type"] = "Section"
    return made | {"group": group} if group else made
