"""A generated company, whose books the sandbox itself gives, proven by another reader."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

from qb_assets.automation.headless import Outcome
from qb_assets.catalog import ENTITIES
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records
from qb_assets_tests.warehouse.links import links_in, links_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Outcome]]:
    """All entities, and days of their own lately, so that every way of asking is used."""
    folder = tmp_path_factory.mktemp("generated")
    first = (datetime.now(timezone.utc) - timedelta(days=3)).date().isoformat()
    free = Settings(requests_per_minute=0, concurrent=0)
    with (
        start(seed=11, invoices=90, settings=free) as sandbox,
        pipeline(folder, sandbox, list(ENTITIES), first) as made,
    ):
        yield made, made.run()


def test_every_check_passes(made: tuple[Pipeline, Outcome]) -> None:
    _, outcome = made
    assert outcome.failures == []
    assert [f"{c.asset_key}:{c.check_name}" for c in outcome.checks if not c.passed] == []
    assert len(outcome.checks) > 300
    looked_at = {
        check.asset_key.to_user_string(): check.metadata["looked_at"].value
        for check in outcome.checks
        if check.check_name in ("complete", "rows")
    }
    assert looked_at["raw/invoice"] == 90
    assert looked_at["warehouse/invoice"] == 90


def test_warehouse_is_the_books_value_by_value(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    books = {
        name: read_records(pipeline.sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES
    }
    with pipeline.surroundings.warehouse() as warehouse:
        expected = expected_of(books, warehouse.tables())
        assert differences(warehouse, expected, pipeline.company) == []
    assert len(expected.rows["invoice"]) == 90
    assert expected.elements > 500
    assert expected.amounts > 2_000


BOTH_ENDS = {
    ("Payment", "Invoice"),
    ("Deposit", "Payment"),
    ("Deposit", "SalesReceipt"),
    ("Estimate", "Invoice"),
    ("PurchaseOrder", "Bill"),
    ("BillPayment", "Bill"),
}
"""Of what QuickBooks tells at both of its ends."""


def test_links_are_those_of_the_books(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    books = {
        name: read_records(pipeline.sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES
    }
    file = pipeline.surroundings.warehouse_file
    assert Counter(links_in(file)) == Counter(links_of(books))
    with duckdb.connect(str(file), read_only=True) as connection:
        told = "SELECT from_type, from_id, to_entity, to_id FROM quickbooks.linked_txn"
        links = set(connection.execute(told).fetchall())
    assert {(owner, other) for owner, _, other, _ in links} >= BOTH_ENDS
    alone = {
        (kind, identity, other, of)
        for kind, identity, other, of in links
        if (other, of, kind, identity) not in links
    }
    assert {(kind, other) for kind, _, other, _ in alone} & (
        BOTH_ENDS | {(other, kind) for kind, other in BOTH_ENDS}
    ) == set()
    ids = {(name, row.get("Id")) for name, rows in books.items() for row in rows}
    assert {(other, of) for _, _, other, of in links} <= ids


def test_raw_holds_the_exact_bytes(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    for name in ("Invoice", "Attachable", "RecurringTransaction", "ExchangeRate"):
        prefix = f"raw/{ENTITIES[name].table}"
        held = [
            row["payload"]
            for found in pipeline.lake.list(prefix)
            for row in _rows(pipeline.lake.read(found.path))
        ]
        body = pipeline.sandbox.admin_bytes(f"records/{name}")
        served = read_records(body)
        assert len(held) == len(served), name
        assert all(payload in body for payload in held), name


def test_second_run_adds_nothing(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    before = pipeline.surroundings.objects()
    with pipeline.surroundings.warehouse() as warehouse:
        content = warehouse.content()
    again = pipeline.run(select=["tag:entity=invoice", "tag:entity=item", "tag:entity=attachable"])
    assert again.clean
    new = [
        m.metadata["new_versions"].value
        for m in again.materializations
        if m.asset_key.path[0] == "raw"
    ]
    assert new
    assert set(new) == {0}
    assert pipeline.surroundings.objects().keys() == before.keys()
    with pipeline.surroundings.warehouse() as warehouse:
        assert warehouse.content() == content


def test_every_partition_is_materialized(made: tuple[Pipeline, Outcome]) -> None:
    pipeline, _ = made
    days = {f"{pipeline.company}|{day}" for day in _days(pipeline)}
    for key in (["raw", "invoice"], ["normalized", "invoice_line"], ["warehouse", "tax_rate"]):
        assert pipeline.instance.get_materialized_partitions(dg.AssetKey(key)) == days


def _days(pipeline: Pipeline) -> list[str]:
    first, last = pipeline.calendar.start, pipeline.calendar.today()
    return [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]


def _rows(data: bytes) -> list[dict[str, bytes]]:
    import pyarrow as pa

    return pq.read_table(pa.BufferReader(data), columns=["payload"]).to_pylist()
