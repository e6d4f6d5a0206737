"""Nested records to flat tables: the parent and a table for every array, all of it vectorised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Column, Entity, Table, tables_of
from qb_assets.normalized.parse import STORED_AS

POSITION = "position"


def flatten(entity: Entity, rows: pa.StructArray, carried: pa.Table) -> dict[str, pa.Table]:
    """Every table of an entity, by name.

    Args:
        entity: what the rows are.
        rows: the records as `parse` gives them.
        carried: columns that each row and each of its child rows shall carry, as long as `rows`.

    Returns:
        The tables in the catalog's order: keys, QuickBooks' own columns, then the carried ones.
    """
    tables = tables_of(entity)
    if not tables:
        return {}
    found: dict[str, pa.Table] = {}
    nodes: dict[str, _Node] = {}
    for table in tables:
        if table.parent is None:
            node = _Node(rows, [], carried)
        else:
            node = nodes[table.parent].children(table, _identity(entity, rows))
        nodes[table.name] = node
        found[table.name] = node.table(table)
    return found


class _Node:
    """The row objects of one table, with the keys of their parents and what they carry."""

    def __init__(self, rows: Any, keys: list[pa.Array], carried: pa.Table) -> None:
        self.rows = Fields(rows)
        self.keys = keys
        self.carried = carried

    def children(self, table: Table, identity: pa.Array) -> _Node:
        lists = self.rows.at(table.array_path)
        parents = pc.list_parent_indices(lists)
        position = _positions(lists, parents)
        own_keys = self.keys or [identity]
        return _Node(
            pc.list_flatten(lists),
            [*(key.take(parents) for key in own_keys), position],
            self.carried.take(parents),
        )

    def table(self, table: Table) -> pa.Table:
        names = [*table.parent_keys, POSITION] if table.parent is not None else []
        arrays: dict[str, Any] = dict(zip(names, self.keys, strict=True))
        for column in table.columns:
            arrays[column.name] = _column(self.rows, column)
        for name in self.carried.column_names:
            arrays[name] = self.carried.column(name)
        return pa.table(arrays)


class Fields:
    """The values in objects by their paths; null where an object on the way is missing.

    Each object is taken apart once: Arrow needs as long to give one of its fields as all of them.
    """

    def __init__(self, rows: Any) -> None:
        self._found: dict[tuple[str, ...], Any] = {(): rows}

    def at(self, path: Sequence[str]) -> Any:
        """The values at a path of nested objects."""
        if tuple(path) not in self._found:
            *way, _ = path
            outer = self.at(way)
            for field, values in zip(outer.type, outer.flatten(), strict=True):
                self._found[(*way, field.name)] = values
        return self._found[tuple(path)]


def _column(rows: Fields, column: Column) -> pa.Array:
    array = rows.at(column.path)
    wanted = STORED_AS[column.kind]
    return array if array.type == wanted else array.cast(wanted)


def _identity(entity: Entity, rows: pa.StructArray) -> pa.Array:
    """The key that child rows name their parent by: its Id (the catalog sees to it)."""
    return Fields(rows).at(entity.key).cast(pa.string())


def _positions(lists: pa.Array, parents: pa.Array) -> pa.Array:
    """The place of each item in its own list, from 0."""
    lengths: Any = pc.fill_null(pc.list_value_length(lists), pa.scalar(0, pa.int32())).cast(
        pa.int64()
    )
    starts = pc.subtract(pc.cumulative_sum(lengths), lengths)
    one: Any = pa.scalar(1, pa.int64())
    counted = pc.cumulative_sum(pa.repeat(one, len(parents)))
    return pc.subtract(pc.subtract(counted, one), starts.take(parents))
