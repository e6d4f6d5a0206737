"""Every reader of the lake sees the same where all is compacted before it reads what it listed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock

import duckdb
import pytest

from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.checks import examine
from qb_assets.normalized.compaction import compact
from qb_assets.normalized.quarantine import accept, waiting
from qb_assets.normalized.read import slices
from qb_assets.normalized.stored import stored
from qb_assets.raw.checks import held_ids
from qb_assets.raw.landing import HeldVersions
from qb_assets.raw.plan import spans
from qb_assets.raw.sweep import held_live
from qb_assets.warehouse.children import child_counts
from qb_assets.warehouse.history_faults import history_faults
from qb_assets.warehouse.load import load
from qb_assets_tests.compaction.books import COMPANY, DAYS, ENTITIES, SCOPE, Fetch, held
from qb_assets_tests.compaction.workers import TERMS
from qb_assets_tests.warehouse.books import CALENDAR, SLIP

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


class Overtaken(Lake):
    """A lake that is compacted by another one just before the first object is read."""

    before = after = 0
    lock = Lock()

    def read(self, path: str) -> bytes:
        with self.lock:
            if not self.before:
                other = Lake.open(self.url)
                self.before = len(other.list())
                compact(other, list(ENTITIES.values()), TERMS)
                self.after = len(other.list())
        return super().read(path)


def held_versions(lake: Lake) -> object:
    found = HeldVersions(lake, SLIP, COMPANY, DAYS)
    return {day: sorted(found.newest(day).rows()) for day in DAYS}, payloads(found)


def payloads(found: HeldVersions) -> object:
    return {day: found.payloads(day, {str(n) for n in range(40)}) for day in DAYS}


def raw_check(lake: Lake) -> object:
    [span] = spans(SCOPE, CALENDAR, NOW)
    return held_ids(lake, SLIP, SCOPE, span)


def sweep(lake: Lake) -> object:
    return dict(held_live(lake, SLIP, COMPANY))


def checks(lake: Lake) -> object:
    found = settled(lambda: examine(SLIP, slices(lake, SLIP, [SCOPE]))).findings
    return {key: (each.looked_at, each.wrong, each.notes) for key, each in found.items()}


def quarantine(lake: Lake) -> object:
    found = waiting(lake, SLIP, COMPANY)
    return [
        sorted((each.id, each.version, each.reason, each.day) for each in some)
        for some in (found.left(), found.accepted())
    ]


def drift(lake: Lake) -> object:
    return [(each.path, each.type, each.count) for each in stored(lake, SLIP).unmodeled]


def normalize(lake: Lake) -> object:
    built = build(lake, SLIP, SCOPE)
    return built.rows, built.quarantined, [held(lake, SLIP, day) for day in DAYS]


def warehouse(lake: Lake) -> object:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        loaded = load(connection, lake, SLIP, SCOPE)
        lines = connection.execute("FROM quickbooks.slip_line_history ORDER BY ALL").fetchall()
        return loaded, lines


def warehouse_checks(lake: Lake) -> object:
    with duckdb.connect() as connection:
        load(connection, Lake.open(lake.url), SLIP, SCOPE)
        counts = child_counts(connection, lake, SLIP, SCOPE)
        faults = history_faults(connection, lake, SLIP, SCOPE)
    assert not [each.wrong for each in (*counts, *faults) if each.wrong]
    return sum(each.looked_at for each in faults), [each.looked_at for each in counts]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    lake = Lake.open(str(folder))
    for number in range(5):
        Fetch(2, number).land(lake)
    for entity in ENTITIES.values():
        build(lake, entity, SCOPE)
    aside = waiting(lake, SLIP, COMPANY).left()
    assert len(aside) > 1
    accept(lake, aside[0], reason="a test", by="a test", at=NOW)
    return folder


@pytest.mark.parametrize(
    "look",
    [
        held_versions,
        raw_check,
        sweep,
        checks,
        quarantine,
        drift,
        normalize,
        warehouse,
        warehouse_checks,
    ],
)
def test_it_sees_the_same(plain: Path, look: Callable[[Lake], object], tmp_path: Path) -> None:
    shutil.copytree(plain, tmp_path / "one")
    shutil.copytree(plain, tmp_path / "two")
    expected = look(Lake.open(str(tmp_path / "one")))
    lake = Overtaken.open(str(tmp_path / "two"))
    assert isinstance(lake, Overtaken)
    assert look(lake) == expected
    assert 0 < lake.after < lake.before
    assert look(lake) == expected


def test_a_fetch_sees_the_same_that_knows_the_versions(plain: Path, tmp_path: Path) -> None:
    shutil.copytree(plain, tmp_path / "lake")
    lake = Lake.open(str(tmp_path / "lake"))
    expected = payloads(HeldVersions(lake, SLIP, COMPANY, DAYS))
    found = HeldVersions(lake, SLIP, COMPANY, DAYS)
    for day in DAYS:
        assert found.newest(day).height
    assert compact(lake, [SLIP], TERMS)
    assert payloads(found) == expected
