"""Records that break their contract step aside with the reason; the rest of their day lands."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from qb_assets.automation.headless import Outcome
from qb_assets.lake import parquet
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, keys_of, pipeline, red
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

LINE = '[{"Id": "1", "Amount": %s, "DetailType": "SalesItemLineDetail"}]'
LARGE = "987654321098765432.0123456789"
BAD = {
    "2": ("0.12345678901", LINE % "0.12345678901"),  # an eleventh digit
    "4": ("1" + "0" * 28, LINE % ("1" + "0" * 28)),  # 29 digits before the point
    "6": ('"a lot"', LINE % "1"),  # a text where an amount belongs
    "8": ("1", LINE % '"much"'),  # the same in a line
    "9": ("1", '{"not": "an array"}'),
}
GOOD = {
    "1": ("10.5", LINE % "10.5"),
    "3": ("1201.0", LINE % "1201.0"),
    "5": ("-0", LINE % "0.00"),
    "7": (LARGE, LINE % LARGE),
    "10": ("1.5e3", LINE % "1500"),
}


def invoice(identity: str, total: str, lines: str) -> str:
    stamp = "2026-03-04T10:00:00-08:00"
    return (
        f'{{"Id": "{identity}", "SyncToken": "0", "TxnDate": "2026-03-04", "TotalAmt": {total}, '
        f'"Balance": 0, "CurrencyRef": {{"value": "USD"}}, "Line": {lines}, '
        f'"MetaData": {{"CreateTime": "{stamp}", "LastUpdatedTime": "{stamp}"}}}}'
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Outcome]]:
    folder = tmp_path_factory.mktemp("quarantine")
    books = folder / "books"
    books.mkdir()
    every = sorted({**GOOD, **BAD}.items(), key=lambda item: int(item[0]))
    text = ",\n".join(invoice(identity, *values) for identity, values in every)
    Path(books / "Invoice.json").write_text(f"[{text}]", encoding="utf-8")
    with (
        start(company_dir=books, settings=Settings(requests_per_minute=0)) as sandbox,
        pipeline(folder, sandbox, ["Invoice"], "2026-11-20") as made,
    ):
        yield made, made.run()


def test_the_rest_lands_to_the_last_digit(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, outcome = made
    assert outcome.failures == []
    served = read_records(pipeline.sandbox.admin_bytes("records/Invoice"))
    good = [row for row in served if row["Id"] in GOOD]
    with pipeline.surroundings.warehouse() as warehouse:
        expected = expected_of({"Invoice": good}, warehouse.tables())
        assert differences(warehouse, expected, pipeline.company) == []
        [row] = warehouse.rows("invoice", "id = '7'")
    assert row["total_amt"] == Decimal(LARGE)


def test_the_bad_ones_are_kept_with_bytes_and_reason(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    objects = pipeline.lake.list("quarantine/invoice")
    rows = [row for o in objects for row in parquet.decode(pipeline.lake.read(o.path)).to_pylist()]
    assert {row["id"] for row in rows} == set(BAD)
    served = pipeline.sandbox.admin_bytes("records/Invoice")
    for row in rows:
        assert row["payload"] in served
        assert f'"Id": "{row["id"]}"'.encode() in row["payload"]
        assert len(row["reason"]) > 10
        assert pipeline.lake.exists(row["raw_object"])


def test_the_checks_say_so(made: tuple[Pipeline, Outcome]) -> None:
    _, outcome = made
    found = red(outcome)
    assert {key["id"] for key in keys_of(found["normalized/invoice:quarantine"])} == set(BAD)
    assert {key["id"] for key in keys_of(found["warehouse/invoice:rows"])} == set(BAD)
    amounts = keys_of(found["warehouse/invoice:amounts"])
    assert {key["id"] for key in amounts} <= set(BAD)
    assert {key["id"] for key in amounts} >= {"2", "4", "8"}
    for check in ("normalized/invoice:valid", "normalized/invoice_line:complete"):
        assert check not in found


def test_it_lands_when_it_is_mended(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    for identity in BAD:
        fields = {
            "TotalAmt": 1,
            "Line": [{"Id": "1", "Amount": 1, "DetailType": "SalesItemLineDetail"}],
        }
        change = {"entity": "Invoice", "id": identity, "fields": fields, "silent": True}
        pipeline.sandbox.admin("edit", change)
    again = pipeline.run()
    assert again.failures == []
    assert pipeline.check("warehouse/invoice").clean
