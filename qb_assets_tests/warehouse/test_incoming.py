"""Normalized objects as DuckDB reads them."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from qb_assets.lake import parquet
from qb_assets.warehouse.incoming import incoming_rows
from qb_assets.warehouse.upkeep import transaction

SCHEMA = pa.schema(
    [("id", pa.string()), ("amount", pa.decimal128(38, 10)), ("at", pa.timestamp("us", "UTC"))]
)
AT = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=timezone.utc)
MOST = Decimal("9999999999999999999999999999.9999999999")


def rows(*ids: str) -> bytes:
    return parquet.encode(
        pa.Table.from_pylist([{"id": each, "amount": MOST, "at": AT} for each in ids], SCHEMA)
    )


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET TimeZone = 'UTC'")
    return made


def test_objects_are_read_together_and_exactly(connection: duckdb.DuckDBPyConnection) -> None:
    with incoming_rows(connection, {"a": [rows("1", "2"), rows("3")], "b": [rows()]}):
        found = connection.execute("SELECT * FROM incoming_a ORDER BY id").to_arrow_table()
        assert found.to_pylist() == [{"id": n, "amount": MOST, "at": AT} for n in ("1", "2", "3")]
        assert connection.execute("SELECT * FROM incoming_b").fetchall() == []
    with pytest.raises(duckdb.CatalogException):
        connection.execute("FROM incoming_a")


def test_columns_without_a_value_in_any_object_are_told_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    one, other = (
        parquet.encode(pa.Table.from_pylist(each, SCHEMA))
        for each in ([{"id": "1"}, {"id": "2"}], [{"id": "3", "amount": MOST}])
    )
    with incoming_rows(connection, {"a": [one, one], "b": [one, other]}) as filled:
        assert filled == {"a": ["id"], "b": ["id", "amount"]}


def test_an_error_inside_of_a_transaction_comes_out_as_it_is(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with (
        pytest.raises(duckdb.ConversionException),
        transaction(connection),
        incoming_rows(connection, {"a": [rows("one")]}),
    ):
        connection.execute("SELECT CAST(id AS INTEGER) FROM incoming_a")
    with incoming_rows(connection, {"a": [rows("2")]}):
        assert connection.execute("SELECT id FROM incoming_a").fetchall() == [("2",)]
