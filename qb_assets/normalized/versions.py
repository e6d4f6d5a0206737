"""Which version of the catalog's schema something was made by, and how it differs from today's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import msgspec
import pyarrow as pa

from qb_assets.catalog import Entity, tables_of
from qb_assets.normalized.schema import arrow_schema

SCHEMA = "schema"
"""The key in an object's metadata of the version it was made by."""

ADDED, REMOVED, RETYPED = "added", "removed", "retyped"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """How a column of the catalog differs from the one that is held."""

    table: str
    column: str
    what: str
    held: str
    wanted: str


@cache
def schema_version(entity: Entity) -> str:
    """Twelve digits that are others when a table, a column, a type or a path is another."""
    said = [
        [
            table.name,
            table.parent,
            table.array_path,
            [[each.name, str(each.type), each.nullable] for each in arrow_schema(table)],
            [[column.name, column.path, column.kind.value] for column in table.columns],
        ]
        for table in tables_of(entity)
    ]
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=6).hexdigest()


def changes(table: str, held: Mapping[str, str], wanted: Mapping[str, str]) -> list[Change]:
    """How a table's columns differ, given the types by name, in the words of one system."""
    found: list[Change] = []
    for name in sorted({*held, *wanted}):
        before, after = held.get(name, ""), wanted.get(name, "")
        if before != after:
            what = RETYPED if before and after else ADDED if after else REMOVED
            found.append(Change(table, name, what, before, after))
    return found


def types_of(schema: pa.Schema) -> dict[str, str]:
    """The Arrow types of a schema's columns by name."""
    return {each.name: str(each.type) for each in schema}
