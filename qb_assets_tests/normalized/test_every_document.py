"""Every example, and random documents of every entity: landed or set aside, never lost or altered.

`python -m qb_assets_tests.documents` does the same with a thousand documents an entity.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets_tests.documents import values
from qb_assets_tests.documents.contract import ROOTS, properties, reduced, types
from qb_assets_tests.documents.generate import Maker
from qb_assets_tests.documents.passage import Landed, empty_lake, land
from qb_assets_tests.documents.samples import MISPRINTS, Sample, samples, waves
from qb_assets_tests.documents.trees import known
from qb_assets_tests.documents.trials import (
    Trial,
    answered,
    is_right,
    try_documents,
    try_long_document,
)
from qb_assets_tests.expected import Record, read_records


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> list[Sample]:
    return samples(shared_data / "samples")


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_example_is_the_same_in_the_tables(entity: str, examples: list[Sample]) -> None:
    own = [each for each in examples if each.entity == entity]
    assert own
    for wave in waves(own):
        with empty_lake() as lake:
            landed = land(lake, entity, [each.body for each in wave])
        assert list(landed.raw.values()) == [each.body for each in wave]
        assert landed.quarantined == {}
        misprints = [name for owner, name in MISPRINTS if owner == entity]
        assert not landed.unmodeled.difference(*map(landed.told, misprints))
        expected = landed.expected([each.record for each in wave if not each.deleted])
        assert landed.differences(expected) == []
        assert len(landed.keys(deleted=True)) == sum(each.deleted for each in wave)


def test_the_examples_are_many(examples: list[Sample]) -> None:
    assert len(examples) > 150
    assert sum(each.deleted for each in examples) > 5


def test_the_copy_of_the_contract_is_what_is_published(shared_data: Path) -> None:
    published = json.loads((shared_data / "qbo_contract.json").read_text())
    kinds = [name for name in ENTITIES if name != "RecurringTransaction"]
    assert types() == reduced(published, [ROOTS.get(name, name) for name in kinds])


@pytest.mark.parametrize("entity", ENTITIES)
def test_random_documents_are_the_same_in_the_tables(entity: str) -> None:
    trial = try_documents(entity, 30, seed=1)
    assert trial.wrong == []
    assert trial.quarantined == 0
    assert trial.scalars > 100


@pytest.mark.parametrize("entity", ENTITIES)
def test_hostile_documents_land_or_step_aside(entity: str) -> None:
    assert try_documents(entity, 25, seed=2, hostile=True).wrong == []


def test_of_hostile_documents_many_land_and_some_step_aside() -> None:
    trial = try_documents("Invoice", 60, seed=3, hostile=True)
    assert is_right(trial)
    assert 0 < trial.quarantined < 30


@pytest.mark.parametrize("entity", ["Invoice", "JournalEntry"])
def test_a_document_of_ten_thousand_lines(entity: str) -> None:
    trial = try_long_document(entity, 10_000, seed=4)
    assert trial.wrong == []
    assert trial.scalars > 10_000


def test_the_first_document_of_a_seed_has_all_there_is() -> None:
    tree = known(Maker(5, answered).document("Customer", 0).tree)
    marks = {name: "[]" * isinstance(kind, list) for name, kind in properties("Customer").items()}
    assert set(tree) == {name for name in marks if answered(f"Customer.{name}{marks[name]}")}
    assert set(tree["BillAddr"]) == set(properties("PhysicalAddress"))
    assert len(tree["OtherContactInfo"]) == 2


@pytest.mark.parametrize(
    "fields",
    [
        *(f'"TotalAmt": {literal}' for literal in (*values.TOO_BIG, *values.TOO_FINE)),
        '"TotalAmt": 1, "TotalAmt": 2',
        '"Line": [{"Amount": 1}], "Line": [{"Amount": 2}]',
        '"BillAddr": {"Line1": "a"}, "BillAddr": {"City": "b"}',
        '"MetaData": {"CreateTime": "2026-01-01T00:00:00.1234567Z"}',
    ],
)
def test_what_would_be_altered_steps_aside_with_its_bytes(fields: str) -> None:
    bodies = [b'{"Id": "1"}', f'{{"Id": "2", {fields}}}'.encode(), b'{"Id": "3", "TotalAmt": 1.5}']
    with empty_lake() as lake:
        landed = land(lake, "Invoice", bodies)
    assert landed.quarantined == {"2": bodies[1]}
    assert sorted(landed.keys()) == ["1", "3"]


@pytest.mark.parametrize("novelty", ["[null, 5]", "[null, 1e40]", "[[null], [1]]", "[{}, 5, null]"])
def test_a_novelty_of_any_shape_leaves_the_rest_as_it_is(novelty: str) -> None:
    body = f'{{"Id": "1", "Line": [{{"Amount": 1.10, "Odd": {novelty}}}, {{"Amount": 2}}]}}'
    with empty_lake() as lake:
        landed = land(lake, "Invoice", [b'{"Id": "0"}', body.encode()])
    assert landed.quarantined == {}
    assert landed.unmodeled == landed.told("Line[].Odd") != set()
    amounts = landed.tables["invoice_line"].column("amount").to_pylist()
    assert amounts == [Decimal("1.10"), Decimal(2)]


@pytest.fixture(scope="module")
def one() -> Landed:
    body = b'{"Id": "1", "TotalAmt": 1.10, "Line": [{"Amount": 1}, {"Amount": 0.1}]}'
    with empty_lake() as lake:
        return land(lake, "Invoice", [body])


def record(**changes: str) -> list[Record]:
    lines = changes.pop("lines", '[{"Amount": 1}, {"Amount": 0.1}]')
    members = {"Id": '"1"', "TotalAmt": "1.1", **changes, "Line": lines}
    texts = [f'"{name}": {text}' for name, text in members.items()]
    return read_records(f"[{{{','.join(texts)}}}]")


@pytest.mark.parametrize(
    ("records", "wrong"),
    [
        (record(), ""),
        (record(TotalAmt="1.1000000001"), "total_amt: Decimal('1.1000000001') became"),
        (record(TotalAmt="null"), "total_amt: Decimal('1.1000000000') came from nowhere"),
        (record(DocNumber='"5"'), "doc_number: '5' became None"),
        (record(Novelty="5"), "no column novelty"),
        (record(lines="[]"), "invoice_line ('1', '0'): not in the JSON"),
        (record(lines='[{"Amount": 0.1}, {"Amount": 1}]'), "Decimal('0.1') became"),
        (record(lines='[{"Amount": 1}, {"Amount": 0.1}, {}]'), "('1', '2'): not in the table"),
        ([], "invoice ('1',): not in the JSON"),
    ],
)
def test_the_comparison_sees_what_differs(one: Landed, records: list[Record], wrong: str) -> None:
    found = one.differences(one.expected(records))
    assert wrong in " ".join(found)
    assert bool(found) is bool(wrong)


def test_a_trial_with_anything_wrong_is_not_right() -> None:
    assert is_right(Trial("Invoice", 1, 0, 5, []))
    assert not is_right(Trial("Invoice", 1, 0, 5, ["lost"]))
