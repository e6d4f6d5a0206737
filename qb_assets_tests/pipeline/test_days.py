"""A range in one run and its days one by one, in any order, give the same warehouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qb_assets.partitions import days_between
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import ZONE, Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

ENTITIES = ["Invoice", "TaxRate"]
WAREHOUSE = ["group:warehouse"]
NOW = datetime.now(timezone.utc)
START = (NOW - timedelta(days=3)).astimezone(ZoneInfo(ZONE)).date()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """Books that were edited on each of the last days, and lost a record today."""
    # Behind by a minute, so that what is edited now is before the end of the window.
    settings = Settings(requests_per_minute=0, concurrent=0, now=NOW - timedelta(minutes=1))
    with start(seed=5, invoices=40, settings=settings) as sandbox:
        yield sandbox


@dataclass
class Ids:
    """What happened to the books after the first run."""

    edited: str
    deleted: str


def edit(sandbox: SandboxProcess) -> Ids:
    """Edits on every day, of one record again and again, and a delete."""
    invoices = [row["Id"] for row in read_records(sandbox.admin_bytes("records/Invoice"))]
    rates = [row["Id"] for row in read_records(sandbox.admin_bytes("records/TaxRate"))]
    for back in (2, 1, 0):
        moment = (NOW - timedelta(days=back, minutes=5)).isoformat()
        for entity, identity, name in (
            ("Invoice", invoices[0], "PrivateNote"),
            ("Invoice", invoices[back + 1], "PrivateNote"),
            ("TaxRate", rates[0], "Description"),
        ):
            fields = {name: f"{back} days ago"}
            sandbox.admin(
                "edit", {"entity": entity, "id": identity, "fields": fields, "at": moment}
            )
    sandbox.admin("delete", {"entity": "Invoice", "id": invoices[9]})
    return Ids(invoices[0], invoices[9])


Made = tuple[Pipeline, Ids]


@pytest.fixture(scope="module")
def made(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A first run of everything, edits and a delete, and a run of the range of days after."""
    folder = tmp_path_factory.mktemp("range")
    with pipeline(folder, sandbox, ENTITIES, START.isoformat()) as made:
        assert made.run().clean
        ids = edit(sandbox)
        assert made.run(START + timedelta(days=1)).clean
        yield made, ids


def test_range_brings_edits_and_keeps_what_was_deleted(made: Made) -> None:
    pipeline, ids = made
    books = {
        name: read_records(pipeline.sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES
    }
    with pipeline.surroundings.warehouse() as warehouse:
        expected = expected_of(books, warehouse.tables())
        assert differences(warehouse, expected, pipeline.company) == []
        [row] = warehouse.rows("invoice", f"id = '{ids.edited}'")
        assert row["private_note"] == "0 days ago"
        [row] = warehouse.rows("invoice", "_deleted")
        assert row["id"] == ids.deleted
        assert row["total_amt"] is not None
        assert row["txn_date"] is not None
        lines = warehouse.rows("invoice_line", f"invoice_id = '{ids.deleted}'")
        assert lines
        assert all(line["_deleted"] for line in lines)


def test_days_one_by_one_give_what_the_range_gives(
    made: Made, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    ranged, _ = made
    with pipeline(tmp_path, sandbox, ENTITIES, START.isoformat()) as single:
        # QuickBooks no longer has what was deleted: the first partition is the other lake's.
        _copy_first_partition(ranged.surroundings.folder / "lake", tmp_path / "lake")
        for day in days_between(START, single.calendar.today()):
            assert single.run(day, day).failures == []
        assert _content(single) == _content(ranged)


def test_warehouse_made_anew_from_the_lake_is_the_same(made: Made) -> None:
    pipeline, _ = made
    with pipeline.surroundings.warehouse() as warehouse:
        before = warehouse.content()
    pipeline.surroundings.warehouse_file.unlink()
    assert pipeline.run(select=WAREHOUSE).clean
    with pipeline.surroundings.warehouse() as warehouse:
        assert warehouse.content() == before


def test_days_in_the_wrong_order_give_the_same_rows(made: Made) -> None:
    pipeline, ids = made
    with pipeline.surroundings.warehouse() as warehouse:
        before = warehouse.content()
        [gone] = warehouse.rows("invoice", "_deleted")
        assert (gone["id"], gone["_state"]) == (ids.deleted, "deleted")
    pipeline.surroundings.warehouse_file.unlink()
    for day in reversed(days_between(START, pipeline.calendar.today())):
        assert pipeline.run(day, day, select=WAREHOUSE).failures == []
    with pipeline.surroundings.warehouse() as warehouse:
        assert warehouse.content() == before


def _content(made: Pipeline) -> dict[str, list[tuple[object, ...]]]:
    with made.surroundings.warehouse() as warehouse:
        return warehouse.content(without=["_extracted_at", "_values_extracted_at"])


def _copy_first_partition(there: Path, here: Path) -> None:
    for file in there.glob(f"raw/*/*/updated_on={START}/*"):
        copy = here / file.relative_to(there)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
