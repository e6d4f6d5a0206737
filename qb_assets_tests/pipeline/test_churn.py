"""Books that are edited after every page that is read: nothing is lost, nothing comes twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from time import sleep
from zoneinfo import ZoneInfo

import pytest

from qb_assets.lake import parquet
from qb_assets.raw.plan import SETTLING
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import ZONE, Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records

INVOICES = 3_500
PLAN = {"edits_per_page": 40, "creates_per_page": 12, "deletes_per_page": 8, "pages": 4}
MARGIN = timedelta(seconds=4)
BEHIND = SETTLING - MARGIN
"""How far the sandbox's clock is behind: an edit of now is after the window that was frozen at the
beginning of this run, and before that of a run a few seconds later."""

Made = tuple[Pipeline, set[str], dict[str, list[str]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Two runs, edits during the first; the Ids of before, and what the sandbox did."""
    folder = tmp_path_factory.mktemp("churn")
    now = datetime.now(timezone.utc)
    first = (now - timedelta(days=2)).astimezone(ZoneInfo(ZONE)).date()
    with _books(now) as sandbox, pipeline(folder, sandbox, ["Invoice"], str(first)) as made:
        before = {row["Id"] for row in read_records(sandbox.admin_bytes("records/Invoice"))}
        sandbox.admin("churn", {"entity": "Invoice", **PLAN})
        assert made.run().failures == []
        done = sandbox.admin("churn")["Invoice"]
        sleep(MARGIN.total_seconds() + 2)
        again = made.run(first + timedelta(days=1))
        assert again.failures == []
        yield made, before, done


def _books(now: datetime) -> SandboxProcess:
    settings = Settings(requests_per_minute=0, concurrent=0, now=now - BEHIND)
    return start(seed=3, invoices=INVOICES, settings=settings)


def test_the_books_were_edited_while_they_were_read(made: Made) -> None:
    _, before, done = made
    assert done["pages"] == PLAN["pages"]
    assert len(before) == INVOICES
    assert len(done["edited"]) == 160
    assert len(done["created"]) == 48
    assert len(done["deleted"]) == 32
    # Some that were deleted or edited had been read, some had not.
    assert set(done["edited"]) & before


def test_the_warehouse_is_the_books(made: Made) -> None:
    pipeline, before, done = made
    books = {"Invoice": read_records(pipeline.sandbox.admin_bytes("records/Invoice"))}
    assert {row["Id"] for row in books["Invoice"]} >= before - set(done["deleted"])
    with pipeline.surroundings.warehouse() as warehouse:
        expected = expected_of(books, warehouse.tables())
        assert differences(warehouse, expected, pipeline.company) == []


def test_what_was_deleted_is_marked_and_nothing_else(made: Made) -> None:
    pipeline, _, done = made
    with pipeline.surroundings.warehouse() as warehouse:
        marked = warehouse.rows("invoice", "_deleted")
        lines = warehouse.rows("invoice_line", "_deleted")
    assert {row["id"] for row in marked} == set(done["deleted"])
    assert {row["invoice_id"] for row in lines} <= set(done["deleted"])


def test_every_check_of_everything_passes(made: Made) -> None:
    pipeline, _, _ = made
    outcome = pipeline.check()
    assert [check.description for check in outcome.checks if not check.passed] == []
    assert outcome.success


def test_a_clock_that_is_behind_makes_versions_of_one_fetch(tmp_path: Path) -> None:
    """The edits then fall into the window that is being read, and what was read comes again."""
    now = datetime.now(timezone.utc)
    plan = {"entity": "Invoice", "edits_per_page": 20, "creates_per_page": 6, "pages": 3}
    settings = Settings(requests_per_minute=0, concurrent=0, now=now - timedelta(minutes=3))
    with (
        start(seed=4, invoices=2_100, settings=settings) as sandbox,
        pipeline(tmp_path, sandbox, ["Invoice"], str((now - timedelta(days=2)).date())) as made,
    ):
        sandbox.admin("churn", plan)
        outcome = made.run()
        assert outcome.failures == []
        assert [check.description for check in outcome.red] == []
        books = {"Invoice": read_records(sandbox.admin_bytes("records/Invoice"))}
        # More versions than records: some came twice.
        assert _raw_versions(made) > len(books["Invoice"])
        # What was edited twice in one second shows at the next run, as its time is the same.
        assert made.run(made.calendar.today()).failures == []
        with made.surroundings.warehouse() as warehouse:
            expected = expected_of(books, warehouse.tables())
            assert differences(warehouse, expected, made.company) == []


def _raw_versions(made: Pipeline) -> int:
    objects = made.lake.list("raw/invoice")
    return sum(parquet.decode(made.lake.read(each.path), ["id"]).num_rows for each in objects)
