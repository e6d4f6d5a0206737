"""Puts records that no table can hold into `quarantine/<entity>`, with the reason and the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.parse import INSTANT, Reject
from qb_assets.raw.records import DUPLICATE, KEYLESS, UNREADABLE, UNUSABLE

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("last_updated_time", INSTANT),
        pa.field("extracted_at", INSTANT, nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw_object", pa.string(), nullable=False),
        pa.field("payload", pa.binary(), nullable=False),
    ]
)
"""One row a version that is aside. The reason names properties, never a value."""

QUICKBOOKS_FAILS = "QuickBooks fails on reading this record, so only its Id is known"


def reasons(entity: Entity) -> Mapping[str, str]:
    """Why raw rows that cannot be used cannot, by their status."""
    key = ", ".join(entity.key)
    return {
        UNREADABLE: QUICKBOOKS_FAILS,
        KEYLESS: f"it came without its {key}, so nothing tells it from other records",
        DUPLICATE: f"another record of the same answer has its {key}",
    }


def are_unusable(status: Any) -> Any:
    """Whether raw rows of these states can be in no table, whatever their JSON is."""
    return pc.is_in(status, value_set=pa.array(UNUSABLE))


def aside(entity: Entity, live: pa.Table, rejects: Sequence[Reject], raw: pa.Table) -> pa.Table:
    """The raw rows that no table can hold, each with the reason.

    Args:
        entity: what the records are.
        live: the raw rows that were parsed.
        rejects: those of them that did not fit.
        raw: all raw rows.
    """
    rejected = live.take(pa.array([reject.place for reject in rejects], pa.int64()))
    why = reasons(entity)
    unusable = raw.filter(are_unusable(raw.column("status")))
    told = [reject.reason for reject in rejects]
    told += [why[str(status)] for status in unusable.column("status").to_pylist()]
    rows = pa.concat_tables([rejected, unusable])
    return rows.append_column("reason", pa.array(told, pa.string()))


def put_aside(
    lake: Lake, entity: Entity, rows: pa.Table, raw_path: str, said: Mapping[str, str]
) -> str:
    """Writes rows of `aside` that came from one raw object, with what else is said of them.

    Gives the path of what it made.
    """
    rows = rows.append_column("raw_object", pa.repeat(raw_path, rows.num_rows))
    exact = rows.select(QUARANTINE_SCHEMA.names).cast(QUARANTINE_SCHEMA)
    at = layout.parse(raw_path)
    path = layout.quarantine_object(entity.table, at.company, at.day, at.object)
    lake.replace(path, parquet.encode(exact, metadata={"entity": entity.name, **said}))
    return path
