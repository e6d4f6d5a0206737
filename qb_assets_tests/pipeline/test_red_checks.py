"""What is spoilt is seen: each check is red for what it is there for, and green when mended."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from qb_assets.lake import parquet
from qb_assets.normalized.schema import LINEAGE as OF_EVERY_ROW
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, keys_of, pipeline, red
from qb_assets_tests.pipeline.truth import Record, read_records

ENTITIES = ["Invoice", "Term"]
LINEAGE = ", ".join(OF_EVERY_ROW.names)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    now = datetime.now(timezone.utc)
    settings = Settings(requests_per_minute=0, concurrent=0, now=now - timedelta(minutes=1))
    first = (now - timedelta(days=2)).date().isoformat()
    folder = tmp_path_factory.mktemp("red")
    with (
        start(seed=2, invoices=30, settings=settings) as sandbox,
        pipeline(folder, sandbox, ENTITIES, first) as made,
    ):
        assert made.run().clean
        yield made


def invoices(made: Pipeline) -> list[Record]:
    return read_records(made.sandbox.admin_bytes("records/Invoice"))


def test_an_amount_that_was_changed_silently(made: Pipeline) -> None:
    record = invoices(made)[4]
    amount = record["TotalAmt"]
    change = {"entity": "Invoice", "id": record["Id"], "silent": True}
    made.sandbox.admin("edit", {**change, "fields": {"TotalAmt": 77777.01}})
    done = made.surroundings.command(
        *("check", "--select", "warehouse/invoice"), env=made.sandbox.env
    )
    assert done.returncode == 1, done.stderr
    [told] = [line for line in done.stdout.splitlines() if line.startswith("RED")]
    assert "warehouse/invoice:amounts" in told
    assert f"id {record['Id']}, amount TotalAmt, quickbooks 77777.01" in done.stdout
    assert f"warehouse {amount.normalize():f}" in done.stdout
    day = made.calendar.start.isoformat()
    assert f"day {day}, id {record['Id']}" in done.stdout
    assert f"Materialize {day} again." in told
    made.sandbox.admin("edit", {**change, "fields": {"TotalAmt": float(amount)}})
    assert made.check("warehouse/invoice").clean


def test_a_silent_change_is_brought_by_another_run_of_its_day(made: Pipeline) -> None:
    record = invoices(made)[5]
    change = {"entity": "Invoice", "id": record["Id"], "fields": {"Balance": 0.07}, "silent": True}
    made.sandbox.admin("edit", change)
    found = red(made.check("warehouse/invoice"))["warehouse/invoice:amounts"]
    assert f"--from {made.calendar.start} --to" in str(found.metadata["to_do"].value)
    again = made.run(made.calendar.start, made.calendar.start)
    assert again.failures == []
    assert made.check("warehouse/invoice").clean
    with made.surroundings.warehouse() as warehouse:
        [row] = warehouse.rows("invoice", f"id = '{record['Id']}'")
    assert row["balance"] == Decimal("0.07")


def test_a_row_that_is_gone_from_the_warehouse(made: Pipeline) -> None:
    identity = invoices(made)[0]["Id"]
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute("DELETE FROM quickbooks.invoice WHERE id = ?", [identity])
    found = red(made.check("warehouse/invoice"))
    checks = ("rows", "amounts", "history")
    assert found.keys() == {f"warehouse/invoice:{check}" for check in checks}
    [key] = keys_of(found["warehouse/invoice:rows"])
    assert (key["id"], key["problem"]) == (identity, "not in the warehouse")
    assert made.run(select=["warehouse/invoice"]).clean
    assert made.check("warehouse/invoice").clean


def test_a_row_that_is_there_twice(made: Pipeline) -> None:
    record = invoices(made)[2]
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute(
            "INSERT INTO quickbooks.invoice BY NAME SELECT id, _values_changed_at,"
            f" _values_extracted_at, {LINEAGE} FROM quickbooks.invoice WHERE id = ?",
            [record["Id"]],
        )
    found = red(made.check("warehouse/invoice"))
    [key] = keys_of(found["warehouse/invoice:rows"])
    assert (key["id"], key["problem"]) == (record["Id"], "more than once in the warehouse")
    assert made.run(select=["warehouse/invoice"]).clean
    assert made.check("warehouse/invoice").clean


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (
            "DELETE FROM quickbooks.invoice_line WHERE invoice_id = ? AND position = 0",
            "warehouse/invoice_line:complete",
        ),
        (
            "INSERT INTO quickbooks.invoice_line BY NAME"
            f" SELECT invoice_id, 99 AS position, amount, {LINEAGE}"
            " FROM quickbooks.invoice_line WHERE invoice_id = ? AND position = 0",
            "warehouse/invoice_line:complete",
        ),
        (
            "UPDATE quickbooks.invoice SET total_amt = total_amt + 0.01 WHERE id = ?",
            "warehouse/invoice:amounts",
        ),
    ],
)
def test_what_is_spoilt_in_the_warehouse_is_seen_and_mended(
    made: Pipeline, spoil: str, check: str
) -> None:
    identity = invoices(made)[1]["Id"]
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute(spoil, [identity])
    found = red(made.check("warehouse/invoice"))
    assert found.keys() == {check}
    assert {key["id"] for key in keys_of(found[check])} == {identity}
    assert made.run(select=["warehouse/invoice"]).clean
    assert made.check("warehouse/invoice").clean


def test_a_row_that_quickbooks_does_not_have(made: Pipeline) -> None:
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute(
            f"INSERT INTO quickbooks.term BY NAME SELECT 'made-up' AS id, {LINEAGE},"
            " _values_changed_at, _values_extracted_at FROM quickbooks.term LIMIT 1"
        )
    found = red(made.check("warehouse/term"))
    [key] = keys_of(found["warehouse/term:rows"])
    assert (key["id"], key["problem"]) == ("made-up", "not in QuickBooks")
    assert "--sweep" in str(found["warehouse/term:rows"].metadata["to_do"].value)
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute("DELETE FROM quickbooks.term WHERE id = 'made-up'")
    assert made.check("warehouse/term").clean


def test_one_missing_does_not_hide_one_too_many(made: Pipeline) -> None:
    identity = read_records(made.sandbox.admin_bytes("records/Term"))[0]["Id"]
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute("UPDATE quickbooks.term SET id = 'made-up' WHERE id = ?", [identity])
    found = red(made.check("warehouse/term"))
    problems = {(key["id"], key["problem"]) for key in keys_of(found["warehouse/term:rows"])}
    assert problems == {
        (identity, "not in the warehouse"),
        ("made-up", "not in QuickBooks"),
    }
    with duckdb.connect(str(made.surroundings.warehouse_file)) as connection:
        connection.execute("DELETE FROM quickbooks.term WHERE id = 'made-up'")
    assert made.run(select=["warehouse/term"]).clean
    assert made.check("warehouse/term").clean


def test_a_raw_object_that_is_gone(made: Pipeline) -> None:
    [only] = [found.path for found in made.lake.list("raw/term")]
    made.lake.delete([only])
    found = red(made.check("raw/term"))
    assert found.keys() == {"raw/term:complete"}
    keys = keys_of(found["raw/term:complete"])
    terms = read_records(made.sandbox.admin_bytes("records/Term"))
    assert {key["id"] for key in keys} == {term["Id"] for term in terms}
    assert {key["problem"] for key in keys} == {"not in the lake"}
    assert made.run(select=["tag:entity=term"]).clean
    assert made.check("raw/term").clean


def test_a_child_row_that_is_gone_from_the_lake(made: Pipeline) -> None:
    path = _first_object(made, "invoice_line")
    rows = parquet.decode(made.lake.read(path))
    # A document that is left with nothing but a subtotal would still add up, by that.
    sold = [
        (place, line["invoice_id"])
        for place, line in enumerate(rows.to_pylist())
        if line["detail_type"] == "SalesItemLineDetail" and line["amount"]
    ]
    several = Counter(owner for _, owner in sold)
    place, owner = next(each for each in sold if several[each[1]] > 1)
    made.lake.replace(
        path, parquet.encode(pa.concat_tables([rows.slice(0, place), rows.slice(place + 1)]))
    )
    found = red(made.check("normalized/invoice_line"))
    assert found.keys() == {"normalized/invoice_line:complete", "normalized/invoice:line_sum"}
    assert [key["id"] for key in keys_of(found["normalized/invoice_line:complete"])] == [owner]
    [key] = keys_of(found["normalized/invoice:line_sum"])
    assert key["id"] == owner
    assert Decimal(str(key["total"])) != Decimal(str(key["lines"]))
    assert made.run(select=["normalized/invoice"]).clean
    assert made.check("normalized/invoice").clean


def test_a_value_that_breaks_the_contract(made: Pipeline) -> None:
    path = _first_object(made, "invoice")
    rows = parquet.decode(made.lake.read(path))
    twice = pa.concat_tables([rows, rows.slice(0, 1)])
    made.lake.replace(path, parquet.encode(twice))
    found = red(made.check("normalized/invoice"))
    assert "normalized/invoice:valid" in found
    identity = rows.column("id")[0].as_py()
    assert identity in {key.get("id") for key in keys_of(found["normalized/invoice:valid"])}
    assert made.run(select=["normalized/invoice"]).clean


def test_an_edit_replaces_values_and_children(made: Pipeline) -> None:
    record = next(row for row in invoices(made) if len(row["Line"]) > 2)
    kept = [line for line in record["Line"] if line["DetailType"] == "SalesItemLineDetail"][:1]
    line = {
        "Id": "1",
        "Amount": 12.34,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
    }
    assert kept
    fields = {"Line": [line], "TotalAmt": 12.34, "Balance": 12.34, "TxnTaxDetail": {"TotalTax": 0}}
    made.sandbox.admin("edit", {"entity": "Invoice", "id": record["Id"], "fields": fields})
    today = made.calendar.today()
    assert made.run(today, today).clean
    with made.surroundings.warehouse() as warehouse:
        [row] = warehouse.rows("invoice", f"id = '{record['Id']}'")
        lines = warehouse.rows("invoice_line", f"invoice_id = '{record['Id']}'")
        taxes = warehouse.rows("invoice_tax_line", f"invoice_id = '{record['Id']}'")
    assert row["total_amt"] == Decimal("12.34")
    assert row["_updated_on"] == today
    assert [each["amount"] for each in lines] == [Decimal("12.34")]
    assert taxes == []
    assert made.check("warehouse/invoice").clean


def test_a_delete_is_marked_and_its_values_stay(made: Pipeline) -> None:
    record = invoices(made)[7]
    with made.surroundings.warehouse() as warehouse:
        [before] = warehouse.rows("invoice", f"id = '{record['Id']}'")
    made.sandbox.admin("delete", {"entity": "Invoice", "id": record["Id"]})
    assert "warehouse/invoice:rows" in red(made.check("warehouse/invoice"))
    today = made.calendar.today()
    assert made.run(today, today).clean
    with made.surroundings.warehouse() as warehouse:
        [row] = warehouse.rows("invoice", f"id = '{record['Id']}'")
        lines = warehouse.rows("invoice_line", f"invoice_id = '{record['Id']}'")
    assert row["_deleted"]
    own = {name for name in row if not name.startswith("_")}
    assert {name: row[name] for name in own} == {name: before[name] for name in own}
    assert lines
    assert all(line["_deleted"] for line in lines)
    assert made.check().clean


def _first_object(made: Pipeline, table: str) -> str:
    found = made.lake.list(f"normalized/{table}")
    return max(found, key=lambda each: each.size).path
