"""Whether the child tables hold just the rows and the amounts that the lake has of each current
record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.catalog.fields import Kind
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.normalized.read import read_objects
from qb_assets.normalized.schema import arrow_schema
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.compare import has_table
from qb_assets.warehouse.ddl import quoted, relation
from qb_assets.warehouse.load import BATCH_BYTES
from qb_assets.warehouse.upkeep import ensure_tables, transaction

AMOUNT = "amount"

KEYS_BATCH_BYTES = 2 * BATCH_BYTES
"""Compressed bytes of the parent's objects that are compared together: of them only keys and
amounts are read, and for each batch the warehouse's tables are gone through once."""


@dataclass(frozen=True, slots=True)
class Miscount:
    """A record with other rows in a child table than the lake has of the version it holds, or with
    rows of other amounts."""

    table: str
    id: str
    lake: int
    warehouse: int
    lake_amount: Decimal
    """The sum of the rows' `amount`; 0 of tables that have no such column."""
    warehouse_amount: Decimal


@dataclass(frozen=True, slots=True)
class ChildCounts:
    """What one look found: rows of the lake by child table, and the records that differ."""

    looked_at: dict[str, int]
    wrong: list[Miscount]


def child_counts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> list[ChildCounts]:
    """Compares the child rows of the records that hold the values of a version of these days.

    Raises:
        LakeError: an object could not be read.
    """
    return settled(lambda: list(_child_counts(connection, lake, entity, scope)))


def _child_counts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> Iterator[ChildCounts]:
    parent, *children = tables_of(entity)
    if not children or not has_table(connection, entity):
        return
    with transaction(connection):
        ensure_tables(connection, entity)
    objects = layout.objects_of(lake, layout.NORMALIZED, parent.name, scope.company, scope.days)
    for batch in layout.batches(objects, KEYS_BATCH_BYTES):
        keys = _keys(lake, entity, [each.path for each in batch])
        connection.register("versions", keys[parent.name])
        yield ChildCounts(
            {child.name: keys[child.name].num_rows for child in children},
            [
                miscount
                for child in children
                for miscount in _miscounts(connection, parent, child, keys[child.name])
            ],
        )
        connection.unregister("versions")


def _keys(lake: Lake, entity: Entity, paths: Sequence[str]) -> dict[str, pa.Table]:
    """Of the rows that belong to some objects of the parent, what says whose they are, and their
    amounts, by table."""
    parents = dict(zip(paths, lake.read_many(paths), strict=True))
    keys: dict[str, pa.Table] = {}
    for name, objects in read_objects(lake, entity, parents).items():
        table = next(table for table in tables_of(entity) if table.name == name)
        owner = table.key[0] if table.parent is None else table.parent_keys[0]
        columns = ["_company", owner, "_extracted_at", *([AMOUNT] if _has_amount(table) else [])]
        schema = pa.schema([arrow_schema(table).field(column) for column in columns])
        parts = [parquet.decode(data, columns) for _, data in objects]
        keys[name] = parquet.concat(parts, schema)
    return keys


def _miscounts(
    connection: duckdb.DuckDBPyConnection, parent: Table, child: Table, rows: pa.Table
) -> Sequence[Miscount]:
    owner = quoted(child.parent_keys[0])
    added = f"coalesce(sum({AMOUNT}), 0)" if _has_amount(child) else "0"
    connection.register("lake_rows", rows)
    found = connection.execute(
        f"""
        WITH current AS (
            SELECT _company, id, versions._extracted_at, held._state
            FROM {relation(parent.name)} AS held JOIN versions USING (_company, id)
            WHERE held._values_extracted_at = versions._extracted_at
        ),
        lake AS (
            SELECT _company, {owner} AS id, _extracted_at, count(*) AS rows, {added} AS amount
            FROM lake_rows GROUP BY ALL
        ),
        warehouse AS (
            SELECT current._company, current.id, count(*) AS rows, {added} AS amount
            FROM {relation(child.name)} AS child JOIN current
                ON child._company = current._company AND child.{owner} = current.id
            WHERE child._state = current._state GROUP BY ALL
        )
        SELECT id, coalesce(lake.rows, 0) AS there, coalesce(warehouse.rows, 0) AS here,
            coalesce(lake.amount, 0) AS there_amount, coalesce(warehouse.amount, 0) AS here_amount
        FROM current
        LEFT JOIN lake USING (_company, id, _extracted_at)
        LEFT JOIN warehouse USING (_company, id)
        WHERE there <> here OR there_amount <> here_amount ORDER BY id
        """
    ).fetchall()
    connection.unregister("lake_rows")
    return [Miscount(child.name, *row) for row in found]


def _has_amount(table: Table) -> bool:
    return any(column.name == AMOUNT and column.kind is Kind.DECIMAL for column in table.columns)
