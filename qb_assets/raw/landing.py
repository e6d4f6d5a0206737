"""Puts fetched records into the lake: append-only, each version once, memory bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeVar

import polars as pl
import pyarrow as pa

from qb_assets.catalog import Entity
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.errors import ObjectExists, ObjectMissing
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.raw.records import (
    DELETED,
    GONE,
    MERGED,
    RAW_SCHEMA,
    UNREADABLE,
    VERSION_COLUMNS,
    by_day,
    newest_versions,
    raw_table,
    unseen,
    with_newer,
)

FLUSH_BYTES = 16 * 1024 * 1024
"""Payload bytes that are gathered before an object is written."""


Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Extract:
    """One fetch of a company: what its objects are named after."""

    id: str
    at: datetime


@dataclass
class Landed:
    """What landed of one entity, for metadata: counts by day."""

    seen: Counter[date] = field(default_factory=Counter[date])
    new: Counter[date] = field(default_factory=Counter[date])
    deleted: Counter[date] = field(default_factory=Counter[date])
    unreadable: Counter[date] = field(default_factory=Counter[date])
    bytes: int = 0
    objects: list[str] = field(default_factory=list[str])


class Landing:
    """Gathers one entity's records and writes what the partitions do not hold yet.

    Objects are created once with a conditional put and never overwritten, so a killed run leaves
    whole objects or nothing, and the next run adds only what is missing.
    """

    def __init__(
        self,
        lake: Lake,
        calendar: Calendar,
        entity: Entity,
        company: str,
        days: Sequence[date],
        extract: Extract,
    ) -> None:
        self.landed = Landed()
        self._lake = lake
        self._calendar = calendar
        self._entity = entity
        self._company = company
        self._days = days
        self._extract = extract
        self._held = HeldVersions(lake, entity, company, days)
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0
        self._answers = 0

    def add(self, rows: Sequence[Fetched], source: str) -> None:
        """Takes records in; those of other days than the asked ones are left out."""
        if not rows:
            return
        # A record that is edited while it is read comes again in a later answer, as a version of
        # its own: the fetch's time and the place of the answer tell them apart in every layer.
        at = self._extract.at + timedelta(microseconds=self._answers)
        self._answers += 1
        table = raw_table(
            rows,
            source=source,
            extracted_at=at,
            volatile=self._entity.volatile,
            # What QuickBooks only ever makes inactive can have gone in one way alone: a merge.
            gone=MERGED if self._entity.delete == "soft" else DELETED,
        )
        self._waiting.append(table)
        self._waiting_bytes += table.column("payload").nbytes
        if self._waiting_bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        if not self._waiting:
            return
        rows = pa.concat_tables(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        for day, of_day in by_day(rows, self._calendar, self._days).items():
            self._write(day, of_day)

    def _write(self, day: date, rows: pa.Table) -> None:
        new = unseen(rows, self._held.newest(day), lambda ids: self._held.payloads(day, ids))
        self.landed.seen[day] += rows.num_rows
        if not new.num_rows:
            return
        name = f"{self._extract.id}-{len(self.landed.objects):04d}"
        path = layout.raw_object(self._entity.table, self._company, day, name)
        data = parquet.encode(new, metadata={"entity": self._entity.name})
        self._create(path, data)
        self._held.add(day, path, new)
        self.landed.objects.append(path)
        self.landed.bytes += len(data)
        self.landed.new[day] += new.num_rows
        statuses = new.column("status").to_pylist()
        self.landed.deleted[day] += sum(map(statuses.count, GONE))
        self.landed.unreadable[day] += statuses.count(UNREADABLE)

    def _create(self, path: str, data: bytes) -> None:
        try:
            self._lake.create(path, data)
        except ObjectExists:
            # The answer to our own put may have been lost, and the put sent again.
            if self._lake.read(path) != data:
                raise


@cache
def _nothing() -> pl.DataFrame:
    return newest_versions(RAW_SCHEMA.empty_table())


class HeldVersions:
    """What the lake holds of one entity and company, read by day when it is first asked for."""

    def __init__(self, lake: Lake, entity: Entity, company: str, days: Sequence[date]) -> None:
        self._lake = lake
        self._of = (entity.table, company)
        held = layout.objects_by_day(lake, layout.RAW, entity.table, company, days)
        self._objects = {day: [found.path for found in objects] for day, objects in held.items()}
        self._newest: dict[date, pl.DataFrame] = {}
        self._added: dict[date, list[pa.Table]] = {}

    def newest(self, day: date) -> pl.DataFrame:
        """The newest held version of each record of a day."""
        if day not in self._newest:
            tables = self._look(day, VERSION_COLUMNS, lambda rows: rows)
            self._newest[day] = newest_versions(pa.concat_tables(tables)) if tables else _nothing()
        for rows in self._added.pop(day, []):
            self._newest[day] = with_newer(self._newest[day], rows)
        return self._newest[day]

    def payloads(self, day: date, ids: set[str]) -> Mapping[str, bytes]:
        """The bytes of the newest held versions of some records of a day."""
        wanted = self.newest(day).filter(pl.col("id").is_in(list(ids)))
        digests = dict(wanted.select("id", "digest").iter_rows())

        def among(rows: pa.Table) -> dict[str, bytes]:
            return {
                row["id"]: row["payload"]
                for row in rows.to_pylist()
                if digests.get(row["id"]) == row["digest"]
            }

        found: dict[str, bytes] = {}
        for of_object in self._look(day, ["id", "digest", "payload"], among):
            found |= of_object
        return found

    def _look(
        self, day: date, columns: Sequence[str], take: Callable[[pa.Table], Taken]
    ) -> list[Taken]:
        """What is taken of each object of a day; a day that was compacted is listed anew."""

        def look() -> list[Taken]:
            paths = self._objects.get(day, [])
            contents = self._lake.read_many(paths) if paths else []
            return [take(parquet.decode(data, columns)) for data in contents]

        def look_anew() -> list[Taken]:
            objects = layout.objects_of(self._lake, layout.RAW, *self._of, [day])
            self._objects[day] = [found.path for found in objects]
            return look()

        try:
            return look()
        except ObjectMissing:
            return settled(look_anew)

    def add(self, day: date, path: str, rows: pa.Table) -> None:
        """Remembers an object that was written just now."""
        self._objects.setdefault(day, []).append(path)
        self._added.setdefault(day, []).append(rows.select(VERSION_COLUMNS))
