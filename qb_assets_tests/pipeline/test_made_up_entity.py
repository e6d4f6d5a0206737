"""An entity that QuickBooks does not have goes the whole way by one declaration."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from qb_assets.automation.headless import Outcome
from qb_assets.catalog import Entity, LineSum
from qb_assets.catalog.fields import array, day, decimal, obj, ref, text
from qb_assets.catalog.parts import INTUIT_ENTITY
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, keys_of, pipeline, red
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

RENTAL = Entity(
    name="EquipmentRental",
    description="One rental of a machine, which no QuickBooks knows.",
    kind="transaction",
    fields=(
        *INTUIT_ENTITY,
        day("TxnDate"),
        ref("CustomerRef"),
        ref("CurrencyRef"),
        decimal("TotalAmt"),
        obj("Site", text("City"), obj("Contact", text("Phone"))),
        array(
            "Line",
            text("Id"),
            decimal("Amount"),
            array("Fittings", text("Name"), decimal("Weight")),
        ),
    ),
    cdc=True,
    delete="hard",
    amounts=("TotalAmt",),
    line_sum=LineSum(source="made up"),
)


def rental(number: int) -> str:
    """A record as text, so that its numbers are the literals that the test says."""
    stamp = f"2026-03-{10 + number:02}T10:00:00-07:00"
    return f"""{{
        "Id": "{number}", "SyncToken": "0", "TxnDate": "2026-03-01",
        "CustomerRef": {{"value": "7", "name": "Söns & Co"}},
        "CurrencyRef": {{"value": "USD"}},
        "TotalAmt": {number}2.1234567891,
        "Site": {{"City": "Tucson", "Contact": {{"Phone": "555"}}}},
        "Line": [
            {{"Id": "1", "Amount": {number}0.1234567891, "Fittings": [
                {{"Name": "Shovel", "Weight": 1e1}}, {{"Name": "Bucket", "Weight": 0.5}}]}},
            {{"Id": "2", "Amount": 2, "Fittings": []}}
        ],
        "MetaData": {{"CreateTime": "{stamp}", "LastUpdatedTime": "{stamp}"}}
    }}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Outcome, Path]]:
    folder = tmp_path_factory.mktemp("made-up")
    books = folder / "books"
    books.mkdir()
    text = f"[{','.join(rental(number) for number in range(1, 6))}]"
    (books / "EquipmentRental.json").write_text(text, encoding="utf-8")
    free = Settings(requests_per_minute=0, concurrent=0)
    with (
        start(company_dir=books, settings=free) as sandbox,
        pipeline(folder, sandbox, [RENTAL], "2026-11-01") as made,
    ):
        yield made, made.run(), books


def test_it_has_every_asset_and_check(made: tuple[Pipeline, Outcome, Path]) -> None:
    _, outcome, _ = made
    assets = {m.asset_key.to_user_string() for m in outcome.materializations}
    tables = ["equipment_rental", "equipment_rental_line", "equipment_rental_line_fitting"]
    layers = [f"{layer}/{table}" for layer in ("normalized", "warehouse") for table in tables]
    assert assets == {"raw/equipment_rental", *layers}
    parent = ["valid", "quarantine", "drift", "line_sum"]
    expected = {f"normalized/{tables[0]}:{check}" for check in parent}
    expected |= {f"normalized/{name}:{c}" for name in tables[1:] for c in ("valid", "complete")}
    expected |= {"raw/equipment_rental:complete"}
    held = ("rows", "amounts", "history")
    expected |= {f"warehouse/equipment_rental:{check}" for check in held}
    expected |= {f"warehouse/{name}:complete" for name in tables[1:]}
    expected |= {f"quickbooks/connection:{check}" for check in ("token", "budget")}
    passed = {f"{c.asset_key.to_user_string()}:{c.check_name}" for c in outcome.checks if c.passed}
    assert passed == expected
    assert outcome.clean


def test_its_rows_are_the_json(made: tuple[Pipeline, Outcome, Path]) -> None:
    pipeline, _, books = made
    records = read_records((books / "EquipmentRental.json").read_bytes())
    with pipeline.surroundings.warehouse() as warehouse:
        expected = expected_of({"EquipmentRental": records}, warehouse.tables())
        assert differences(warehouse, expected, pipeline.company) == []
        [row] = warehouse.rows("equipment_rental", "id = '3'")
        fittings = warehouse.rows("equipment_rental_line_fitting")
    assert row["total_amt"] == Decimal("32.1234567891")
    assert row["site_contact_phone"] == "555"
    assert row["customer_name"] == "Söns & Co"
    assert len(fittings) == 10


def test_its_checks_see_what_is_wrong(made: tuple[Pipeline, Outcome, Path]) -> None:
    pipeline, _, _ = made
    change = {"entity": "EquipmentRental", "id": "2", "fields": {"TotalAmt": 5}, "silent": True}
    pipeline.sandbox.admin("edit", json.loads(json.dumps(change)))
    [(name, check)] = red(pipeline.check("warehouse/equipment_rental")).items()
    assert name == "warehouse/equipment_rental:amounts"
    [key] = keys_of(check)
    assert (key["id"], key["quickbooks"], key["warehouse"]) == ("2", "5", "22.1234567891")
