"""The rows of a detail report's answers, column by column, and the sections they are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from qb_assets.catalog.reports import Report
from qb_assets.quickbooks.report_answer import Cell, ReportAnswer, Row
from qb_assets.reports.columns import BEGINNING_BALANCE, POSTING, SUMMARY, TYPES
from qb_assets.reports.sections import Figures, Section
from qb_assets.reports.values import DAY, array, decimal

arrow: Any = pa
_HEAD = ("txn_date", "txn_type", "txn_id", "doc_num")
"""What a journal says in the first row of a transaction alone."""
_LABEL = 0
"""The first column, where what is no posting has its words, whatever the column holds else."""

_Take = Callable[[Sequence[Cell]], None]


class Sheet:
    """Takes answers in, one after the other; rows are numbered through."""

    def __init__(self, report: Report) -> None:
        self.kinds: list[str] = []
        self._report = report
        self._tables: list[pa.Table] = []

    def read(self, answer: ReportAnswer) -> Section:
        """The sections of an answer. Raises BadAnswer for a cell that is not what it should be."""
        reading = _Reading(self._report, answer, len(self.kinds))
        self.kinds += reading.kinds
        self._tables.append(reading.table())
        return reading.root

    def table(self) -> pa.Table:
        """What the rows hold, by number of row; the columns of the report, without sections."""
        return pa.concat_tables(self._tables)


class _Reading:
    """Reads one answer."""

    def __init__(self, report: Report, answer: ReportAnswer, first_row: int) -> None:
        places = answer.places
        self.kinds: list[str] = []
        self.root = Section()
        self._report = report
        self._first_row = first_row
        self._width = len(answer.columns)
        self._blank = [Cell()] * self._width
        self._day = places.get("tx_date")
        self._type = places.get("txn_type")
        self._cells: dict[str, list[str | None]] = {}
        self._texts: list[_Take] = []
        self._figures: list[tuple[str, int]] = []
        self._balance: list[str | None] = []
        for column in report.columns:
            place = next((places[key] for key in column.keys if key in places), None)
            if place is not None and column.type == "decimal":
                self._figures.append((column.name, place))
                self._cells[column.name] = []
            elif place is not None:
                self._take(column.name, place, column.id_name)
        self._fill(self.root, answer.rows)

    def table(self) -> pa.Table:
        """The columns, those that the answer lacks as nulls."""
        columns: dict[str, Any] = {}
        for column in self._report.columns:
            for name, kind in ((column.name, TYPES[column.type]), (column.id_name, pa.string())):
                if name:
                    columns[name] = array(self._cells.get(name) or [None] * len(self.kinds), kind)
        return arrow.table(columns)

    def _take(self, name: str, place: int, id_name: str) -> None:
        values = self._cells[name] = []
        if not id_name:
            self._texts.append(lambda cells: values.append(cells[place].value))
            return
        ids = self._cells[id_name] = []

        def take(cells: Sequence[Cell]) -> None:
            cell = cells[place]
            values.append(cell.value)
            ids.append(cell.id)

        self._texts.append(take)

    def _fill(self, section: Section, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.cells is not None:
                self._row(section, row.cells)
            elif row.header is None and section is self.root and not row.group:
                # A transaction of a journal: its sum stays behind its postings.
                self._fill(section, row.rows)
                if row.summary is not None:
                    section.rows.append(self._add(SUMMARY, row.summary.cells))
            else:
                self._section(section, row)

    def _section(self, around: Section, row: Row) -> None:
        head = row.header.cells[0] if row.header and row.header.cells else Cell()
        name = head.value or ""
        key = (head.id or "", name or row.group or " ")
        section = around.sections.setdefault(key, Section(key, name))
        self._fill(section, row.rows)
        if row.summary is not None:
            whole = len(row.summary.cells) >= self._width
            section.total = self._sums(row.summary.cells if whole else self._blank)

    def _row(self, section: Section, cells: Sequence[Cell]) -> None:
        if not any(cell.value or cell.id for cell in cells):
            return  # a journal has such a row between transactions
        if self._is_beginning(cells):
            section.begin = self._add(BEGINNING_BALANCE, cells)
            section.opening = section.closing = self._last_balance()
            return
        section.rows.append(self._add(POSTING, cells))
        if self._report.has_balances:
            section.closing = self._last_balance()
        if self._report.says_once:
            self._carry()

    def _is_beginning(self, cells: Sequence[Cell]) -> bool:
        """A row with neither a day nor a transaction; its words are in the company's language."""
        if not self._report.has_balances or self._day is None or self._type is None:
            return False
        kind = cells[self._type]
        return not kind.id and not DAY.fullmatch(cells[self._day].value or "")

    def _add(self, kind: str, cells: Sequence[Cell]) -> int:
        """Puts a row at the end, and gives its number; but for postings, its figures alone."""
        if len(cells) < self._width:  # of a shorter row nobody knows what is where
            cells = self._blank
        for name, place in self._figures:
            label = kind != POSTING and place == _LABEL
            self._cells[name].append(None if label else cells[place].value)
        texts = cells if kind == POSTING else self._blank
        for take in self._texts:
            take(texts)
        self.kinds.append(kind)
        return self._first_row + len(self.kinds) - 1

    def _carry(self) -> None:
        """Gives a further row of a transaction what the first one says."""
        columns = [self._cells[name] for name in _HEAD if name in self._cells]
        days, ids = self._cells.get("txn_date", []), self._cells.get("txn_id", [])
        further = len(self.kinds) > 1 and self.kinds[-2] == POSTING
        if not further or not days or DAY.fullmatch(days[-1] or ""):
            return
        if ids[-1:] and ids[-1] not in (None, "", ids[-2]):
            return
        for column in columns:
            column[-1] = (column[-1] if column is not days else None) or column[-2]

    def _sums(self, cells: Sequence[Cell]) -> Figures:
        return {
            name: None if place == _LABEL else decimal(cells[place].value)
            for name, place in self._figures
        }

    def _last_balance(self) -> Any:
        return decimal((self._cells.get("balance") or [None])[-1]) or decimal("0")
