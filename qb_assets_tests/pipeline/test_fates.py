"""What becomes of records: deleted, voided, merged, inactive and back again, lately and long ago.

QuickBooks tells of what was deleted for 30 days. What went before is found by its Id.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from qb_assets.raw.plan import SETTLING
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, keys_of, pipeline, red
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

ENTITIES = ["Invoice", "Customer", "Item"]
NOW = datetime.now(timezone.utc)
START = (NOW - timedelta(days=60)).date().isoformat()
LATELY, LONG_AGO = NOW - timedelta(days=3), NOW - timedelta(days=45)
HISTORY = NOW - timedelta(days=90)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """Books that are older than all that becomes of them."""
    settings = Settings(
        requests_per_minute=0, concurrent=0, batches_per_minute=0, now=NOW - timedelta(minutes=1)
    )
    with start(seed=11, invoices=120, settings=settings) as sandbox:
        for entity in ENTITIES:
            count = len(read_records(sandbox.admin_bytes(f"records/{entity}")))
            sandbox.admin("touch", {"entity": entity, "count": count, "at": HISTORY.isoformat()})
        yield sandbox


@pytest.fixture
def made(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Pipeline]:
    with pipeline(tmp_path, sandbox, ENTITIES, START) as made:
        assert made.run().clean
        yield made


def ids(made: Pipeline, entity: str) -> list[str]:
    return [row["Id"] for row in read_records(made.sandbox.admin_bytes(f"records/{entity}"))]


def do(made: Pipeline, what: str, entity: str, identity: str, at: datetime, **more: Any) -> str:
    asked = {"entity": entity, "id": identity, "at": at.isoformat(), **more}
    made.sandbox.admin(what, asked)
    return identity


def states(made: Pipeline, table: str) -> dict[str, str]:
    with made.surroundings.warehouse() as warehouse:
        return {row["id"]: row["_state"] for row in warehouse.rows(table)}


def assert_live_rows_are_quickbooks(made: Pipeline) -> None:
    books = {name: read_records(made.sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES}
    with made.surroundings.warehouse() as warehouse:
        expected = expected_of(books, warehouse.tables())
        assert differences(warehouse, expected, made.company) == []


@pytest.mark.parametrize("when", [LATELY, LONG_AGO], ids=["lately", "long ago"])
def test_every_fate_ends_right_in_the_warehouse(made: Pipeline, when: datetime) -> None:
    invoices, customers = ids(made, "Invoice"), ids(made, "Customer")
    deleted = do(made, "delete", "Invoice", invoices[0], when)
    voided = do(made, "void", "Invoice", invoices[1], when)
    merged = do(made, "merge", "Customer", customers[0], when, into=customers[1])
    inactive = do(made, "deactivate", "Customer", customers[2], when)
    later = when + timedelta(hours=1)
    back = do(made, "deactivate", "Customer", customers[3], when)
    do(made, "reactivate", "Customer", back, later)
    undeleted = do(made, "delete", "Invoice", invoices[2], when)
    do(made, "restore", "Invoice", undeleted, later)
    mistaken = do(made, "false-delete", "Invoice", invoices[3], when)

    outcome = made.run()
    assert outcome.clean, outcome.red
    found = {**states(made, "invoice"), **{f"c{k}": v for k, v in states(made, "customer").items()}}
    fates = {
        deleted: "deleted",
        voided: "voided",
        f"c{merged}": "merged",
        f"c{inactive}": "inactive",
        f"c{back}": "live",
        undeleted: "live",
        mistaken: "live",
    }
    assert {identity: found[identity] for identity in fates} == fates
    assert_live_rows_are_quickbooks(made)
    with made.surroundings.warehouse() as warehouse:
        [row] = warehouse.rows("invoice", f"id = '{deleted}'")
        assert row["total_amt"] is not None
        assert warehouse.rows("invoice_line", f"invoice_id = '{deleted}'")

    # After the fetch that found it gone, and settled.
    back_again = datetime.now(timezone.utc) - SETTLING - timedelta(seconds=1)
    do(made, "restore", "Invoice", deleted, back_again)
    assert made.run().clean
    assert states(made, "invoice")[deleted] == "live"
    assert_live_rows_are_quickbooks(made)


def test_what_quickbooks_cannot_serve_is_set_aside_until_it_can(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    with pipeline(tmp_path, sandbox, ENTITIES, START) as made:
        bad = {"invoice": ids(made, "Invoice")[7], "item": ids(made, "Item")[2]}
        for table, identity in bad.items():
            sandbox.admin("poison", {"entity": table.capitalize(), "id": identity})
        outcome = made.run()
        assert outcome.failures == []
        assert set(red(outcome)) == {
            f"{asset}:{check}"
            for table in bad
            for asset, check in (
                (f"raw/{table}", "complete"),
                (f"normalized/{table}", "quarantine"),
                (f"warehouse/{table}", "rows"),
            )
        } | {"warehouse/invoice:amounts"}
        for table, identity in bad.items():
            [key] = keys_of(red(outcome)[f"normalized/{table}:quarantine"])
            assert key["id"] == identity
            assert identity not in states(made, table)
            assert len(states(made, table)) == len(ids(made, table.capitalize())) - 1
        for table, identity in bad.items():
            sandbox.admin("poison", {"entity": table.capitalize(), "id": identity, "remove": True})
        outcome = made.run()
        assert outcome.clean, outcome.red
        assert_live_rows_are_quickbooks(made)
