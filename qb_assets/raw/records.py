"""Raw rows: record versions as Arrow tables, and which of them a partition does not hold yet."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Any

import polars as pl
import pyarrow as pa

from qb_assets.partitions import Calendar
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.identity import canonical

LIVE = "live"
DELETED = "deleted"
MERGED = "merged"
UNREADABLE = "unreadable"
KEYLESS = "keyless"
DUPLICATE = "duplicate"
GONE = (DELETED, MERGED)
"""The states of a record that QuickBooks no longer has."""

UNUSABLE = (UNREADABLE, KEYLESS, DUPLICATE)
"""The states of a record that is there, and which no table can hold."""

INSTANT = pa.timestamp("us", "UTC")
DIGEST = pa.binary(16)

RAW_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("sync_token", pa.string()),
        pa.field("last_updated_time", INSTANT),
        pa.field("status", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("extracted_at", INSTANT, nullable=False),
        pa.field("digest", DIGEST, nullable=False),
        pa.field("payload", pa.binary(), nullable=False),
    ]
)
"""One row per record version seen. `payload` holds the exact JSON bytes, `source` the kind of call
that brought them (query, batch, cdc, read; sweep for a notice of deletion of our own), `digest` a
BLAKE2b of the payload less what changes on every read."""

RAW_DOCS = {
    "id": (
        "QuickBooks' Id; ~ and a digest of the values where a record came without it, and both"
        " where another record of the same answer has it too."
    ),
    "sync_token": "QuickBooks' SyncToken; balances change without it, so it is no version.",
    "last_updated_time": "MetaData.LastUpdatedTime of this version.",
    "status": (
        "live; deleted; merged: gone, of a list whose records are never deleted, so that it must"
        " have been merged into another; unreadable: QuickBooks fails on it, and only its Id and"
        " time are known; keyless: it came without its Id; duplicate: another record of the same"
        " answer has its Id."
    ),
    "source": (
        "The kind of call that brought it: query, batch, cdc, read (by Id), or sweep: it was not"
        " among all Ids any more."
    ),
    "extracted_at": "When it was fetched.",
    "digest": "BLAKE2b of the payload, less what changes on every read.",
    "payload": "The exact JSON bytes that QuickBooks answered.",
}

VERSION_COLUMNS = ["id", "last_updated_time", "status", "extracted_at", "digest"]
"""What has to be read of a partition to know which versions it holds."""


def raw_table(
    rows: Sequence[Fetched],
    *,
    source: str,
    extracted_at: datetime,
    volatile: Sequence[str] = (),
    gone: str = DELETED,
) -> pa.Table:
    """Fetched records as raw rows, in order; `gone` is the status of notices of deletion."""
    bodies = [row.body for row in rows]
    return pa.table(
        {
            "id": [row.id for row in rows],
            "sync_token": [row.sync_token for row in rows],
            "last_updated_time": [row.updated for row in rows],
            "status": _statuses(rows, gone),
            "source": pa.repeat(source, len(rows)),
            "extracted_at": pa.repeat(pa.scalar(extracted_at, INSTANT), len(rows)),
            "digest": _laid_out([digest(body, volatile) for body in bodies], DIGEST),
            "payload": _laid_out(bodies, pa.binary()),
        },
        schema=RAW_SCHEMA,
    )


def _statuses(rows: Sequence[Fetched], gone: str) -> Any:
    if not any(row.deleted or row.state in UNUSABLE for row in rows):
        return pa.repeat(LIVE, len(rows))
    alive = (row.state if row.state in UNUSABLE else LIVE for row in rows)
    return [gone if row.deleted else status for row, status in zip(rows, alive, strict=True)]


def _laid_out(values: Sequence[bytes], kind: Any) -> pa.Array:
    """The values as one array, copied once; Arrow's own way moves all of them as it grows."""
    buffers: list[Any] = [None, pa.py_buffer(b"".join(values))]
    if kind != DIGEST:
        ends = array("i", accumulate(map(len, values), initial=0))
        buffers.insert(1, pa.py_buffer(ends))
    return pa.Array.from_buffers(kind, len(values), buffers)


