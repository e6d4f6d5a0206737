"""Records that come in an object with their type as its key."""

import json
from decimal import Decimal

import pyarrow as pa
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.parse import parse
from qb_assets.normalized.wrapped import unwrapped

RECURRING = ENTITIES["RecurringTransaction"]


@pytest.mark.parametrize(
    ("row", "record"),
    [
        (b'{"Bill":{"Id":"1","TotalAmt":1.10}}', b'{"TxnType":"Bill","Id":"1","TotalAmt":1.10}'),
        (b' { "Bill" : { "Id" : "1" } } ', b'{"TxnType":"Bill", "Id" : "1" }'),
        (b'{"Invoice":{}}', b'{"TxnType":"Invoice"}'),
        ('{"Q\\"ö":{ }}'.encode(), '{"TxnType":"Q\\"ö" }'.encode()),
    ],
)
def test_the_record_keeps_its_bytes_and_gets_the_key(row: bytes, record: bytes) -> None:
    assert unwrapped(row) == record
    assert json.loads(record) is not None


@pytest.mark.parametrize(
    "row",
    [
        b"{}",
        b"[]",
        b"",
        b'{"Bill":5}',
        b'{"Bill":null}',
        b'{"Bill":{"Id":"1"},"Invoice":{"Id":"2"}}',
        b'{"Bill":{"Id":"1","TxnType":"Invoice"}}',
    ],
)
def test_anything_else_is_refused(row: bytes) -> None:
    with pytest.raises(pa.ArrowInvalid):
        unwrapped(row)


def test_templates_of_all_kinds_are_rows_and_what_is_none_steps_aside() -> None:
    parsed = parse(
        RECURRING,
        [
            b'{"Bill":{"Id":"1","TotalAmt":74.36,"RecurringInfo":{"Name":"Telephone"}}}',
            b'{"Bill":{"Id":"2"},"Invoice":{"Id":"3"}}',
            b'{"Transfer":{"Id":"4","Amount":0.10,"Novelty":1}}',
        ],
    )
    assert parsed.places == [0, 2]
    [reject] = parsed.rejects
    assert reject.place == 1
    assert parsed.rows.field("TxnType").to_pylist() == ["Bill", "Transfer"]
    assert parsed.rows.field("TotalAmt").to_pylist() == [Decimal("74.36"), None]
    assert parsed.rows.field("Amount").to_pylist() == [None, Decimal("0.10")]
    assert [each.path for each in parsed.unmodeled] == ["Novelty"]
