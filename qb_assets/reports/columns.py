"""The columns of the reports' tables: their types, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from qb_assets.catalog.report_columns import ColumnType
from qb_assets.catalog.reports import Report

MONEY: Any = pa.decimal128(38, 10)
INSTANT: Any = pa.timestamp("us", "UTC")
TYPES: Mapping[ColumnType, Any] = {
    "text": pa.string(),
    "date": pa.date32(),
    "decimal": MONEY,
    "integer": pa.int32(),
}

POSTING, BEGINNING_BALANCE = "posting", "beginning_balance"
DATA, SUMMARY, HEADER = "data", "summary", "header"
"""The kinds of rows; `SUMMARY` is one of detail reports, too."""

JOINT = " / "
"""What stands between the sections of a path."""

_FIRST: Any = pa.schema(
    [
        pa.field("_company", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("accounting_method", pa.string(), nullable=False),
        pa.field("row_number", pa.int64(), nullable=False),
        pa.field("row_kind", pa.string(), nullable=False),
    ]
)
_LAST: Any = pa.schema(
    [
        pa.field("_snapshot", pa.string(), nullable=False),
        pa.field("_fetched_at", INSTANT, nullable=False),
    ]
)
_SUMMARY_ROWS: Any = pa.schema(
    [
        pa.field("group", pa.string()),
        pa.field("path", pa.string()),
        pa.field("depth", pa.int32()),
        pa.field("row_id", pa.string()),
        pa.field("row_name", pa.string()),
        pa.field("column_key", pa.string()),
        pa.field("column_start", pa.date32()),
        pa.field("column_end", pa.date32()),
        pa.field("amount", MONEY),
    ]
)

_DOCS = {
    "_company": "The company's realm Id.",
    "month": "The first day of the month. The first month there is holds everything before, too.",
    "accounting_method": "Accrual or Cash; Accrual of a report that says no basis.",
    "row_number": "The place in the report, from 1.",
    "path": "The sections around the row, outermost first, with ' / ' between their names.",
    "bucket": "The age, in the words of the report.",
    "group": "QuickBooks' name of the section that the row opens, closes or is: Income, NetIncome.",
    "depth": "How many sections the row is in.",
    "row_id": "The Id of the account, customer, vendor, item or tax rate that the row is of.",
    "row_name": "Its name, or the words of a header or a sum.",
    "column_key": "The column, by QuickBooks' ColKey.",
    "column_start": "The first day that the column is of, where it says so.",
    "column_end": "The last day that the column is of, where it says so.",
    "amount": "The figure; empty where the report leaves it blank.",
    "_snapshot": "The snapshot in the lake that the row is of.",
    "_fetched_at": "When that was fetched.",
}
_KINDS = {
    "detail": "posting, beginning_balance, or summary: the sum of a section.",
    "summary": "data, header: the begin of a section, or summary: the sum of one.",
}

RESTATEMENT = "restatement"
RESTATEMENT_SCHEMA = pa.schema(
    [
        pa.field("_company", pa.string(), nullable=False),
        pa.field("report", pa.string(), nullable=False),
        pa.field("accounting_method", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("account_id", pa.string()),
        pa.field("account_name", pa.string()),
        pa.field("before", MONEY),
        pa.field("after", MONEY),
        pa.field("difference", MONEY, nullable=False),
        pa.field("txn_ids", pa.string()),
        pa.field("found_at", INSTANT, nullable=False),
        pa.field("since", INSTANT, nullable=False),
    ]
)
"""One row an account that a report of a closed month shows with another figure than before."""

RESTATEMENT_DOCS = {
    "_company": _DOCS["_company"],
    "report": "The report's table.",
    "accounting_method": _DOCS["accounting_method"],
    "month": "The closed month, by its first day.",
    "account_id": "The account whose figure changed.",
    "account_name": "Its name in the report.",
    "before": "The figure of the snapshot before, debits positive; in a statement, as it shows it.",
    "after": "The figure now.",
    "difference": "after less before.",
    "txn_ids": (
        "The transactions whose postings changed, as type:Id with commas between; empty for a"
        " report without transactions."
    ),
    "found_at": "When the changed report was fetched.",
    "since": "When the report was last fetched as it was before: the change came after that.",
}

SNAPSHOT = "snapshot"
SNAPSHOT_SCHEMA = pa.schema(
    [
        pa.field("_company", pa.string(), nullable=False),
        pa.field("report", pa.string(), nullable=False),
        pa.field("accounting_method", pa.string(), nullable=False),
        pa.field("month", pa.date32(), nullable=False),
        pa.field("_snapshot", pa.string(), nullable=False),
        pa.field("_fetched_at", INSTANT, nullable=False),
        pa.field("seen_at", INSTANT, nullable=False),
        pa.field("closed", pa.bool_(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("missing_columns", pa.string()),
        pa.field("current", pa.bool_(), nullable=False),
    ]
)
"""One row a snapshot that was loaded, those of months without any rows, too."""

SNAPSHOT_DOCS = {
    **{name: _DOCS[name] for name in ("_company", "accounting_method", "month", "_snapshot")},
    "report": "The report's table.",
    "_fetched_at": "When it was fetched.",
    "seen_at": "When the report was last fetched and still said the same.",
    "closed": "Whether the month was closed by then, so that a later change is a restatement.",
    "missing_columns": "Columns which the report must have and had not, with commas between.",
    "rows": "The rows of the report's table that it has.",
    "current": "Whether it is the last one of its month, whose rows the table holds.",
}


@cache
def table_schema(report: Report) -> pa.Schema:
    """The columns of a report's table."""
    if report.kind == "summary":
        return pa.schema([*_FIRST, *_SUMMARY_ROWS, *_LAST])
    columns: list[Any] = [pa.field("path", pa.string())]
    if report.period == "date":
        columns.append(pa.field("bucket", pa.string()))
    for column in report.columns:
        columns.append(pa.field(column.name, TYPES[column.type]))
        if column.id_name:
            columns.append(pa.field(column.id_name, pa.string()))
    return pa.schema([*_FIRST, *columns, *_LAST])


def table_docs(report: Report) -> dict[str, str]:
    """What the columns of a report's table mean."""
    docs = {**_DOCS, "row_kind": _KINDS[report.kind]}
    for column in report.columns:
        docs[column.name] = column.doc
        if column.id_name:
            docs[column.id_name] = _id_doc(column.id_name)
    return {name: docs[name] for name in table_schema(report).names}


def _id_doc(name: str) -> str:
    return {
        "txn_id": "The transaction's Id, which is unique among those of its kind.",
        "name_id": "Its Id, which is unique among those of its kind.",
    }.get(name, "Its Id.")
