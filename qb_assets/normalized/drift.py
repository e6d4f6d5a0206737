"""What QuickBooks sent that the catalog does not know: told of, never a failure, never lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity, tables_of
from qb_assets.normalized.walk import Sighting, shape

UNMODELED = "unmodeled"
"""The key in an object's metadata of what is not as the catalog says in its raw records."""

UNKNOWN_VALUE = "unknown value"
"""The type of a sighting of a value outside the closed set that its column has."""


@dataclass(frozen=True, slots=True)
class Unmodeled:
    """Values that are not as the catalog says: where they stand, what they are, when they came."""

    path: str
    """`Line[].SalesItemLineDetail.NewThing`."""

    type: str
    """What an undeclared property is, as `text`; `text in place of number` where the type is
    another; `unknown value` where the type is right."""

    count: int
    first_seen: datetime | None = None
    """When the first of them was fetched, and the last; None in objects made before this was."""
    last_seen: datetime | None = None
    example: str = ""
    """The shape of one of them: letters are x, digits 9."""


def merged(found: Iterable[Unmodeled]) -> list[Unmodeled]:
    """One entry a path and type, with the counts summed, in order of path."""
    whole: dict[tuple[str, str], Unmodeled] = {}
    for each in found:
        before = whole.get((each.path, each.type))
        whole[each.path, each.type] = each if before is None else _sum(before, each)
    return [whole[key] for key in sorted(whole)]


def _sum(one: Unmodeled, other: Unmodeled) -> Unmodeled:
    seen = [one.first_seen, one.last_seen, other.first_seen, other.last_seen]
    known = [moment for moment in seen if moment is not None]
    return replace(
        one,
        count=one.count + other.count,
        first_seen=min(known, default=None),
        last_seen=max(known, default=None),
        example=one.example or other.example,
    )


def told(sightings: Iterable[Sighting], at: datetime | None = None) -> list[Unmodeled]:
    """Sightings in records that were fetched at a moment."""
    return merged(Unmodeled(each.path, each.type, 1, at, at, each.shape) for each in sightings)


def said_of_drift(found: Iterable[Unmodeled]) -> dict[str, str]:
    """The metadata of an object whose records have these."""
    return {UNMODELED: msgspec.json.encode(merged(found)).decode()}


def drift_said(metadata: Mapping[str, str]) -> list[Unmodeled]:
    """What the metadata of an object says of drift."""
    return msgspec.json.decode(metadata.get(UNMODELED, "[]"), type=list[Unmodeled])


def unknown_values(entity: Entity, flat: Mapping[str, pa.Table]) -> Iterator[tuple[Any, Sighting]]:
    """The values outside of their column's closed set, each with the row it stands in."""
    prefixes: dict[str | None, str] = {None: ""}
    for table in tables_of(entity):
        arrays = f"{'.'.join(table.array_path)}[]." if table.parent is not None else ""
        prefix = prefixes[table.name] = prefixes[table.parent] + arrays
        rows = flat[table.name]
        for column in table.columns:
            if not column.allowed:
                continue
            values = rows.column(column.name)
            known = pc.is_in(values, value_set=pa.array([*column.allowed, None], pa.string()))
            path = f"{prefix}{'.'.join(column.path)}"
            for row in rows.filter(pc.invert(known)).to_pylist():
                yield row, Sighting(path, UNKNOWN_VALUE, shape(row[column.name]))


def undeclared_names(table: pa.Table, schema: pa.Schema) -> set[str]:
    """The names of properties that a reader which infers them found beside the declared schema."""
    found: set[str] = set()
    if not _has_more(pa.struct(list(table.schema)), pa.struct(list(schema))):
        return found
    for name in table.column_names:
        array = table.column(name).combine_chunks()
        declared = schema.field(name).type if name in schema.names else None
        found |= _beyond(array, declared, name)
    return found


def _has_more(found: Any, declared: Any) -> bool:
    """Whether a type has fields, at any depth, that another has not."""
    if pa.types.is_list(found) and pa.types.is_list(declared):
        return _has_more(found.value_type, declared.value_type)
    if found == declared or not (pa.types.is_struct(found) and pa.types.is_struct(declared)):
        return found != declared
    known = {field.name: field.type for field in declared}
    return any(
        field.name not in known or _has_more(field.type, known[field.name]) for field in found
    )


def _beyond(array: Any, declared: Any, name: str) -> set[str]:
    if declared is None:
        return set() if _is_void(array.type) or array.null_count == len(array) else {name}
    if array.type == declared:
        return set()
    if pa.types.is_list(array.type):
        return _beyond(pc.list_flatten(array), declared.value_type, name)
    found: set[str] = set()
    if pa.types.is_struct(array.type):
        known = {field.name: field.type for field in declared}
        for field in array.type:
            inner = pc.struct_field(array, [field.name])
            found |= _beyond(inner, known.get(field.name), field.name)
    return found


def _is_void(kind: Any) -> bool:
    """Nulls and empty arrays, which carry nothing."""
    return pa.types.is_null(kind) or (pa.types.is_list(kind) and _is_void(kind.value_type))
