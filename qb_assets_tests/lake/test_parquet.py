"""Tables go to Parquet and come back exactly, and are put together by name."""

import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from qb_assets.lake import parquet
from qb_assets.lake.errors import LakeDataError

# The published types of pyarrow leave much of it unknown.
pa: Any = pyarrow
pq: Any = pyarrow.parquet
MONEY = pa.decimal128(38, 10)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("payload", pa.binary()),
        pa.field("total_amt", MONEY),
        pa.field("txn_date", pa.date32()),
        pa.field("seen_at", pa.timestamp("us", tz="UTC")),
        pa.field("active", pa.bool_()),
        pa.field("tags", pa.list_(pa.string())),
    ]
)


def table(rows: int = 3) -> Any:
    return pa.Table.from_pylist(
        [
            {
                "id": str(number % 7),
                "payload": json.dumps({"Id": str(number), "note": f"{number} " * 50}).encode(),
                "total_amt": Decimal("12345678901234567890.1234567891") if number else None,
                "txn_date": date(2024, 2, 29),
                "seen_at": datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=timezone.utc),
                "active": number % 2 == 0,
                "tags": ["a", None] if number else [],
            }
            for number in range(rows)
        ],
        schema=SCHEMA,
    )


def test_a_table_comes_back_exactly() -> None:
    assert parquet.decode(parquet.encode(table())).equals(table())
    assert parquet.read_schema(parquet.encode(table())).equals(SCHEMA)
    empty = SCHEMA.empty_table()
    assert parquet.decode(parquet.encode(empty)).equals(empty)


def test_some_columns_in_the_order_asked() -> None:
    data = parquet.encode(table())
    assert parquet.decode(data, ["total_amt", "id"]).equals(table().select(["total_amt", "id"]))
    with pytest.raises(LakeDataError, match="no column total"):
        parquet.decode(data, ["id", "total"])


def test_equal_tables_give_equal_bytes() -> None:
    whole = table(1_000)
    pieces = pa.concat_tables([whole.slice(0, 10), whole.slice(10, 700), whole.slice(710)])
    data = parquet.encode(whole, metadata={"b": "2", "a": "1"})
    assert parquet.encode(pieces, metadata={"a": "1", "b": "2"}) == data
    flat = parquet.encode(whole.drop_columns("tags"))
    assert parquet.encode(parquet.decode(flat)) == flat


def test_metadata_is_kept_and_read() -> None:
    given = {"qb.extract_id": "x-1", "qb.company": "Ünïcode"}
    for rows in (table(), table().drop_columns("tags")):  # with Arrow's own schema, and without
        data = parquet.encode(rows, metadata=given)
        assert parquet.read_metadata(data) == given
        assert parquet.read_metadata(parquet.encode(parquet.decode(data))) == {}


def columns_of(rows: Any) -> dict[str, Any]:
    group = pq.ParquetFile(pa.BufferReader(parquet.encode(rows))).metadata.row_group(0)
    return {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}


def test_what_a_column_is_written_with() -> None:
    rows = table(6_000).append_column("balance", pa.nulls(6_000, MONEY))
    columns = columns_of(rows)
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["id"].statistics.max == "6"
    assert columns["id"].has_column_index
    assert columns["id"].has_dictionary_page
    assert columns["balance"].statistics.null_count == 6_000
    assert not columns["balance"].has_dictionary_page
    assert columns["payload"].statistics is None
    assert not columns["payload"].has_dictionary_page


def test_what_a_column_of_a_small_table_is_written_with() -> None:
    columns = columns_of(table(1_000))
    assert columns["payload"].compression == "ZSTD"
    assert columns["payload"].statistics is None
    del columns["payload"]
    assert {column.compression for column in columns.values()} == {"UNCOMPRESSED"}
    assert columns["id"].statistics.max == "6"
    assert columns["id"].has_dictionary_page
    assert not columns["id"].has_column_index
    assert not columns_of(table(50))["id"].has_dictionary_page


def test_arrows_own_schema_is_kept_where_parquet_has_no_such_type() -> None:
    def kept(rows: Any) -> bool:
        data = parquet.encode(rows)
        assert parquet.decode(data).schema == rows.schema
        return b"ARROW:schema" in data

    flat = table().drop_columns("tags").append_column("digest", pa.nulls(3, pa.binary(16)))
    assert not kept(flat)
    assert kept(flat.append_column("large", pa.array(["a"] * 3, pa.large_string())))
    assert kept(flat.append_column("local", pa.nulls(3, pa.timestamp("us", "America/Denver"))))


