"""What breaks a table's contract is found, also in columns that are else empty."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pandera.errors import SchemaErrors

from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.lake import parquet
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.parse import parse
from qb_assets.normalized.read import frame
from qb_assets.normalized.schema import LINEAGE, arrow_schema, narrow_columns, validate

INVOICE = ENTITIES["Invoice"]
PARENT, LINE = (
    next(table for table in tables_of(INVOICE) if table.name == name)
    for name in ("invoice", "invoice_line")
)
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def rows_of(table: Any) -> pl.DataFrame:
    documents = [{"Id": str(n), "Line": [{"Amount": n}, {"Amount": 2}]} for n in range(1, 4)]
    rows = parse(INVOICE, [json.dumps(document).encode() for document in documents]).rows
    lineage = ["7", date(2026, 3, 1), AT, AT, False, "live"]
    carried = pa.Table.from_pylist(
        [dict(zip(LINEAGE.names, lineage, strict=True))] * len(rows), LINEAGE
    )
    found = flatten(INVOICE, rows, carried)[table.name]
    return frame(parquet.align(found, arrow_schema(table)))


def broken(
    table: Any, rows: pl.DataFrame, columns: list[str] | None = None
) -> set[tuple[str, str]]:
    """The columns and checks that a validation names."""
    with pytest.raises(SchemaErrors) as caught:
        validate(table, rows, columns)
    cases = caught.value.failure_cases
    return {(str(case["column"]), str(case["check"])) for case in cases.iter_rows(named=True)}


@pytest.mark.parametrize("table", [PARENT, LINE], ids=lambda table: table.name)
def test_rows_as_they_should_be_are_right(table: Any) -> None:
    rows = rows_of(table)
    assert sum(rows[name].null_count() == rows.height for name in rows.columns) > 40
    validate(table, rows)
    validate(table, rows.clear())


def test_a_column_that_is_empty_and_of_another_type_is_found() -> None:
    rows = rows_of(PARENT).with_columns(doc_number=pl.lit(None, pl.Int64))
    assert {column for column, _ in broken(PARENT, rows)} == {"doc_number"}


def test_a_column_that_is_full_and_of_another_type_is_found() -> None:
    rows = rows_of(LINE).with_columns(pl.col("amount").cast(pl.Float64))
    assert {column for column, _ in broken(LINE, rows)} == {"amount"}


def test_a_column_that_is_missing_or_one_too_many_or_elsewhere_is_found() -> None:
    rows = rows_of(PARENT)
    assert broken(PARENT, rows.drop("doc_number"))
    assert broken(PARENT, rows.with_columns(more=pl.lit(None, pl.String)))
    assert broken(PARENT, rows.select(reversed(rows.columns)))


def test_nulls_of_a_key_are_found_though_all_are() -> None:
    rows = rows_of(LINE).with_columns(invoice_id=pl.lit(None, pl.String))
    assert ("invoice_id", "not_nullable") in broken(LINE, rows)


def test_rows_with_one_key_are_found() -> None:
    rows = rows_of(LINE)
    assert broken(LINE, pl.concat([rows, rows[:1]]))


def test_a_state_that_is_none_and_a_place_before_the_first_are_found() -> None:
    rows = rows_of(LINE).with_columns(_state=pl.lit("gone"), position=pl.lit(-1, pl.Int64))
    assert {"_state", "position"} <= {column for column, _ in broken(LINE, rows)}


def test_some_columns_are_held_to_the_same() -> None:
    columns = [*narrow_columns(LINE), "amount"]
    rows = rows_of(LINE).select(columns)
    validate(LINE, rows, columns)
    assert broken(LINE, pl.concat([rows, rows[:1]]), columns)
    assert ("_company", "not_nullable") in broken(
        LINE, rows.with_columns(_company=pl.lit(None, pl.String)), columns
    )
    assert broken(LINE, rows.drop("amount"), columns)
    assert broken(LINE, rows)
