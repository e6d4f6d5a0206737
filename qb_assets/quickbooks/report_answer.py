"""The answer of a report: its columns by key, and its rows as they are nested.

The shape is that of Intuit's "Report" in its published types. All values are text. Titles are in
the company's language and columns come in any order, so a column is known by its `ColKey` alone;
older answers have it in `ColType`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from qb_assets.quickbooks.faults import BadAnswer

NOTICE = "Unable to display more data"
"""How the row begins with which QuickBooks ends a report of more than 400,000 cells (HTTP 200)."""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One value, and the Id of what it names."""

    value: str | None = ""
    id: str | None = None


class Cells(msgspec.Struct, frozen=True):
    """The cells of the head or the sum of a section."""

    cells: list[Cell] = msgspec.field(name="ColData", default_factory=list[Cell])


class Rows(msgspec.Struct, frozen=True):
    """The rows inside of something."""

    rows: list[Row] = msgspec.field(name="Row", default_factory=lambda: [])


class Row(msgspec.Struct, frozen=True):
    """A row of data, which has `cells`, or a section, which has any of the others."""

    cells: list[Cell] | None = msgspec.field(name="ColData", default=None)
    header: Cells | None = msgspec.field(name="Header", default=None)
    inner: Rows | None = msgspec.field(name="Rows", default=None)
    summary: Cells | None = msgspec.field(name="Summary", default=None)
    group: str = ""

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of a section."""
        return self.inner.rows if self.inner else ()


class _Said(msgspec.Struct, frozen=True):
    name: str = msgspec.field(name="Name", default="")
    value: str = msgspec.field(name="Value", default="")


class _Column(msgspec.Struct, frozen=True):
    type: str | None = msgspec.field(name="ColType", default=None)
    said: list[_Said] = msgspec.field(name="MetaData", default_factory=list[_Said])


class _Columns(msgspec.Struct, frozen=True):
    columns: list[_Column] = msgspec.field(name="Column", default_factory=list[_Column])


class _Header(msgspec.Struct, frozen=True):
    basis: str = msgspec.field(name="ReportBasis", default="")


class _Body(msgspec.Struct, frozen=True):
    header: _Header = msgspec.field(name="Header", default_factory=_Header)
    columns: _Columns = msgspec.field(name="Columns", default_factory=_Columns)
    rows: Rows = msgspec.field(name="Rows", default_factory=Rows)


class Column(msgspec.Struct, frozen=True):
    """A column: its key, and the days it is of where it says so."""

    key: str
    start: date | None = None
    end: date | None = None


class ReportAnswer(msgspec.Struct, frozen=True):
    """A report as it was answered."""

    columns: list[Column]
    rows: list[Row]
    basis: str = ""
    """The basis of accounting that it says it is on, "" where it says none."""

    @property
    def places(self) -> dict[str, int]:
        """The place of each column by its key; of two with one key, the first."""
        return {column.key: n for n, column in reversed(list(enumerate(self.columns)))}


_decoder = msgspec.json.Decoder(_Body)


def read_report(body: bytes) -> ReportAnswer:
    """Reads a report's answer. Raises BadAnswer for what is none."""
    try:
        found = _decoder.decode(body)
    except msgspec.MsgspecError:  # its text may quote the answer
        raise BadAnswer("the answer is no report") from None
    columns = [_column(each) for each in found.columns.columns]
    return ReportAnswer(columns, found.rows.rows, found.header.basis)


def is_cut_off(body: bytes) -> bool:
    """Whether the answer ends with the notice instead of its rows.

    The same words in a memo say nothing: the notice is alone in its row.
    """
    return NOTICE.encode() in body and any(map(_is_notice, _all_rows(read_report(body).rows)))


def _is_notice(row: Row) -> bool:
    words = [cell.value for cell in row.cells or () if cell.value]
    return len(words) == 1 and words[0].startswith(NOTICE)


def _all_rows(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _all_rows(row.rows)


def _column(found: _Column) -> Column:
    said = {each.name: each.value for each in found.said}
    key = said.get("ColKey") or (found.type or "").lower()
    return Column(key, _day(said.get("StartDate")), _day(said.get("EndDate")))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
