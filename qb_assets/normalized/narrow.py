"""Reads with the part of a schema that records make use of; the rest is nulls, and slow to read.

QuickBooks documents far more properties than a company's records have: the reader of JSON spends
more than half of its time on telling, record by record, that they are missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_used: dict[pa.Schema, Any] = {}
"""By whole schema the part of it, as one struct type, that records have used in this process."""


def is_new(schema: pa.Schema) -> bool:
    """Whether nothing was read with the schema yet, so that all of it will be made use of."""
    return schema not in _used


def read_narrowly(schema: pa.Schema, reader: Callable[[pa.Schema], pa.Table]) -> pa.Table:
    """What `reader` reads with the schema, less columns and inner fields that are all null.

    The reader must infer properties which are not in the schema it is given: where it meets one
    that is declared and was left out, or fails, it reads again with the whole schema.

    Raises:
        pa.ArrowInvalid: as the reader does with the whole schema.
    """
    whole = pa.struct(list(schema))
    used = _used.get(schema)
    if used is not None:
        try:
            table = reader(pa.schema(list(used)))
            if not _exceeds(pa.struct(list(table.schema)), used, whole):
                return table
        except pa.ArrowInvalid:
            pass  # perhaps of a property that was left out, whose type was guessed
    table = reader(schema)
    _used[schema] = _filled(table.to_struct_array().combine_chunks(), whole, used)
    return table


def _exceeds(found: Any, used: Any, whole: Any) -> bool:
    """Whether there are declared fields, at any depth, that the reader was not told of."""
    if pa.types.is_list(found) and pa.types.is_list(whole):
        return _exceeds(found.value_type, used.value_type, whole.value_type)
    if found == used or not (pa.types.is_struct(found) and pa.types.is_struct(whole)):
        return False
    told = {field.name: field.type for field in used}
    declared = {field.name: field.type for field in whole}
    return any(
        field.name not in told or _exceeds(field.type, told[field.name], declared[field.name])
        for field in found
        if field.name in declared
    )


def _filled(array: Any, whole: Any, used: Any) -> Any:
    """The declared type without fields that are null throughout, and with those used before."""
    if pa.types.is_list(whole):
        before = None if used is None else used.value_type
        return pa.list_(_filled(pc.list_flatten(array), whole.value_type, before))
    if not pa.types.is_struct(whole):
        return whole
    told = {} if used is None else {field.name: field.type for field in used}
    fields: list[pa.Field] = []
    for field in whole:
        inner = pc.struct_field(array, [field.name])
        if field.name in told or inner.null_count < len(inner):
            fields.append(pa.field(field.name, _filled(inner, field.type, told.get(field.name))))
    return pa.struct(fields)