def test_whether_a_file_has_a_schema() -> None:
    def has(rows: Any) -> bool:
        return parquet.has_schema(parquet.encode(rows, metadata={"a": "1"}), wanted)

    def with_field(place: int, field: Any) -> Any:
        column = flat.column(place).cast(field.type, safe=False)
        return flat.set_column(place, field, column)

    flat = table().drop_columns("tags").append_column("digest", pa.nulls(3, pa.binary(16)))
    wanted = flat.schema
    assert all(has(rows) for rows in (flat, flat.slice(0, 0), pa.concat_tables([flat] * 50)))
    stored = pa.BufferOutputStream()
    pq.write_table(flat, stored)  # as other writers do, with Arrow's own schema
    assert parquet.has_schema(stored.getvalue().to_pybytes(), wanted)
    assert not has(with_field(0, pa.field("id", pa.string())))
    assert not has(with_field(0, pa.field("Id", pa.string(), nullable=False)))
    assert not has(with_field(4, pa.field("seen_at", pa.timestamp("ms", "UTC"))))
    assert not has(with_field(3, pa.field("txn_date", pa.timestamp("us", "UTC"))))
    assert not has(flat.select(flat.column_names[::-1]))
    assert not has(flat.drop_columns("digest"))
    assert not has(flat.append_column("more", flat.column("active")))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"not Parquet at all, customer Jane", None])
def test_bytes_that_are_no_parquet(data: bytes | None) -> None:
    data = parquet.encode(table())[:-20] if data is None else data
    reads: list[Callable[[bytes], Any]] = [
        parquet.decode,
        parquet.read_schema,
        parquet.read_metadata,
        lambda data: parquet.has_schema(data, SCHEMA.remove(6)),
    ]
    for read in reads:
        with pytest.raises(LakeDataError, match="no readable Parquet") as caught:
            read(data)
        assert "Jane" not in str(caught.value)


def test_align_orders_and_fills() -> None:
    narrow = table().select(["active", "id"])
    aligned = parquet.align(narrow, SCHEMA)
    assert aligned.schema.equals(SCHEMA)
    assert aligned.column("id").to_pylist() == ["0", "1", "2"]
    assert aligned.column("active").to_pylist() == [True, False, True]
    assert aligned.column("total_amt").null_count == 3


def test_align_changes_no_value() -> None:
    schema = pa.schema([("a", pa.string()), ("n", MONEY)])
    same = pa.table(
        {"a": pa.array(["x", "y"]).dictionary_encode(), "n": pa.array([None, None], pa.null())}
    )
    assert parquet.align(same, schema).to_pylist() == [{"a": "x", "n": None}, {"a": "y", "n": None}]
    large = pa.table({"a": pa.array(["x"], pa.large_string())})
    assert parquet.align(large, schema).schema.equals(schema)
    for other in (pa.array([1.5]), pa.array([1]), pa.array(["1.5"])):
        with pytest.raises(LakeDataError, match="Column n is"):
            parquet.align(pa.table({"n": other}), schema)


def test_align_refuses_what_does_not_fit() -> None:
    schema = pa.schema([pa.field("id", pa.string(), nullable=False)])
    with pytest.raises(LakeDataError, match="extra"):
        parquet.align(pa.table({"id": ["1"], "extra": ["1"]}), schema)
    with pytest.raises(LakeDataError, match="twice"):
        parquet.align(pa.Table.from_arrays([pa.array(["1"])] * 2, names=["id", "id"]), schema)
    with pytest.raises(LakeDataError, match="id has 1 nulls"):
        parquet.align(pa.table({"id": pa.array(["1", None])}), schema)
    with pytest.raises(LakeDataError, match="id has 2 nulls"):
        parquet.align(pa.table({"other": [1, 2]}).select([]), schema)


def test_concat_by_name() -> None:
    both = parquet.concat(
        [table().select(["payload", "id"]), table().select(["id", "total_amt"])], SCHEMA
    )
    assert both.schema.equals(SCHEMA)
    assert both.column("id").to_pylist() == ["0", "1", "2"] * 2
    assert both.column("payload").null_count == 3
    assert parquet.concat([], SCHEMA).equals(SCHEMA.empty_table())


def test_rows_are_counted_without_reading_them() -> None:
    assert parquet.count_rows(parquet.encode(pa.table({"a": list(range(70_000))}))) == 70_000
    with pytest.raises(LakeDataError):
        parquet.count_rows(b"no parquet")


def test_columns_of_nothing_but_nulls_are_told_by_the_footer() -> None:
    schema = pyarrow.schema(
        [(name, pyarrow.string()) for name in ("full", "void", "some", "long")]
        + [("no", pyarrow.decimal128(38, 10))]
    )
    rows = [{"full": "a", "some": "b", "long": "x" * 99}, {"full": "a"}]
    table = pyarrow.Table.from_pylist(rows, schema)
    assert parquet.void_columns(parquet.encode(table)) == {"void", "no"}
    untold = BytesIO()
    pq.write_table(table, untold, write_statistics=False)
    assert parquet.void_columns(untold.getvalue()) == set()
    with pytest.raises(LakeDataError):
        parquet.void_columns(b"none")
