"""Which columns of an object have values at all, said in the metadata of the parent's object.

Most of a table's columns are null throughout. Who reads many small objects need not read those,
and to find them by the statistics takes longer than to read what has values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from qb_assets.catalog import Entity, tables_of
from qb_assets.lake import parquet
from qb_assets.normalized.schema import arrow_schema
from qb_assets.normalized.versions import SCHEMA, schema_version

FILLED = "filled"
"""The key of what is said: by table a hexadecimal number, in which the first column is 1, the
second one 2, the third one 4, and those that have values are added up."""


def marks_of(rows: pa.Table) -> str:
    """The number that says which columns have values."""
    filled = parquet.filled_columns(rows)
    return f"{sum(1 << n for n, name in enumerate(rows.column_names) if name in filled):x}"


def said_of_filled(marks: Mapping[str, str]) -> dict[str, str]:
    """What the parent's object says: the marks of its own table and of its children's."""
    return {FILLED: " ".join(f"{name}={mark}" for name, mark in marks.items())}


def filled_by(entity: Entity, parents: Iterable[bytes]) -> dict[str, set[str]] | None:
    """The columns that have values in some objects of the parent or in those of their children.

    None where an object does not say it, or was made by another version of the catalog. Raises
    LakeDataError.
    """
    version = schema_version(entity)
    marks = {table.name: 0 for table in tables_of(entity)}
    for data in parents:
        metadata = parquet.read_metadata(data)
        if FILLED not in metadata or metadata.get(SCHEMA) != version:
            return None
        for each in metadata[FILLED].split():
            name, _, mark = each.partition("=")
            marks[name] |= int(mark, 16)
    return {
        table.name: {
            name
            for place, name in enumerate(arrow_schema(table).names)
            if marks[table.name] >> place & 1
        }
        for table in tables_of(entity)
    }
