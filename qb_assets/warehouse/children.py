"""Whether the child tables hold just the rows that the lake has of each current record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.read import read_tables
from qb_assets.normalized.schema import arrow_schema
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.compare import has_table
from qb_assets.warehouse.ddl import quoted, relation
from qb_assets.warehouse.load import BATCH_BYTES
from qb_assets.warehouse.upkeep import ensure_tables, transaction


@dataclass(frozen=True, slots=True)
class Miscount:
    """A record with other rows in a child table than the lake has of the version it holds."""

    table: str
    id: str
    lake: int
    warehouse: int


@dataclass(frozen=True, slots=True)
class ChildCounts:
    """What one look found: rows of the lake by child table, and the records that differ."""

    looked_at: dict[str, int]
    wrong: list[Miscount]


def child_counts(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> Iterator[ChildCounts]:
    """Compares the child rows of the records that hold the values of a version of these days.

    Raises:
        LakeError: an object could not be read.
    """
    parent, *children = tables_of(entity)
    if not children or not has_table(connection, entity):
        return
    with transaction(connection):
        ensure_tables(connection, entity)
    objects = layout.objects_of(lake, layout.NORMALIZED, parent.name, scope.company, scope.days)
    for batch in layout.batches(objects, BATCH_BYTES):
        paths = [each.path for each in batch]
        found = read_tables(lake, entity, dict(zip(paths, lake.read_many(paths), strict=True)))
        rows = {
            table.name: parquet.concat([rows for _, rows in found[table.name]], arrow_schema(table))
            for table in tables_of(entity)
        }
        connection.register(
            "versions", rows[parent.name].select(["_company", "id", "_extracted_at"])
        )
        yield ChildCounts(
            {child.name: rows[child.name].num_rows for child in children},
            [
                miscount
                for child in children
                for miscount in _miscounts(connection, parent, child, rows[child.name])
            ],
        )
        connection.unregister("versions")


def _miscounts(
    connection: duckdb.DuckDBPyConnection, parent: Table, child: Table, rows: pa.Table
) -> Sequence[Miscount]:
    owner = quoted(child.parent_keys[0])
    connection.register(
        "lake_rows", rows.select(["_company", child.parent_keys[0], "_extracted_at"])
    )
    found = connection.execute(
        f"""
        WITH current AS (
            SELECT _company, id, versions._extracted_at, held._state
            FROM {relation(parent.name)} AS held JOIN versions USING (_company, id)
            WHERE held._values_extracted_at = versions._extracted_at
        ),
        lake AS (
            SELECT _company, {owner} AS id, _extracted_at, count(*) AS rows
            FROM lake_rows GROUP BY ALL
        ),
        warehouse AS (
            SELECT current._company, current.id, count(*) AS rows
            FROM {relation(child.name)} AS child JOIN current
                ON child._company = current._company AND child.{owner} = current.id
            WHERE child._state = current._state GROUP BY ALL
        )
        SELECT id, coalesce(lake.rows, 0), coalesce(warehouse.rows, 0)
        FROM current
        LEFT JOIN lake USING (_company, id, _extracted_at)
        LEFT JOIN warehouse USING (_company, id)
        WHERE coalesce(lake.rows, 0) <> coalesce(warehouse.rows, 0) ORDER BY id
        """
    ).fetchall()
    connection.unregister("lake_rows")
    return [Miscount(child.name, row[0], row[1], row[2]) for row in found]
