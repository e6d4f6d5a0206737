"""Whether every element of every array became a child row, counted by another JSON reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import Any, cast

import msgspec
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Table, tables_of
from qb_assets.catalog.entity import Entity

VERSION = ["id", "_extracted_at"]

NOT_COUNTED = -1
"""In place of the number of elements where a record has something else than the arrays it should
have; no table has as many rows."""

AT_ONCE = 500
"""Records whose arrays are in memory together: few enough for Python to let go of them quickly."""


def miscounted(
    entity: Entity, raw: pa.Table, frames: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Child tables whose rows differ from the elements of the raw arrays.

    Args:
        entity: what the records are.
        raw: live raw rows that were not quarantined: `id`, `extracted_at`, `payload`.
        frames: the entity's normalized tables by name.

    Returns:
        For every child table the versions that differ: `id`, `_extracted_at`, `expected`,
        `found`; empty frames where all is well. Rows that belong to no raw record count as found.
    """
    children = [table for table in tables_of(entity) if table.parent is not None]
    if not children:
        return {}
    counts = _elements(entity, raw.column("payload"))
    versions = pl.DataFrame(
        {
            "id": pl.Series(values=raw.column("id")),
            "_extracted_at": pl.Series(values=raw.column("extracted_at")),
        }
    )
    return {
        table.name: _differing(
            table,
            versions.with_columns(expected=pl.Series(counts[table.name], dtype=pl.Int64)),
            frames[table.name],
        )
        for table in children
    }


def _differing(table: Table, expected: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    owner = table.parent_keys[0]
    found = rows.group_by(pl.col(owner).alias("id"), "_extracted_at").agg(found=pl.len())
    return (
        expected.filter(pl.col("expected") != 0)  # a version without rows need not be joined
        .join(found, on=VERSION, how="full", coalesce=True)
        .with_columns(
            pl.col("expected").fill_null(0),
            pl.col("found").fill_null(0).cast(pl.Int64),
        )
        .filter(pl.col("expected") != pl.col("found"))
    )


def _elements(entity: Entity, payloads: pa.ChunkedArray) -> dict[str, list[int]]:
    """How many elements each record has in the arrays of each child table, by its name."""
    counts: dict[str, list[int]] = {table.name: [] for table in tables_of(entity)[1:]}
    for start in range(0, len(payloads), AT_ONCE):
        part = cast(list[bytes], payloads.slice(start, AT_ONCE).to_pylist())
        for name, numbers in _elements_of(entity, part).items():
            counts[name] += numbers
    return counts


def _elements_of(entity: Entity, payloads: Sequence[bytes]) -> dict[str, list[int]]:
    parent, *children = tables_of(entity)
    decoder = _skeleton(entity)
    records = [_read(entity, decoder, payload) for payload in payloads]
    # The objects of a table are in one list; the ends say where in it those of each record end.
    objects: dict[str, list[Any]] = {parent.name: records}
    ends: dict[str, list[int]] = {parent.name: list(range(1, len(records) + 1))}
    counts: dict[str, list[int]] = {}
    for table in children:
        assert table.parent is not None
        arrays = objects[table.parent]
        for key in table.array_path:
            arrays = [getattr(each, key, None) for each in arrays]
        places = [0, *accumulate(len(each) if each else 0 for each in arrays)]
        objects[table.name] = list(chain.from_iterable(each for each in arrays if each))
        ends[table.name] = [places[end] for end in ends[table.parent]]
        counts[table.name] = [
            end - start if record is not None else NOT_COUNTED
            for record, (start, end) in zip(records, pairwise([0, *ends[table.name]]), strict=True)
        ]
    return counts


def _read(entity: Entity, decoder: msgspec.json.Decoder[Any], payload: bytes) -> Any:
    try:
        found = decoder.decode(payload)
    except msgspec.MsgspecError:
        return None
    return next(iter(found.values()), None) if entity.wrapped else found


@cache
def _skeleton(entity: Entity) -> msgspec.json.Decoder[Any]:
    """Reads nothing of a record but the arrays that are tables, and of these nothing but theirs."""
    tables = tables_of(entity)
    record = _bones(tables, tables[0])
    return msgspec.json.Decoder(dict[str, record] if entity.wrapped else record)


def _bones(tables: Sequence[Table], table: Table) -> Any:
    ways: dict[str, Any] = {}
    for child in tables:
        if child.parent == table.name:
            at = ways
            for key in child.array_path[:-1]:
                at = at.setdefault(key, {})
            at[child.array_path[-1]] = list[_bones(tables, child) | None]
    return _struct(table.name, ways)


def _struct(name: str, ways: Mapping[str, Any]) -> Any:
    fields = [
        (key, (_struct(key, way) if isinstance(way, dict) else way) | None, None)
        for key, way in ways.items()
    ]
    return msgspec.defstruct(name, fields, gc=False)
