"""What is read with a part of the schema is what is read with all of it."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized import narrow
from qb_assets.normalized.parse import Parsed, parse

INVOICE = ENTITIES["Invoice"]
USUAL: list[dict[str, Any]] = [
    {"Id": "1", "TotalAmt": 12.5, "Line": [{"Amount": 1.25}], "CustomerRef": {"value": "3"}},
    {"Id": "2", "CustomField": [], "TxnTaxDetail": {}},
]
UNUSUAL: dict[str, Any] = {
    "a scalar": {"Id": "3", "DocNumber": "7", "TxnDate": "2026-03-01"},
    "a scalar that looks like another type": {"Id": "3", "DocNumber": "2026-03-01"},
    "a part of a reference": {"Id": "3", "CustomerRef": {"value": "3", "name": "Ann"}},
    "an object": {"Id": "3", "BillAddr": {"Line1": "1 Road", "City": "Rome"}},
    "a part of an object": {"Id": "3", "TxnTaxDetail": {"TotalTax": 1.1}},
    "an array in an object": {"Id": "3", "TxnTaxDetail": {"TaxLine": [{"Amount": 1}]}},
    "an array's part": {"Id": "3", "Line": [{"Amount": 1, "LinkedTxn": [{"TxnId": "1"}]}]},
    "an empty array's element": {"Id": "3", "CustomField": [{"Name": "PO", "Type": "String"}]},
    "a null": {"Id": "3", "DocNumber": None, "Line": None, "BillAddr": None},
    "undeclared properties": {"Id": "3", "New": 1, "Line": [{"New": [{"x": None}], "Old": "a"}]},
    "what is no such number": {"Id": "3", "Balance": "none"},
    "what is no such object": {"Id": "3", "BillAddr": "1 Road"},
    "what is no such array": {"Id": "3", "LinkedTxn": {"TxnId": "1"}},
}


def read(documents: list[dict[str, Any]]) -> Parsed:
    return parse(INVOICE, [json.dumps(document).encode() for document in documents])


@pytest.mark.parametrize("what", UNUSUAL)
def test_what_was_never_seen_before_is_read_all_the_same(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [*USUAL, UNUSUAL[what], USUAL[0]]
    monkeypatch.setattr(narrow, "_used", {})
    whole = read(documents)
    monkeypatch.setattr(narrow, "_used", {})
    read(USUAL)
    again = read(documents)
    assert again.rows.type == whole.rows.type
    assert again.rows.equals(whole.rows)
    assert (again.places, again.rejects) == (whole.places, whole.rejects)
    assert again.unmodeled == whole.unmodeled


def test_a_read_is_repeated_only_for_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "_used", {})
    schema = pa.schema([(name, pa.string()) for name in ("Id", "DocNumber", "PrivateNote")])
    asked: list[list[str]] = []

    def read_of(records: str) -> None:
        def reader(part: pa.Schema) -> pa.Table:
            asked.append(part.names)
            options = pj.ParseOptions(explicit_schema=part, unexpected_field_behavior="infer")
            return pj.read_json(io.BytesIO(records.encode()), parse_options=options)

        narrow.read_narrowly(schema, reader)

    read_of('{"Id": "1"}')
    read_of('{"Id": "2", "New": 1}')
    read_of('{"DocNumber": "7"}')
    read_of('{"Id": "4", "DocNumber": "8"}')
    assert asked == [schema.names, ["Id"], ["Id"], schema.names, ["Id", "DocNumber"]]
