"""A range in one run and its days one by one, in any order, give the same warehouse."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qb_assets.partitions import days_between
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import ZONE, Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

ENTITIES = ["Invoice", "Customer", "TaxRate"]
NOW = datetime.now(timezone.utc)
START = (NOW - timedelta(days=3)).astimezone(ZoneInfo(ZONE)).date()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """Books that were edited on each of the last days, and lost a record today."""
    # Behind by a minute, so that what is edited now is before the end of the window.
    settings = Settings(
        requests_per_minute=0, concurrent=0, now=NOW - timedelta(minutes=1)
    )
    with start(seed=5, invoices=40, settings=settings) as sandbox:
        yield sandbox


def edit(sandbox: SandboxProcess) -> tuple[str, str]:
    """Edits on every day, of the same record too, and a delete; gives the edited and deleted Ids."""
    invoices = [row["Id"] for row in read_records(sandbox.admin_bytes("records/Invoice"))]
    customers = [row["Id"] for row in read_records(sandbox.admin_bytes("records/Customer"))]
    for back in (2, 1, 0):
        moment = (NOW - timedelta(days=back, minutes=5)).isoformat()
        for entity, identity in (
            ("Invoice", invoices[0]),
            ("Invoice", invoices[back + 1]),
            ("Customer", customers[back]),
        ):
            note = {"Notes" if entity == "Customer" else "PrivateNote": f"{back} days ago"}
            sandbox.admin("edit", {"entity": entity, "id": identity, "fields": note, "at": moment})
    sandbox.admin("delete", {"entity": "Invoice", "id": invoices[9]})
    return invoices[0], invoices[9]


def test_range_and_single_days_agree(sandbox: SandboxProcess, tmp_path: Path) -> None:
    contents: list[object] = []
    edited, deleted = "", ""
    with pipeline(tmp_path / "range", sandbox, ENTITIES, START.isoformat()) as whole:
        assert whole.run().clean
        edited, deleted = edit(sandbox)
        assert whole.run(START + timedelta(days=1)).clean
        contents.append(_content(whole))
        _prove(whole, sandbox, deleted)
    with pipeline(tmp_path / "days", sandbox, ENTITIES, START.isoformat()) as single:
        # The deleted record was there before: it comes from the first partition of the other lake.
        _copy_first_partition(tmp_path / "range" / "lake", tmp_path / "days" / "lake")
        days = days_between(START, single.calendar.today())
        for day in reversed(days):
            outcome = single.run(day, day)
            assert outcome.failures == []
        contents.append(_content(single))
        with single.surroundings.warehouse() as warehouse:
            [row] = warehouse.rows("invoice", f"id = '{edited}'")
            assert row["private_note"] == "0 days ago"
    assert contents[0] == contents[1]


def _prove(made: Pipeline, sandbox: SandboxProcess, deleted: str) -> None:
    books = {name: read_records(sandbox.admin_bytes(f"records/{name}")) for name in ENTITIES}
    with made.surroundings.warehouse() as warehouse:
        expected = expected_of(books, warehouse.tables())
        assert differences(warehouse, expected, made.company) == []
        [row] = warehouse.rows("invoice", "_deleted")
        assert row["id"] == deleted
        assert row["total_amt"] is not None
        assert row["txn_date"] is not None
        lines = warehouse.rows("invoice_line", f"invoice_id = '{deleted}'")
        assert lines
        assert all(line["_deleted"] for line in lines)


def _content(made: Pipeline) -> object:
    with made.surroundings.warehouse() as warehouse:
        return warehouse.content(without=["_extracted_at"])


def _copy_first_partition(there: Path, here: Path) -> None:
    for file in there.glob(f"raw/*/*/updated_on={START}/*"):
        copy = here / file.relative_to(there)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
