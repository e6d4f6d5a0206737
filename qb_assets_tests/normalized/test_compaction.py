"""Small objects of a partition become one in every layer, and nothing else changes."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from qb_assets.catalog import tables_of
from qb_assets.lake import compacted, layout, parquet
from qb_assets.lake.errors import LakeDataError
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.compaction import Compacted, Terms, compact, plan
from qb_assets.partitions import CompanyDays
from qb_assets.raw.compaction import FULL_BYTES, SMALL_BYTES
from qb_assets_tests.normalized.bills import BILL, bill, land, paths
from qb_assets_tests.normalized.landed import DAY

TABLES = [table.name for table in tables_of(BILL)]
ALL = Terms(DAY)


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    contents = lake.read_many(paths(lake, table))
    return [row for data in contents for row in parquet.decode(data).to_pylist()]


def raw_path(number: int) -> str:
    return layout.raw_object("bill", "7", DAY, compacted.numbered(number))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path))


def test_one_object_holds_the_rows_of_all_in_their_order(lake: Lake) -> None:
    for number in range(3):
        land(lake, number, bill(number), bill(9, TotalAmt=number), bill(5, TotalAmt="a lot"))
    build(lake, BILL, CompanyDays("7", (DAY,)))
    homes = [
        "raw/bill",
        *(f"normalized/{name}" for name in TABLES if paths(lake, f"normalized/{name}")),
    ]
    before = {home: rows(lake, home) for home in homes}
    assert len(homes) > 2
    aside = rows(lake, "quarantine/bill")
    assert len(aside) == 3
    [work] = plan(lake, BILL, ALL)
    assert (work.company, work.day, work.small, work.become, work.left) == ("7", DAY, 3, 1, 0)

    assert compact(lake, [BILL], ALL) == [Compacted("Bill", "7", 1, replaced=3, made=1, removed=3)]
    assert {home: rows(lake, home) for home in homes} == before
    assert {layout.parse(path).object for path in paths(lake, "")} == {compacted.numbered(1)}
    new = {"raw_object": raw_path(1)}
    assert rows(lake, "quarantine/bill") == [{**row, **new} for row in aside]
    said = parquet.read_metadata(lake.read(raw_path(1)))
    assert said["entity"] == "Bill"
    assert plan(lake, BILL, ALL) == []
    assert compact(lake, [BILL], ALL) == []

    land(lake, 4, bill(4))
    assert compact(lake, [BILL], ALL) == [Compacted("Bill", "7", 1, replaced=2, made=1, removed=2)]
    parts = compacted.parts_said(parquet.read_metadata(lake.read(raw_path(2))))
    fetches = [f"20260509T{number:06}Z" for number in (4, 0, 1, 2)]
    starts = dict(
        zip([fetches[0], compacted.numbered(1), *fetches[1:]], [0, 1, 1, 4, 7], strict=True)
    )
    assert {part.name: part.start for part in parts} == starts
    assert paths(lake) == [raw_path(2)]
    assert len(rows(lake, "normalized/bill")) == 7


def test_only_what_is_asked_for(lake: Lake) -> None:
    for number in range(3):
        for company in ("7", "8"):
            land(lake, number, bill(number), company=company)
            land(lake, number, bill(number), company=company, day=DAY + timedelta(days=1))
    before = paths(lake)
    assert compact(lake, [BILL], Terms(DAY - timedelta(days=1))) == []
    assert compact(lake, [BILL], Terms(DAY, at_least=4)) == []
    assert compact(lake, [BILL], Terms(DAY, company="9")) == []
    assert paths(lake) == before
    [done] = compact(lake, [BILL], Terms(DAY, company="8"))
    assert (done.company, done.partitions) == ("8", 1)
    assert len(paths(lake)) == len(before) - 2
    # What was never normalized is not by this.
    assert paths(lake, "normalized") == []


def test_objects_stay_of_a_size_that_readers_hold(lake: Lake) -> None:
    dice = Random(1)
    for number in range(7):
        land(lake, number, bill(number, PrivateNote=dice.randbytes(SMALL_BYTES * 3 // 4).hex()))
    large = land(lake, 7, bill(7, PrivateNote=dice.randbytes(SMALL_BYTES).hex()))
    [done] = compact(lake, [BILL], ALL)
    assert (done.replaced, done.made) == (7, 2)
    sizes = {each.path: each.size for each in lake.list("raw")}
    assert large in sizes
    assert len(sizes) == 3
    assert max(sizes.values()) < FULL_BYTES * 1.1
    assert compact(lake, [BILL], ALL) == []


def test_nothing_is_removed_where_a_row_differs(lake: Lake) -> None:
    old = [land(lake, number, bill(number)) for number in range(2)]
    whole = (
        parquet.decode(lake.read(old[0])).to_pylist()
        + parquet.decode(lake.read(old[1])).to_pylist()
    )
    parts = [compacted.Part(compacted.name_of(path), n, 1) for n, path in enumerate(old)]
    for column, value in (("payload", b"{}"), ("sync_token", "1"), ("source", "cdc")):
        altered = [whole[0], {**whole[1], column: value}]
        table = parquet.decode(lake.read(old[0])).schema.empty_table()
        made = table.from_pylist(altered, schema=table.schema)
        lake.replace(raw_path(1), parquet.encode(made, metadata=compacted.said_of_parts(parts)))
        with pytest.raises(LakeDataError, match=r"compacted-000001.*not just the rows.*Z\.parquet"):
            compact(lake, [BILL], ALL)
        assert paths(lake) == [*old, raw_path(1)]
    more = table.from_pylist([*whole, whole[0]], schema=table.schema)
    lake.replace(raw_path(1), parquet.encode(more, metadata=compacted.said_of_parts(parts)))
    with pytest.raises(LakeDataError, match="what else it replaces"):
        compact(lake, [BILL], ALL)
    lake.replace(
        raw_path(1),
        parquet.encode(
            table.from_pylist(whole, schema=table.schema), metadata=compacted.said_of_parts(parts)
        ),
    )
    assert [done.removed for done in compact(lake, [BILL], ALL)] == [2]


def test_an_object_that_cannot_be_read_is_named_and_stays(lake: Lake) -> None:
    good = land(lake, 1, bill(1))
    bad = layout.raw_object("bill", "7", DAY, "20260509T000002Z")
    lake.create(bad, b"PAR1 and no more")
    with pytest.raises(LakeDataError, match=r"20260509T000002Z.*stays as it is"):
        compact(lake, [BILL], ALL)
    assert paths(lake) == [good, bad]


def test_what_a_killed_build_left_is_removed(lake: Lake) -> None:
    for number in range(2):
        land(lake, number, bill(number))
    build(lake, BILL, CompanyDays("7", (DAY,)))
    left = {path: lake.read(path) for path in paths(lake, "normalized")}
    compact(lake, [BILL], ALL)
    compacted_only = paths(lake, "")
    for path, data in left.items():  # as by a build that had listed the raw objects before
        lake.create(path, data)
    assert len(layout.all_objects(lake, layout.NORMALIZED, "bill", "7")) == 1
    [work] = plan(lake, BILL, ALL)
    assert work.left == len(left)
    compact(lake, [BILL], ALL)
    assert paths(lake, "") == compacted_only
