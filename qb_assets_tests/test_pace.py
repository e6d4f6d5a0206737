"""Long work says how far it is, how fast it goes and what is left, and not too often."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.build import build
from qb_assets.pace import Pace, duration
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.load import load
from qb_assets_tests.raw.fetching import UTC, books, spread

NOW = datetime(2026, 6, 20, 18, tzinfo=UTC)


class Work:
    """Work that goes on while a clock is moved."""

    def __init__(self, total: int | None) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self._pace = Pace(self.said.append, "company 7", total=total, clock=lambda: self.now)

    def page(self, seconds: float, rows: int = 1000, work: int | None = None) -> None:
        """A page that takes so long."""
        self.now += seconds
        self._pace.advance(rows, "Invoice", work=work)


def test_a_line_has_the_rate_and_the_time_that_is_left() -> None:
    work = Work(total=60_000)
    for _ in range(10):
        work.page(1)
    assert work.said == ["company 7: Invoice, 1,000 records/s, about 50 s left"]


def test_there_is_at_most_one_line_in_ten_seconds() -> None:
    work = Work(total=1_000_000)
    for _ in range(1000):
        work.page(0.0999)
    assert len(work.said) == 9


def test_short_work_is_not_told_of() -> None:
    work = Work(total=9000)
    for _ in range(9):
        work.page(1)
    assert work.said == []


def test_nothing_is_said_of_time_left_that_is_not_known() -> None:
    unknown, outgrown, idle = Work(total=None), Work(total=500), Work(total=500)
    unknown.page(10)
    outgrown.page(10)
    idle.page(10, rows=0)
    assert unknown.said == outgrown.said == ["company 7: Invoice, 100 records/s"]
    assert idle.said == ["company 7: Invoice, 0.0 records/s"]


def test_the_rate_is_that_of_the_last_minute() -> None:
    work = Work(total=None)
    for _ in range(60):
        work.page(10)
    assert work.said[-1].endswith("100 records/s")
    for _ in range(6):
        work.page(10, rows=50)
    assert work.said[-1].endswith(" 5.0 records/s")


def test_a_pause_makes_the_rate_smaller() -> None:
    work = Work(total=10_000)
    work.page(10)
    work.page(490)
    assert work.said[-1].endswith("4.0 records/s, about 33 min left")


def test_the_time_left_goes_by_work_where_rows_are_not_counted_before() -> None:
    work = Work(total=300)
    work.page(10, rows=70, work=100)
    assert work.said == ["company 7: Invoice, 7.0 records/s, about 20 s left"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (99, "99 s"), (100, "2 min"), (3570, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_each_layer_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qb_assets.pace.LINE_EVERY", 0.0)
    monkeypatch.setattr("qb_assets.raw.landing.FLUSH_BYTES", 1)
    monkeypatch.setattr("qb_assets.normalized.build.BATCH_BYTES", 1)
    monkeypatch.setattr("qb_assets.warehouse.load.BATCH_BYTES", 1)
    begin, day = NOW - timedelta(hours=2), NOW.date()
    records = {
        "Term": spread(2500, begin, NOW - timedelta(minutes=5)),
        **{name: spread(9, begin, NOW, first=5000) for name in ("Department", "Class")},
    }
    said: list[str] = []
    term = ENTITIES["Term"]
    with books(tmp_path, records, first_day=day) as fetcher:
        fetcher.fetch(NOW, entities=list(records))
        scope = CompanyDays(fetcher.box.realm_id, (day,))
        build(fetcher.lake, term, scope, progress=said.append)
        with duckdb.connect() as connection:
            load(connection, fetcher.lake, term, scope, progress=said.append)
    assert places(fetcher.said) == [
        "2026-06-20 to 2026-06-20",
        "Class 9 records by batch",
        "Department 9 records by batch",
        *(f"Term {done} of 2,500 records" for done in ("1,000", "1,999", "2,500")),
        "2,518 records were fetched",
    ]
    assert places(said) == [
        *(f"Term {done} records normalized" for done in ("1,000", "1,999", "2,500")),
        *(f"Term {done} records loaded" for done in ("1,000", "1,999", "2,500")),
    ]
    assert "left" in said[0]
    assert "left" not in said[2], "nothing is left"


def places(lines: Sequence[str]) -> list[str]:
    """What each line says first, where rates follow."""
    return [re.sub(r"^company \d+: ", "", line).partition(", ")[0] for line in lines]
