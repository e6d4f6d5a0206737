"""What the catalog does not know: told of with its shape, kept with its literals, no failure."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.findings import Value
from qb_assets.lake import parquet
from qb_assets.normalized.checks import DRIFT
from qb_assets.normalized.drift import UNMODELED, Unmodeled, merged
from qb_assets.normalized.walk import shape
from qb_assets_tests.normalized.landed import FETCHED, MOMENT, Normalized

INVOICE, JOURNAL = ENTITIES["Invoice"], ENTITIES["JournalEntry"]
META = f'"MetaData": {{"LastUpdatedTime": "{MOMENT}"}}'
FIRST, SECOND = (each.isoformat() for each in (FETCHED, FETCHED + timedelta(minutes=1)))


@pytest.fixture
def invoices(tmp_path: Path) -> Normalized:
    return Normalized(tmp_path, INVOICE)


def told(normalized: Normalized) -> dict[str, dict[str, Value]]:
    """The check's table by path; nothing else is wrong."""
    found = normalized.examined().findings
    others = {check for (_, check), each in found.items() if each.wrong and check != DRIFT}
    assert others <= {"quarantine"}
    return {str(row["path"]): row for row in found[normalized.entity.table, DRIFT].keys}


def parts(normalized: Normalized) -> dict[str, str | None]:
    return {row["id"]: row["_unmodeled"] for row in normalized.rows(normalized.entity.table)}


def test_what_is_undeclared_is_kept_with_its_literals(invoices: Normalized) -> None:
    invoices.land(
        f'{{"Id": "1", {META}, "New": {{"Rate": 1.2300000, "Off": null}}, "Line": ['
        '{"Amount": 1}, {"Odd": [1e2, "é"], "LinkedTxn": [{"TxnId": "4", "Deep": true}]}, {}],'
        ' "TotalAmt": 0, "CustomerRef": {"value": "1", "rank": 12345678901234567890.5},'
        ' "TxnTaxDetail": {"TaxLine": [{"More": {}}]}}'.encode(),
        {"Id": "2", "Empty": [], "Nothing": None, "TotalAmt": 0},
        {"Id": "3", "New": "now a text", "TotalAmt": 0},
    )
    found = parts(invoices)
    assert found.pop("2") is None
    assert found == {
        "1": '{"New":{"Rate": 1.2300000, "Off": null},"Line":[null,{"Odd":[1e2, "é"],'
        '"LinkedTxn":[{"Deep":true}]}],"CustomerRef":{"rank":12345678901234567890.5},'
        '"TxnTaxDetail":{"TaxLine":[{"More":{}}]}}',
        "3": '{"New":"now a text"}',
    }


def test_each_path_is_told_with_type_count_times_and_shape(invoices: Normalized) -> None:
    secret = {"Id": "1", "New": {"Who": "Anna Lee, 42", "On": "2026-05-04"}}
    invoices.land(secret, {**secret, "Id": "2"})
    invoices.land({"Id": "3", "New": {"Who": "Bo"}, "Line": [{"Odd": 1.5}, {"Odd": 2}]})
    found = told(invoices)
    assert found == {
        "New.Who": {
            "path": "New.Who",
            "type": "text",
            "count": 3,
            "first_seen": FIRST,
            "last_seen": SECOND,
            "example": "xxxx xxx, 99",
        },
        "New.On": {
            "path": "New.On",
            "type": "date",
            "count": 2,
            "first_seen": FIRST,
            "last_seen": FIRST,
            "example": "9999-99-99",
        },
        "Line[].Odd": {
            "path": "Line[].Odd",
            "type": "number",
            "count": 2,
            "first_seen": SECOND,
            "last_seen": SECOND,
            "example": "9.9",
        },
    }
    assert "Anna" not in str(found)


def test_a_name_that_is_spelt_with_escapes_is_found(invoices: Normalized) -> None:
    invoices.land(f'{{"Id": "1", {META}, "N\\u0065w": 5}}'.encode(), {"Id": "2"})
    assert parts(invoices) == {"1": '{"New":5}', "2": None}


def test_a_value_outside_of_a_closed_set_is_told_and_lands(tmp_path: Path) -> None:
    entries = Normalized(tmp_path, JOURNAL)

    def line(side: str | None) -> dict[str, Any]:
        return {"Amount": 0, "JournalEntryLineDetail": {"PostingType": side}}

    entries.land({"Id": "1", "Line": [line("Debit"), line("Sideways 1"), line(None)]})
    [row] = told(entries).values()
    assert row["path"] == "Line[].JournalEntryLineDetail.PostingType"
    assert (row["type"], row["count"], row["example"]) == ("unknown value", 1, "xxxxxxxx 9")
    assert len(entries.rows("journal_entry_line")) == 3


def test_another_type_is_told_and_the_record_is_aside(invoices: Normalized) -> None:
    invoices.land({"Id": "1", "DocNumber": 505})
    [row] = told(invoices).values()
    assert (row["path"], row["type"]) == ("DocNumber", "number in place of text")
    assert row["example"] == "999"
    assert [each["id"] for each in invoices.aside()] == ["1"]


def test_what_earlier_objects_say_of_drift_is_read(invoices: Normalized) -> None:
    invoices.land({"Id": "1", "New": 5})
    [found] = invoices.lake.list("normalized/invoice")
    data = invoices.lake.read(found.path)
    said = {**parquet.read_metadata(data), UNMODELED: '[{"path":"New","type":"number","count":1}]'}
    rows = parquet.decode(data).drop_columns(["_unmodeled"])
    invoices.lake.replace(found.path, parquet.encode(rows, metadata=said))
    [row] = told(invoices).values()
    assert (row["count"], row["first_seen"], row["example"]) == (1, None, "")


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("Anna-Lee 42", "xxxx-xxx 99"),
        ("ünï@例.org", "xxx@x.xxx"),
        ("x" * 50, "x" * 20),
        ("٣", "9"),
        ("", ""),
    ],
)
def test_a_shape_tells_no_letter_and_no_digit(value: str, masked: str) -> None:
    assert shape(value) == masked


def test_sightings_of_one_path_and_type_are_one() -> None:
    early, late = FETCHED, FETCHED + timedelta(days=1)
    found = merged(
        [
            Unmodeled("B", "text", 1, late, late, "xx"),
            Unmodeled("B", "number", 2),
            Unmodeled("B", "text", 3, early, early, "x"),
            Unmodeled("A", "text", 1),
        ]
    )
    assert found == [
        Unmodeled("A", "text", 1),
        Unmodeled("B", "number", 2),
        Unmodeled("B", "text", 4, early, late, "xx"),
    ]
    assert msgspec.json.decode(msgspec.json.encode(found), type=list[Unmodeled]) == found
    assert json.loads(msgspec.json.encode(found))[0]["path"] == "A"
