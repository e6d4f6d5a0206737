"""Objects that replace others, and listings that are right while they do."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import polars as pl
import pytest

from qb_assets.lake import compacted, layout, parquet
from qb_assets.lake.compacted import Part, settled
from qb_assets.lake.errors import ObjectMissing
from qb_assets.lake.store import Lake

DAY = date(2024, 2, 29)


def put(lake: Lake, name: str, replaces: Sequence[str] = (), width: int = 1) -> str:
    """Makes a raw object that replaces others; a wide one has a long footer."""
    parts = [Part(each, 0, 1) for each in replaces]
    rows = pl.DataFrame({f"c{n:04}": ["x"] for n in range(width)}).to_arrow()
    path = layout.raw_object("invoice", "1", DAY, name)
    lake.create(path, parquet.encode(rows, metadata=compacted.said_of_parts(parts)))
    return path


def names(lake: Lake) -> list[str]:
    found = layout.all_objects(lake, "raw", "invoice", "1")
    assert found == layout.objects_of(lake, "raw", "invoice", "1", [DAY])
    assert [layout.parse(each.path) for each in found] == list(layout.locations(lake, "raw"))
    return [layout.parse(each.path).object for each in found]


def test_what_was_replaced_does_not_count(lake: Lake) -> None:
    for name in ("20240301-a", "20240302-b", "20240303-c"):
        put(lake, name)
    first, second = compacted.numbered(1), compacted.numbered(2)
    put(lake, first, ["20240301-a", "20240302-b"])
    assert names(lake) == ["20240303-c", first]
    put(lake, second, ["20240303-c", first, "20240301-a", "20240302-b"], width=2000)
    assert names(lake) == [second]
    gone = layout.raw_object("invoice", "1", DAY, first)
    lake.delete([gone, layout.raw_object("invoice", "1", DAY, "20240301-a")])
    put(lake, "20240301-a")  # a request that was sent twice
    put(lake, "20240304-d")
    assert names(lake) == ["20240304-d", second]
    stored = layout.objects_of(lake, "raw", "invoice", "1", [DAY], replaced=True)
    assert len(stored) == 5
    [found] = [each for each in stored if compacted.is_compacted(each.path)]
    assert compacted.replaced_by(lake, found) == {
        "20240301-a",
        "20240302-b",
        "20240303-c",
        first,
    }


def test_an_object_made_in_anothers_place_is_asked_again(lake: Lake) -> None:
    put(lake, "20240301-a")
    path = put(lake, compacted.numbered(1), ["20240301-a"])
    assert names(lake) == [compacted.numbered(1)]
    lake.replace(path, parquet.encode(pl.DataFrame({"c": ["other"]}).to_arrow()))
    assert names(lake) == ["20240301-a", compacted.numbered(1)]


def test_numbers_and_names() -> None:
    assert compacted.next_number([]) == 1
    assert compacted.next_number(["a/2024.parquet", "a/compacted-000041.parquet"]) == 42
    assert compacted.replaceable("a/20260509T101500123Z-0123abcd-0000.parquet")
    assert compacted.replaceable(f"a/{compacted.numbered(7)}.parquet")
    assert not compacted.replaceable("a/d-sorts-after-it.parquet")
    assert not compacted.is_compacted("a/compacted-.parquet")
    # As paths, which is how a store sorts them.
    assert f"a/{compacted.numbered(1)}.parquet" > "a/20260509T101500123Z-0123abcd-0000.parquet"
    assert f"a/{compacted.numbered(9)}.parquet" < f"a/{compacted.numbered(10)}.parquet"


def test_work_is_done_again_from_the_listing(lake: Lake) -> None:
    listings = [["a/1", "a/2"], ["a/3"]]
    lake.create("a/1", b"1")
    lake.create("a/3", b"3")
    assert settled(lambda: lake.read_many(listings.pop(0))) == [b"3"]
    asked: list[str] = []

    def work() -> bytes:
        asked.append("a/2")
        return lake.read("a/2")

    with pytest.raises(ObjectMissing, match="a/2") as caught:
        settled(work)
    assert caught.value.path == "a/2"
    assert len(asked) == 2


def test_a_listing_sees_what_moves_to_a_later_name(lake: Lake) -> None:
    others = [f"moving/0-{n:03}" for n in range(150)]
    for path in others:
        lake.create(path, b"0")
    lake.create("moving/1-000", b"0")

    def move() -> None:
        for n in range(60):
            lake.create(f"moving/1-{n + 1:03}", b"0")
            lake.delete([f"moving/1-{n:03}"])

    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(move)
        looks = 0
        while not moving.done():
            found = [each.path for each in lake.list("moving")]
            assert found[: len(others)] == others
            assert len(found) > len(others)
            looks += 1
        moving.result()
    assert looks > 1
