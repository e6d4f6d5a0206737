"""Reads normalized objects back, a batch of raw objects at a time, so that memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.layout import Location
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import BATCH_BYTES, QUARANTINE_SCHEMA, UNMODELED
from qb_assets.normalized.schema import arrow_schema
from qb_assets.partitions import CompanyDays
from qb_assets.raw.records import LIVE, RAW_SCHEMA


@dataclass(frozen=True)
class Slice:
    """What stands in the layers of some raw objects of one company."""

    company: str
    raw: pa.Table
    """Live raw rows: id, extracted_at, payload."""
    tables: dict[str, pl.DataFrame]
    quarantined: pa.Table
    unmodeled: list[str]
    """Of each object, JSON as `Unmodeled` has it."""


def slices(lake: Lake, entity: Entity, scopes: Sequence[CompanyDays]) -> Iterator[Slice]:
    """Everything of an entity in some days, batch by batch.

    Raises:
        LakeError: an object could not be read.
    """
    for scope in scopes:
        objects = layout.objects_of(lake, layout.RAW, entity.table, scope.company, scope.days)
        for batch in layout.batches(objects, BATCH_BYTES):
            yield _slice(lake, entity, scope.company, [layout.parse(o.path) for o in batch])


def _slice(lake: Lake, entity: Entity, company: str, places: Sequence[Location]) -> Slice:
    parent, *children = tables_of(entity)
    contents = {table.name: _contents(lake, table, places) for table in (parent, *children)}
    raw_columns = ["id", "status", "extracted_at", "payload"]
    raw = parquet.concat(
        [parquet.decode(data, raw_columns) for data in lake.read_many([p.path for p in places])],
        pa.schema([RAW_SCHEMA.field(name) for name in raw_columns]),
    )
    quarantine = [
        layout.quarantine_object(entity.table, company, at.day, at.object) for at in places
    ]
    return Slice(
        company=company,
        raw=raw.filter(pc.equal(raw.column("status"), LIVE)).drop_columns("status"),
        tables={
            table.name: frame(parquet.concat(map(parquet.decode, contents[table.name]), arrow_schema(table)))
            for table in (parent, *children)
        },
        quarantined=parquet.concat(
            map(parquet.decode, _held(lake, quarantine)), QUARANTINE_SCHEMA
        ),
        unmodeled=[
            parquet.read_metadata(data).get(UNMODELED, "[]") for data in contents[parent.name]
        ],
    )


def _contents(lake: Lake, table: Table, places: Sequence[Location]) -> list[bytes]:
    paths = [layout.normalized_object(table.name, at.company, at.day, at.object) for at in places]
    return _held(lake, paths)


def _held(lake: Lake, paths: Sequence[str]) -> list[bytes]:
    """The objects among the paths that are there."""
    places = [layout.parse(path) for path in paths]
    first = places[0]
    objects = layout.objects_of(
        lake, first.layer, first.name, first.company, [place.day for place in places]
    )
    there = {found.path for found in objects}
    return lake.read_many([path for path in paths if path in there])


def frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as polars has it."""
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found
