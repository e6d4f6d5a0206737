"""A report's answers as one long table: a row a posting, or a row a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from qb_assets.catalog.reports import Method, Report
from qb_assets.quickbooks.report_answer import Cell, Column, ReportAnswer, Row
from qb_assets.reports.columns import DATA, HEADER, JOINT, MONEY, SUMMARY, table_schema
from qb_assets.reports.sections import Placed, Section, joined, placed
from qb_assets.reports.sheet import Sheet
from qb_assets.reports.values import decimal_or_none

arrow: Any = pa
"""The published types of these functions are wrong or missing in places that are used here."""

_TOTAL = "GrandTotal"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows of a table are of, and where they are from."""

    company: str
    month: date
    method: Method
    snapshot: str
    fetched_at: datetime


def long_table(
    report: Report, answers: Iterable[tuple[date, ReportAnswer]], origin: Origin
) -> pa.Table:
    """The rows of a report, with the columns of its table.

    `answers` are its parts, in order, each with the first day it is of; they are taken one by one.
    Raises BadAnswer for a cell that is not what it should be.
    """
    if report.kind == "detail":
        columns = _detail(report, answers)
    else:
        ((_, answer),) = answers
        columns = _summary(report, answer)
    count = len(columns["row_kind"])
    columns["row_number"] = range(1, count + 1)
    said = {
        "_company": origin.company,
        "month": origin.month,
        "accounting_method": origin.method,
        "_snapshot": origin.snapshot,
        "_fetched_at": origin.fetched_at,
    }
    columns |= {name: [value] * count for name, value in said.items()}
    schema = table_schema(report)
    return arrow.table({name: columns[name] for name in schema.names}, schema=schema)


def method_of(report: Report, asked: Method, answer: ReportAnswer) -> Method:
    """The basis that an answer is on: the one that was asked for, where one can be."""
    if not report.preferred_basis or answer.basis not in ("Accrual", "Cash"):
        return asked
    return "Cash" if answer.basis == "Cash" else "Accrual"


def missing_columns(report: Report, answer: ReportAnswer) -> list[str]:
    """The columns that an answer must have and has not: a detail report's by our name."""
    there = {column.key for column in answer.columns}
    if report.kind == "summary":
        return [key for key in report.required if key not in there]
    named = {column.name: column for column in report.columns}
    return [name for name in report.required if there.isdisjoint(named[name].keys)]


def path_of(names: Sequence[str]) -> str:
    """Names of sections as one path; the joint does not stay in a name."""
    return JOINT.join(name.replace(JOINT, "/") for name in names)


def _detail(report: Report, answers: Iterable[tuple[date, ReportAnswer]]) -> dict[str, Any]:
    sheet = Sheet(report)
    joining = joined((first, sheet.read(answer)) for first, answer in answers)
    rows = list(placed(joining.whole))
    held = sheet.table()
    sums = [each.what for each in rows if not isinstance(each.what, int)]
    numbers = iter(range(held.num_rows, held.num_rows + len(sums)))
    order = [each.what if isinstance(each.what, int) else next(numbers) for each in rows]
    added = arrow.table(
        {name: [each.get(name) for each in sums] for name in held.column_names},
        schema=held.schema,
    )
    table = arrow.concat_tables([held, added]).take(arrow.array(order, pa.int64()))
    columns: dict[str, Any] = {name: table.column(name) for name in table.column_names}
    kinds = [*sheet.kinds, *[SUMMARY] * len(sums)]
    columns["row_kind"] = [kinds[number] for number in order]
    if joining.shifts:
        columns["balance"] = _shifted(columns["balance"], order, joining.shifts)
    columns |= _around(report, rows)
    return columns


def _shifted(balances: Any, order: Sequence[int], shifts: dict[int, Decimal]) -> Any:
    values: list[Decimal | None] = balances.to_pylist()
    return arrow.array(
        [
            None if value is None else value + shifts.get(number, 0)
            for value, number in zip(values, order, strict=True)
        ],
        MONEY,
    )


def _around(report: Report, rows: Sequence[Placed]) -> dict[str, Any]:
    """The path of each row, and what the sections around it say."""
    known: dict[tuple[int, ...], str] = {}

    def path(around: tuple[Section, ...]) -> str:
        key = tuple(map(id, around))
        if key not in known:
            known[key] = path_of([section.name for section in around])
        return known[key]

    found: dict[str, Any] = {"path": [path(each.around) for each in rows]}
    if report.period == "date":
        found["bucket"] = [each.around[0].name if each.around else None for each in rows]
    if report.has_balances:  # a ledger: its accounts are its sections
        last = [each.around[-1] if each.around else None for each in rows]
        found["account_name"] = [section.name if section else None for section in last]
        found["account_id"] = [section.key[0] or None if section else None for section in last]
    return found


@dataclass(frozen=True, slots=True)
class _Figure:
    """One cell of a summary report."""

    kind: str
    group: str
    around: tuple[str, ...]
    id: str | None
    name: str | None
    column: Column
    amount: Decimal | None


def _summary(report: Report, answer: ReportAnswer) -> dict[str, Any]:
    figures = list(_figures(report, answer, answer.rows, (), ""))
    return {
        "row_kind": [each.kind for each in figures],
        "group": [each.group or None for each in figures],
        "path": [path_of(each.around) for each in figures],
        "depth": [len(each.around) for each in figures],
        "row_id": [each.id or None for each in figures],
        "row_name": [each.name or None for each in figures],
        "column_key": [each.column.key for each in figures],
        "column_start": [each.column.start for each in figures],
        "column_end": [each.column.end for each in figures],
        "amount": [each.amount for each in figures],
    }


def _figures(
    report: Report,
    answer: ReportAnswer,
    rows: Sequence[Row],
    around: tuple[str, ...],
    group: str,
) -> Iterator[_Figure]:
    """The cells of rows; `group` is the group of the section around them."""

    def cells(
        kind: str, of: str, inside: tuple[str, ...], cells: Sequence[Cell], head: Cell
    ) -> Iterator[_Figure]:
        label = cells[0] if cells else Cell()
        for column, cell in zip(answer.columns[1:], cells[1:], strict=False):
            amount = None if column.key in report.texts else decimal_or_none(cell.value)
            yield _Figure(kind, of, inside, label.id or head.id, label.value, column, amount)

    for row in rows:
        if row.cells is not None:
            kind = SUMMARY if row.group == _TOTAL else DATA
            yield from cells(kind, row.group or group, around, row.cells, Cell())
            continue
        head = row.header.cells[0] if row.header and row.header.cells else Cell()
        inside = (*around, head.value) if head.value else around
        if row.header is not None:
            yield from cells(HEADER, row.group, inside, row.header.cells, Cell())
        yield from _figures(report, answer, row.rows, inside, row.group or group)
        if row.summary is not None:
            yield from cells(SUMMARY, row.group, inside, row.summary.cells, head)