def digest(body: bytes, volatile: Sequence[str] = ()) -> bytes:
    """16 bytes that tell two versions of a record apart.

    Properties in `volatile` change on every read without a change of the record (such as the
    signed download address of an Attachable), so they do not count.
    """
    if volatile and any(name.encode() in body for name in volatile):
        body = canonical(body, volatile)
    return hashlib.blake2b(body, digest_size=16).digest()


def by_day(rows: pa.Table, calendar: Calendar, days: Iterable[date]) -> dict[date, pa.Table]:
    """The rows of each asked day, by the day of their last update; other rows are left out."""
    frame = _frame(rows.select(["last_updated_time"])).select(
        pl.col("last_updated_time")
        .dt.convert_time_zone(calendar.zone.key)
        .dt.date()
        .fill_null(calendar.start)
        .clip(lower_bound=calendar.start)
        .alias("day")
    )
    wanted = set(days)
    places = frame.with_row_index("place").group_by("day", maintain_order=True).agg("place")
    if places.height == 1:  # no need to copy what stays together
        return {day: rows for day in places["day"] if day in wanted}
    places = places.filter(pl.col("day").is_in(list(wanted)))
    # Arrow puts all payloads together for each take, so all days are taken at once.
    ordered = rows.take(pa.array(places["place"].explode().to_list(), pa.int64()))
    lengths = places["place"].list.len().to_list()
    ends = zip(places["day"], lengths, accumulate(lengths), strict=True)
    return {day: ordered.slice(end - length, length) for day, length, end in ends}


def newest_versions(held: pa.Table) -> pl.DataFrame:
    """The newest held version of each record, by (last update, extraction)."""
    return _newest(_frame(held.select(VERSION_COLUMNS)))


def with_newer(newest: pl.DataFrame, added: pa.Table) -> pl.DataFrame:
    """`newest_versions` of what is held with versions that were added, without sorting it all."""
    versions = _frame(added.select(VERSION_COLUMNS))
    same = newest.join(versions, on="id", how="semi")
    others = newest.join(versions, on="id", how="anti") if same.height else newest
    return pl.concat([others, _newest(pl.concat([same, versions]))])


def _newest(versions: pl.DataFrame) -> pl.DataFrame:
    return versions.sort("last_updated_time", "extracted_at", nulls_last=False).unique(
        "id", keep="last", maintain_order=True
    )


def unseen(
    rows: pa.Table, newest: pl.DataFrame, held_payloads: Callable[[set[str]], Mapping[str, bytes]]
) -> pa.Table:
    """The rows that differ from the newest version which the partition holds, without repeats.

    Two routes (query, change data capture) may serialise one version with other spacing or order
    of keys, so where only the bytes differ the values decide; `held_payloads` gives the bytes of
    the newest versions of the given Ids, and is asked only then.
    """
    frame = _frame(rows.select(VERSION_COLUMNS)).with_row_index("place")
    frame = frame.unique(["id", "digest"], keep="first", maintain_order=True)
    if newest.is_empty():
        return _at(rows, frame["place"])
    # Those of the same Ids, which are few mostly: what is joined with them shall not be all again.
    newest = newest.join(frame, on="id", how="semi")
    new = frame.join(newest, on=["id", "digest"], how="anti", maintain_order="left")
    same_instant = new.join(
        newest, on=["id", "last_updated_time", "status"], how="semi", nulls_equal=True
    )
    if same_instant.height:
        payloads = held_payloads(set(same_instant["id"]))
        column: Any = rows.column("payload")
        equal = {
            place
            for place, identity in same_instant.select("place", "id").iter_rows()
            if canonical(column[place].as_py()) == canonical(payloads[identity])
        }
        new = new.filter(~pl.col("place").is_in(list(equal)))
    return _at(rows, new["place"])


def _at(rows: pa.Table, places: pl.Series) -> pa.Table:
    """The rows at some places, in order; all of them are not copied, as of a first load."""
    if len(places) == rows.num_rows:
        return rows
    return rows.take(pa.array(places.to_list(), pa.int64()))


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
