"""The elements of raw arrays against the rows of child tables."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import polars as pl
import pyarrow as pa
import pytest

from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.normalized.child_counts import miscounted
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.parse import parse
from qb_assets.normalized.read import frame

INVOICE = ENTITIES["Invoice"]
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)
INSTANT = pa.timestamp("us", "UTC")
BUNDLE = {
    "DetailType": "GroupLineDetail",
    "GroupLineDetail": {"Line": [{"Id": "3", "Amount": 1}, {"Id": "4", "Amount": 2}]},
}
DOCUMENTS = [
    {"Id": "1", "Line": [{"Amount": 1, "LinkedTxn": [{"TxnId": "7"}]}, {"Amount": 2}]},
    {"Id": "2", "Line": [], "LinkedTxn": [{"TxnId": "8"}, {"TxnId": "9"}]},
    {"Id": "3"},
    {"Id": "4", "Line": None, "TxnTaxDetail": {"TaxLine": [{"Amount": 1}]}},
    {"Id": "5", "Line": [None, BUNDLE, {"LinkedTxn": []}], "TxnTaxDetail": None},
]


def raw_rows(payloads: list[bytes]) -> pa.Table:
    """Live raw rows with these bytes, whose Ids are their places from 1."""
    ids = [str(place) for place, _ in enumerate(payloads, 1)]
    return pa.table(
        {
            "id": ids,
            "extracted_at": pa.array([AT] * len(ids), INSTANT),
            "payload": pa.array(payloads, pa.binary()),
        }
    )


def tables(payloads: list[bytes]) -> dict[str, pl.DataFrame]:
    """What the pipeline makes of them."""
    rows = parse(INVOICE, payloads).rows
    carried = pa.table({"_extracted_at": pa.array([AT] * len(rows), INSTANT)})
    return {name: frame(table) for name, table in flatten(INVOICE, rows, carried).items()}


PAYLOADS = [json.dumps(document).encode() for document in DOCUMENTS]


def differing(found: dict[str, pl.DataFrame]) -> dict[str, list[tuple[str, int, int]]]:
    """The versions that differ, by table."""
    columns = ["id", "expected", "found"]
    return {
        name: sorted(rows.select(columns).iter_rows()) for name, rows in found.items() if len(rows)
    }


def test_every_element_of_every_array_is_a_row() -> None:
    frames = tables(PAYLOADS)
    found = miscounted(INVOICE, raw_rows(PAYLOADS), frames)
    assert set(found) == {table.name for table in tables_of(INVOICE)[1:]}
    assert differing(found) == {}
    heights = {name: frames[name].height for name in ("invoice_line", "invoice_line_line")}
    assert heights == {"invoice_line": 5, "invoice_line_line": 2}


@pytest.mark.parametrize(
    ("table", "identity", "rows"),
    [
        ("invoice_line", "1", 2),
        ("invoice_line", "5", 3),
        ("invoice_linked_txn", "2", 2),
        ("invoice_tax_line", "4", 1),
        ("invoice_line_line", "5", 2),
        ("invoice_line_linked_txn", "1", 1),
    ],
)
def test_a_row_lost_and_a_row_too_many_are_found(table: str, identity: str, rows: int) -> None:
    frames = tables(PAYLOADS)
    own = frames[table].filter(pl.col("invoice_id") == identity)
    rest = frames[table].filter(pl.col("invoice_id") != identity)
    for changed, n in ((own.slice(1), rows - 1), (pl.concat([own, own[:1]]), rows + 1)):
        spoilt = {**frames, table: pl.concat([rest, changed])}
        found = miscounted(INVOICE, raw_rows(PAYLOADS), spoilt)
        assert differing(found) == {table: [(identity, rows, n)]}


def test_rows_of_no_record_are_found() -> None:
    found = miscounted(INVOICE, raw_rows(PAYLOADS[:4]), tables(PAYLOADS))
    assert differing(found)["invoice_line"] == [("5", 0, 3)]


def test_what_is_no_array_is_no_count_that_any_table_has() -> None:
    payloads = [*PAYLOADS, b'{"Id": "6", "Line": {"Amount": 1}}', b'{"Id": "7", "Line": [']
    found = differing(miscounted(INVOICE, raw_rows(payloads), tables(PAYLOADS)))
    assert found["invoice_line"] == [("6", -1, 0), ("7", -1, 0)]


def test_the_records_of_many_pages_are_told_apart() -> None:
    payloads = [
        json.dumps({"Id": str(n), "Line": [{"Amount": 1}] * (n % 4)}).encode()
        for n in range(1, 1302)
    ]
    frames = tables(payloads)
    assert differing(miscounted(INVOICE, raw_rows(payloads), frames)) == {}
    spoilt = {**frames, "invoice_line": frames["invoice_line"].slice(0, -1)}
    found = differing(miscounted(INVOICE, raw_rows(payloads), spoilt))
    assert found == {"invoice_line": [("1301", 1, 0)]}
