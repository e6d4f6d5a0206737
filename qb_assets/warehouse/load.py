"""Normalized versions into the current state: the latest wins, in whatever order they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.normalized.read import read_tables
from qb_assets.normalized.schema import LINEAGE, arrow_schema
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.ddl import ensure_tables, quoted, relation

BATCH_BYTES = 1024 * 1024
"""Compressed bytes of the parent's objects that are merged together."""


@dataclass
class Loaded:
    """What a load did: rows read by table and day, and the rows each table holds of the company."""

    read: dict[str, Counter[date]]
    held: dict[str, int] = field(default_factory=dict[str, int])
    changed: int = 0
    deleted: int = 0


def load(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> Loaded:
    """Merges some days of a company into the entity's tables, all of it or nothing.

    A record's version replaces the held one when its (last update, extraction) is later, so days
    can be loaded in any order and again. A delete marks the record and its child rows, and keeps
    what was last known of them.

    Raises:
        WarehouseError: a table does not fit the catalog.
        LakeError: an object could not be read.
    """
    tables = tables_of(entity)
    loaded = Loaded({table.name: Counter() for table in tables})
    objects = layout.objects_of(lake, layout.NORMALIZED, tables[0].name, scope.company, scope.days)
    connection.begin()
    try:
        ensure_tables(connection, entity)
        for batch in layout.batches(objects, BATCH_BYTES):
            _merge(connection, tables, _read(lake, entity, batch, loaded), loaded)
        for table in tables:
            loaded.held[table.name] = _count(connection, table, scope.company)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return loaded


def _read(
    lake: Lake, entity: Entity, batch: Sequence[LakeObject], loaded: Loaded
) -> dict[str, pa.Table]:
    """The rows of every table that belong to some objects of the parent."""
    paths = [each.path for each in batch]
    found = read_tables(lake, entity, dict(zip(paths, lake.read_many(paths), strict=True)))
    for name, parts in found.items():
        for at, rows in parts:
            loaded.read[name][at.day] += rows.num_rows
    return {
        table.name: parquet.concat([rows for _, rows in found[table.name]], arrow_schema(table))
        for table in tables_of(entity)
    }


def _merge(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    rows: dict[str, pa.Table],
    loaded: Loaded,
) -> None:
    parent, *children = tables
    connection.register("incoming", rows[parent.name])
    # Deletes after what they delete, as they came: a delete keeps what was last known.
    for deleted in (False, True):
        connection.execute(_choose_winners(parent, deleted=deleted))
        counted = "SELECT count(*), count(*) FILTER (_newer) FROM winners"
        winners, newer = _one_row(connection, counted)
        loaded.changed += 0 if deleted else newer
        loaded.deleted += newer if deleted else 0
        if not winners:
            continue
        for child in children:
            connection.register("incoming_child", rows[child.name])
            for statement in _replace_children(parent, child):
                connection.execute(statement)
            connection.unregister("incoming_child")
        for statement in _replace_parents(parent):
            connection.execute(statement)
    connection.unregister("incoming")


def _choose_winners(parent: Table, *, deleted: bool) -> str:
    """The newest version, or delete, of each record in `incoming`, if not older than the held one.

    The very version that is held is put there again, so that a run mends what was spoilt.
    """
    key = ", ".join(["_company", *map(quoted, parent.key)])
    lineage = ", ".join(name for name in LINEAGE.names if name != "_company")
    return f"""
        CREATE OR REPLACE TEMP TABLE winners AS
        WITH newest AS (
            SELECT {key}, {lineage} FROM incoming WHERE _deleted = {deleted}
            QUALIFY row_number() OVER (
                PARTITION BY {key} ORDER BY _changed_at DESC NULLS LAST, _extracted_at DESC
            ) = 1
        )
        SELECT newest.*,
            held._company IS NULL
            OR coalesce(newest._changed_at, '-infinity') > coalesce(held._changed_at, '-infinity')
            OR newest._extracted_at > held._extracted_at AS _newer
        FROM newest LEFT JOIN {relation(parent.name)} AS held USING ({key})
        WHERE held._company IS NULL
           OR coalesce(newest._changed_at, '-infinity') > coalesce(held._changed_at, '-infinity')
           OR (newest._changed_at IS NOT DISTINCT FROM held._changed_at
               AND newest._extracted_at >= held._extracted_at)
    """


def _replace_children(parent: Table, child: Table) -> Iterator[str]:
    """Child rows go with the version of their parent; those of a deleted parent are marked."""
    owner = quoted(child.parent_keys[0])
    identity = quoted(parent.key[0])
    match = f"child._company = winners._company AND child.{owner} = winners.{identity}"
    columns = ", ".join(f"child.{quoted(name)}" for name in arrow_schema(child).names)
    yield f"""
        DELETE FROM {relation(child.name)} AS child USING winners
        WHERE {match} AND NOT winners._deleted
    """
    yield f"""
        INSERT INTO {relation(child.name)} BY NAME
        SELECT {columns} FROM incoming_child AS child JOIN winners
            ON {match} AND child._extracted_at = winners._extracted_at
        WHERE NOT winners._deleted
    """
    yield f"""
        UPDATE {relation(child.name)} AS child SET {_lineage_of_winner()} FROM winners
        WHERE {match} AND winners._deleted
    """


def _replace_parents(parent: Table) -> Iterator[str]:
    key = " AND ".join(
        f"incoming.{name} = winners.{name}" for name in ["_company", *map(quoted, parent.key)]
    )
    held = key.replace("incoming.", "held.")
    columns = ", ".join(f"incoming.{quoted(name)}" for name in arrow_schema(parent).names)
    yield f"""
        INSERT OR REPLACE INTO {relation(parent.name)} BY NAME
        SELECT {columns} FROM incoming JOIN winners
            ON {key} AND incoming._extracted_at = winners._extracted_at
        WHERE NOT winners._deleted
    """
    yield f"""
        UPDATE {relation(parent.name)} AS held SET {_lineage_of_winner()} FROM winners
        WHERE {held} AND winners._deleted
    """
    yield f"""
        INSERT INTO {relation(parent.name)} BY NAME
        SELECT winners.* EXCLUDE (_newer) FROM winners
        LEFT JOIN {relation(parent.name)} AS held ON {held}
        WHERE winners._deleted AND held._company IS NULL
    """


def _lineage_of_winner() -> str:
    return ", ".join(f"{name} = winners.{name}" for name in LINEAGE.names if name != "_company")


def _count(connection: duckdb.DuckDBPyConnection, table: Table, company: str) -> int:
    statement = f"SELECT count(*) FROM {relation(table.name)} WHERE _company = ? AND NOT _deleted"
    return _one_row(connection, statement, company)[0]


def _one_row(
    connection: duckdb.DuckDBPyConnection, statement: str, *values: str
) -> tuple[int, ...]:
    row = connection.execute(statement, list(values)).fetchone()
    assert row is not None
    return row
