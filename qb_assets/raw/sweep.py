"""The Id sweep: finds deletes that nothing tells of any more, by what is no longer there.

Change data capture tells of the last 30 days and of no more than 1,000 changes at once, and a
query never returns what was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Entity
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import FeatureUnavailable
from qb_assets.quickbooks.identity import is_made_up
from qb_assets.quickbooks.query import Window, instant
from qb_assets.raw.capture import FAR_AHEAD
from qb_assets.raw.plan import SETTLING
from qb_assets.raw.records import GONE, RAW_SCHEMA, VERSION_COLUMNS, newest_versions

BATCH_BYTES = 32 * 1024 * 1024
"""Bytes of raw objects that are in memory at once."""

TICK = timedelta(seconds=1)
"""LastUpdatedTime is in whole seconds."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The newest version of a record that the lake holds: its last update, and its fetch."""

    updated: datetime | None
    fetched: datetime


Held = Mapping[str, Sighting]
"""The live records that the lake holds of an entity, by Id."""


def vanish(entity: Entity) -> bool:
    """Whether records of an entity can vanish: they are deleted, or merged into others."""
    return entity.delete != "none" and entity.key == ("Id",) and not entity.singleton


def held_live(lake: Lake, entity: Entity, company: str) -> Held:
    """The records of all days whose newest version is not gone."""
    return settled(lambda: _held_live(lake, entity, company))


def _held_live(lake: Lake, entity: Entity, company: str) -> Held:
    newest = RAW_SCHEMA.empty_table().select(VERSION_COLUMNS)
    objects = layout.all_objects(lake, layout.RAW, entity.table, company)
    for batch in layout.batches(objects, BATCH_BYTES):
        contents = lake.read_many([found.path for found in batch])
        tables = [newest, *(parquet.decode(data, VERSION_COLUMNS) for data in contents)]
        newest = newest_versions(pa.concat_tables(tables)).to_arrow().cast(newest.schema)
    live = newest_versions(newest).filter(~pl.col("status").is_in(GONE))
    rows = live.select("id", "last_updated_time", "extracted_at").iter_rows()
    return {identity: Sighting(updated, fetched) for identity, updated, fetched in rows}


def vanished(
    client: QuickBooksClient,
    held: Mapping[str, Held],
    entities: Mapping[str, Entity],
    window: Window,
    *,
    thorough: bool,
) -> dict[str, list[Fetched]]:
    """Notices of deletion for the held records that QuickBooks no longer has, by entity name.

    Ids are compared where the lake holds more records than QuickBooks counts, or everywhere when
    `thorough`. Nobody says when a record went; it is dated to the earliest moment of the window
    that is being fetched at which it can have gone, which is after the fetch that saw it last. So
    its last version holds as long as is known, and whatever QuickBooks says of it later counts
    more. A record held with a change after the window is left to a later one. Each missing Id is
    asked for once more by itself, so nothing is said of records without an Id of QuickBooks'.
    """
    asked = {name: ids for name, ids in held.items() if ids}
    if not thorough:
        counts = client.counts([(entities[name], None) for name in asked])
        asked = {name: ids for name, ids in asked.items() if _fewer(counts[name], len(ids))}
    everything = Window(None, window.end + FAR_AHEAD)
    missing: dict[str, list[str]] = {}
    for name, ids in asked.items():
        there = {row.id for page in client.select(entities[name], (), everything) for row in page}
        missing[name] = sorted(
            identity
            for identity, seen in ids.items()
            if identity not in there
            and not window.is_before(seen.updated)
            and not is_made_up(identity)
        )
    wanted = [(name, ids) for name, ids in missing.items() if ids]
    answers = client.read_many([(entities[name], ids) for name, ids in wanted])
    found: dict[str, list[Fetched]] = {}
    for (name, ids), answer in zip(wanted, answers, strict=True):
        there = {*answer.unreadable, *(row.id for row in answer.rows)}
        gone = [each for each in ids if each not in there]
        found[name] = [notice(each, gone_since(held[name][each], window)) for each in gone]
    return found


def notice(identity: str, moment: datetime) -> Fetched:
    """A notice of deletion in the shape of change data capture's."""
    record = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": identity,
        "MetaData": {"LastUpdatedTime": instant(moment)},
    }
    return Fetched(identity, moment, None, deleted=True, body=msgspec.json.encode(record))


def gone_since(seen: Sighting, window: Window) -> datetime:
    """The first moment of the window at which a record that was seen can have gone.

    A fetch tells of its beginning less the time in which QuickBooks settles.
    """
    there = max(
        moment
        for moment in (seen.updated, seen.fetched - SETTLING, window.start)
        if moment is not None
    )
    latest = window.end - TICK
    earliest = min(there.replace(microsecond=0) + TICK, latest)
    return earliest if seen.updated is None else max(earliest, seen.updated)


def _fewer(counted: int | FeatureUnavailable, held: int) -> bool:
    return not isinstance(counted, FeatureUnavailable) and counted < held
