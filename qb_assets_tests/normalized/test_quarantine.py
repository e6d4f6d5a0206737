"""Records that no table can hold: aside with reason and bytes, until mended or accepted."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.checks import QUARANTINE
from qb_assets.normalized.quarantine import Aside, accept, companies_aside, waiting
from qb_assets_tests.normalized.landed import DAY, MOMENT, Normalized

INVOICE, RATE = ENTITIES["Invoice"], ENTITIES["ExchangeRate"]
META = f'"MetaData": {{"LastUpdatedTime": "{MOMENT}"}}'
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


@pytest.fixture
def invoices(tmp_path: Path) -> Normalized:
    return Normalized(tmp_path, INVOICE)


def left(normalized: Normalized) -> list[Aside]:
    """What is left in quarantine, as the command sees it, and no other than the check sees."""
    found = waiting(normalized.lake, normalized.entity, "7")
    checked = normalized.examined().findings[normalized.entity.table, QUARANTINE]
    assert {key["id"] for key in checked.keys} == {each.id for each in found.left()}
    assert checked.notes["accepted"] == len(found.accepted())
    return found.left()


def accepted(normalized: Normalized, aside: Aside, reason: str = "a test record") -> bool:
    return accept(normalized.lake, aside, reason=reason, by="anna", at=NOW)


def test_a_record_without_its_id_is_aside_and_the_rest_lands(invoices: Normalized) -> None:
    body = f'{{{META}, "TotalAmt": 10.50}}'.encode()
    invoices.land({"Id": "1"}, body)
    assert [row["id"] for row in invoices.rows("invoice")] == ["1"]
    [row] = invoices.aside()
    assert row["payload"] == body
    assert "without its Id" in row["reason"]
    [aside] = left(invoices)
    assert (aside.id, aside.day, aside.company) == (row["id"], DAY, "7")
    assert invoices.lake.exists(aside.raw_object)


def test_a_rate_without_its_key_is_aside(tmp_path: Path) -> None:
    rates = Normalized(tmp_path, RATE)
    rates.land(b'{"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "Rate": 1.1}')
    [aside] = left(rates)
    assert "SourceCurrencyCode, TargetCurrencyCode, AsOfDate" in aside.reason


def test_of_two_records_with_one_id_one_lands_and_the_other_is_aside(invoices: Normalized) -> None:
    invoices.land({"Id": "1", "DocNumber": "a"}, {"Id": "2"}, {"Id": "1", "DocNumber": "b"})
    assert sorted(row["id"] for row in invoices.rows("invoice")) == ["1", "2"]
    [aside] = left(invoices)
    assert aside.id.startswith("1~")
    assert "another record of the same answer has its Id" in aside.reason
    wrong = {key: found.wrong for key, found in invoices.examined().findings.items() if found.wrong}
    assert wrong == {("invoice", QUARANTINE): 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"TotalAmt": "a lot, Anna"}, "TotalAmt: text in place of number"),
        ({"DocNumber": 5}, "DocNumber: number in place of text"),
        ({"TxnDate": "2026-02-30"}, "TxnDate: no date that there is"),
        ({"Line": [{"Amount": "Anna"}, 7]}, "Line[].Amount: text in place of number; Line[]:"),
        ({"CustomerRef": "Anna"}, "CustomerRef: text in place of object"),
        ({"TotalAmt": 1e40}, "TotalAmt: number with more than 28 digits before the point"),
    ],
)
def test_the_reason_names_the_property_and_no_value(
    invoices: Normalized, fields: dict[str, Any], reason: str
) -> None:
    invoices.land({"Id": "1", **fields})
    [aside] = left(invoices)
    assert reason in aside.reason
    assert "Anna" not in aside.reason
    assert "Anna" not in str(invoices.examined().findings["invoice", QUARANTINE].keys)


def test_a_later_version_makes_it_good(invoices: Normalized) -> None:
    invoices.land({"Id": "1", "TotalAmt": "x"}, {"Id": "2", "TotalAmt": "x"})
    assert {each.id for each in left(invoices)} == {"1", "2"}
    invoices.land({"Id": "1", "TotalAmt": 1})
    assert [each.id for each in left(invoices)] == ["2"]


def test_an_accepted_version_is_green_and_counted_and_a_newer_one_is_red(
    invoices: Normalized,
) -> None:
    invoices.land({"Id": "1", "TotalAmt": "x"}, {"Id": "2", "TotalAmt": "x"})
    [one, two] = sorted(left(invoices), key=lambda aside: aside.id)
    assert accepted(invoices, one)
    assert not accepted(invoices, one, "once more")
    assert [each.id for each in left(invoices)] == ["2"]
    accepted(invoices, two)
    invoices.build()  # what is made again from raw is the same version
    assert left(invoices) == []
    assert waiting(invoices.lake, INVOICE, "7").accepted() == [one, two]
    invoices.land({"Id": "1", "TotalAmt": "y"})
    assert [each.payload for each in left(invoices)] != [one.payload]
    assert [each.id for each in left(invoices)] == ["1"]


def test_acceptance_is_kept_with_who_why_and_when(invoices: Normalized) -> None:
    invoices.land(f"{{{META}}}".encode())
    [aside] = left(invoices)
    accepted(invoices, aside, "made by hand in 2014")
    [found] = [each for each in invoices.lake.list("quarantine") if "accepted" in each.path]
    assert found.path == f"quarantine/invoice/company=7/accepted/{aside.version}.json"
    text = invoices.lake.read(found.path).decode()
    for said in ("made by hand in 2014", "anna", "2026-06-01T00:00:00Z", aside.id, aside.reason):
        assert said in text


def test_what_is_in_quarantine_is_found_by_entity_and_company(invoices: Normalized) -> None:
    every = list(ENTITIES.values())
    assert list(companies_aside(invoices.lake, every)) == []
    invoices.land(f"{{{META}}}".encode())
    assert [(e.name, c) for e, c in companies_aside(invoices.lake, every)] == [("Invoice", "7")]
