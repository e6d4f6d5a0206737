"""Which files the attachments of a company have now, by what raw holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import msgspec
import pyarrow as pa

from qb_assets.attachments.records import Attached
from qb_assets.catalog import ENTITIES
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.raw.records import LIVE

ATTACHABLE = ENTITIES["Attachable"]

_COLUMNS = ["id", "last_updated_time", "extracted_at", "status", "payload"]
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


class _Attachable(msgspec.Struct):
    FileName: str | None = None
    Size: int | str | None = None
    ContentType: str | None = None
    SyncToken: str | None = None


_read = msgspec.json.Decoder(_Attachable, strict=False)


def current_files(lake: Lake, company: str) -> list[Attached]:
    """The files of all attachables that are still there, in order of Id; notes have none.

    Raises LakeError.
    """
    newest: dict[str, tuple[tuple[datetime, datetime], bytes | None]] = {}
    for identity, version, payload in _versions(lake, company):
        if identity not in newest or newest[identity][0] <= version:
            newest[identity] = version, payload
    found = (
        _attached(company, identity, payload)
        for identity, (_, payload) in sorted(newest.items())
        if payload is not None
    )
    return [each for each in found if each is not None]


def _versions(
    lake: Lake, company: str
) -> Iterator[tuple[str, tuple[datetime, datetime], bytes | None]]:
    """Every version: its Id, what tells which is newer, and its payload while it was there."""
    objects = layout.all_objects(lake, layout.RAW, ATTACHABLE.table, company)
    for data in lake.iterate([found.path for found in objects]):
        table: pa.Table = parquet.decode(data, _COLUMNS)
        columns: list[list[Any]] = [table.column(name).to_pylist() for name in _COLUMNS]
        for identity, updated, extracted, status, payload in zip(*columns, strict=True):
            live = payload if status == LIVE else None
            yield identity, (updated or _LONG_AGO, extracted), live


def _attached(company: str, identity: str, payload: bytes) -> Attached | None:
    """What the record says of its file; None without one, and of what cannot be understood."""
    try:
        record = _read.decode(payload)
        size = None if record.Size is None else int(record.Size)
    except (msgspec.MsgspecError, ValueError):
        return None  # such a record is in quarantine, where a check is red for it
    if not record.FileName:
        return None
    version = record.SyncToken or f"{'' if size is None else size}/{record.FileName}"
    return Attached(company, identity, version, record.FileName, size, record.ContentType)
