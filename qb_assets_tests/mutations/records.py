"""A corruption in the records of the lake: a row of a normalized object, or the JSON in a raw one.

Only what is drawn is changed. A raw row's digest is made anew of the corrupted record, as if
QuickBooks had answered it so: what is proved is that the figures tell, and not that a hash does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.raw.records import digest
from qb_assets_tests.mutations.corruption import Corruption, table_of

Row: TypeAlias = dict[str, Any]

_encoder = msgspec.json.Encoder(decimal_format="number")


def corrupt_normalized(lake: Lake, corruption: Corruption) -> None:
    """Rewrites the normalized object that has the row; raises LookupError where none has."""
    _, table = table_of(corruption.target)
    asked = {name: corruption.key[name] for name in (*table.key, "_extracted_at")}

    def changed(row: Row) -> Row | None:
        if corruption.target.kind == "line":
            return None
        return {**row, corruption.target.column: corruption.after}

    _rewrite(lake, layout.NORMALIZED, table.name, corruption, asked, changed)


def corrupt_raw(lake: Lake, corruption: Corruption) -> None:
    """Rewrites the raw object that has the record; raises LookupError where none has."""
    entity, table = table_of(corruption.target)
    asked = {"id": corruption.key[table.key[0]], "extracted_at": corruption.key["_extracted_at"]}

    def changed(row: Row) -> Row:
        body = _edited(entity, table, corruption, row["payload"])
        return {**row, "payload": body, "digest": digest(body, entity.volatile)}

    _rewrite(lake, layout.RAW, entity.table, corruption, asked, changed)


def _rewrite(
    lake: Lake,
    layer: layout.Layer,
    name: str,
    corruption: Corruption,
    asked: Row,
    changed: Callable[[Row], Row | None],
) -> None:
    """Replaces the one object of the corruption's day that has a row as asked; `changed` gives the
    row as it is to be, or None where it is to go."""
    day: date = corruption.key["_updated_on"]
    for found in layout.objects_of(lake, layer, name, corruption.company, [day]):
        data = lake.read(found.path)
        table = parquet.decode(data)
        rows: list[Row] = table.to_pylist()
        places = [n for n, row in enumerate(rows) if all(row[k] == asked[k] for k in asked)]
        if places:
            (place,) = places
            after = changed(rows[place])
            rows[place : place + 1] = [] if after is None else [after]
            written = pa.Table.from_pylist(rows, schema=table.schema)
            lake.replace(found.path, parquet.encode(written, metadata=parquet.read_metadata(data)))
            return
    raise LookupError(f"no {layer} object of {name} has the row of {corruption}")


def _edited(entity: Entity, table: Table, corruption: Corruption, body: bytes) -> bytes:
    """The record's JSON with the value changed, or without the element."""
    record = json.loads(body, parse_float=Decimal)
    at: Any = record
    holder: list[Any] = []
    place = 0
    for each, name in zip(_chain(entity, table), table.key[1:], strict=True):
        holder, place = _dug(at, each.array_path), corruption.key[name]
        at = holder[place]
    if corruption.target.kind == "line":
        del holder[place]
    else:
        column = next(each for each in table.columns if each.name == corruption.target.column)
        *way, last = column.path
        after = corruption.after
        _dug(at, way)[last] = after.isoformat() if isinstance(after, date) else after
    return _encoder.encode(record)


def _chain(entity: Entity, table: Table) -> list[Table]:
    """The tables of the arrays on the way to a table's rows, outermost first."""
    by_name = {each.name: each for each in tables_of(entity)}
    chain: list[Table] = []
    while table.parent is not None:
        chain.insert(0, table)
        table = by_name[table.parent]
    return chain


def _dug(at: Any, path: Sequence[str]) -> Any:
    for name in path:
        at = at[name]
    return at
