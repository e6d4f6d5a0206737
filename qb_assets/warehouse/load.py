"""Normalized versions into the current state: the latest wins, in whatever order they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

import duckdb
import polars as pl

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.normalized.filled import filled_by
from qb_assets.normalized.read import Objects, read_frames, read_objects
from qb_assets.normalized.schema import arrow_schema
from qb_assets.pace import Pace, Say, nothing
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.append import all_new, append
from qb_assets.warehouse.ddl import literal, relation
from qb_assets.warehouse.history import keep_history
from qb_assets.warehouse.history_ddl import past
from qb_assets.warehouse.history_upkeep import ensure_history
from qb_assets.warehouse.incoming import Columns, filled_columns, incoming_rows
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.merge import merge
from qb_assets.warehouse.narrow import NotStored, create_narrow, hold, lacks, stored_columns
from qb_assets.warehouse.sql import has_rows
from qb_assets.warehouse.upkeep import ensure_tables, transaction

BATCH_BYTES = 4 * 1024 * 1024
"""Compressed bytes of the parent's objects that are merged together."""


MANY, SMALL_BYTES = 8, 256 * 1024
"""So many objects of a batch, of so few bytes on average, are handed to DuckDB as one."""


@dataclass
class Loaded:
    """What a load did: rows read by table and day, and the rows each table holds of the company."""

    read: dict[str, Counter[date]]
    held: dict[str, int] = field(default_factory=dict[str, int])
    first: bool = False
    """Whether the tables had no rows."""
    changed: int = 0
    deleted: int = 0
    mended: int = 0
    ended: int = 0
    """Versions and notices of deletion that the history has besides the current state."""


def load(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    entity: Entity,
    scope: CompanyDays,
    *,
    progress: Say = nothing,
) -> Loaded:
    """Merges some days of a company into the entity's tables, all of it or nothing.

    Of each record the latest version wins, by (last update, extraction). A delete marks the record
    and its child rows, which keep what was last known of them. What is no more goes to the history.
    Days can be loaded in any order and again; what comes out is the same. Where a history is new
    and the tables are not, it is made of all the lake has. `progress` is told how far a long load
    has come.

    Raises:
        WarehouseError: a table does not fit the catalog.
        LakeError: an object could not be read.
    """
    return settled(lambda: _load(connection, lake, entity, scope, progress))


def _load(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    entity: Entity,
    scope: CompanyDays,
    progress: Say,
) -> Loaded:
    while True:
        try:
            with transaction(connection):
                return _load_into(connection, lake, entity, scope, progress)
        except NotStored as found:
            # A table cannot be made anew where the same transaction has filled its columns.
            with transaction(connection):
                ensure_tables(connection, entity, create_narrow)
            with transaction(connection):
                hold(connection, tables_of(entity), found.filled)


def _load_into(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    entity: Entity,
    scope: CompanyDays,
    progress: Say,
) -> Loaded:
    """Loads within a transaction. Raises NotStored where the tables must be altered before it."""
    ensure_tables(connection, entity, create_narrow)
    ensure_linked_txn(connection, entity)
    loaded = Loaded(_no_rows(entity), first=not has_rows(connection, relation(entity.table)))
    if ensure_history(connection, entity):
        _load_all(connection, lake, entity, progress)
    objects = layout.objects_of(lake, layout.NORMALIZED, entity.table, scope.company, scope.days)
    pace = _pace(progress, scope.company, objects)
    _merge(connection, lake, entity, objects, loaded, pace)
    for table in tables_of(entity):
        loaded.held[table.name] = _count(connection, table, scope.company)
    return loaded


def _load_all(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, progress: Say
) -> None:
    """Loads all days of the companies that the tables hold."""
    companies = connection.execute(f"SELECT DISTINCT _company FROM {relation(entity.table)}")
    for (company,) in companies.fetchall():
        objects = layout.all_objects(lake, layout.NORMALIZED, entity.table, company)
        pace = _pace(progress, company, objects)
        _merge(connection, lake, entity, objects, Loaded(_no_rows(entity)), pace)


def _pace(progress: Say, company: str, objects: Sequence[LakeObject]) -> Pace:
    return Pace(progress, f"company {company}", total=sum(each.size for each in objects))


def _merge(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    entity: Entity,
    objects: Sequence[LakeObject],
    loaded: Loaded,
    pace: Pace,
) -> None:
    """Takes objects of the parent in, with those of its children. Raises NotStored."""
    tables = tables_of(entity)
    rows = loaded.read[tables[0].name]
    for batch in layout.batches(objects, BATCH_BYTES):
        before = rows.total()
        stored = stored_columns(connection, tables)
        with incoming_rows(connection, _read(lake, entity, batch, loaded, stored)) as filled:
            if lacks(connection, tables, filled):
                if not loaded.first:
                    raise NotStored(_filled(lake, entity, objects))
                hold(connection, tables, filled)
            _take(connection, tables, filled, loaded)
        size = sum(each.size for each in batch)
        pace.advance(
            rows.total() - before, f"{entity.name} {rows.total():,} records loaded", work=size
        )


def _take(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    filled: Columns,
    loaded: Loaded,
) -> None:
    """Takes in what has come, of which some columns are filled."""
    parent, *children = tables
    # Most of an entity's child tables have no row at all, and a statement takes some milliseconds.
    tables = [
        parent,
        *(child for child in children if filled[child.name] or _any(connection, child)),
    ]
    if all_new(connection, tables):
        loaded.changed += append(connection, tables, filled)
        return
    stored = stored_columns(connection, tables)
    loaded.ended += keep_history(connection, tables, stored)
    merged = merge(connection, tables, stored)
    loaded.changed += merged.changed
    loaded.deleted += merged.deleted
    loaded.mended += merged.mended


def _any(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether a table holds a row, or did."""
    return has_rows(connection, relation(table.name)) or has_rows(connection, past(table))


def _filled(lake: Lake, entity: Entity, objects: Sequence[LakeObject]) -> Columns:
    """The columns that have values in objects of the parent and those of its children."""
    found: dict[str, set[str]] = {table.name: set() for table in tables_of(entity)}
    for batch in layout.batches(objects, BATCH_BYTES):
        objects_of = _read(lake, entity, batch, Loaded(_no_rows(entity)), dict.fromkeys(found, ()))
        for name, parts in objects_of.items():
            found[name].update(filled_columns(parts))
    return {name: sorted(columns) for name, columns in found.items()}


def _no_rows(entity: Entity) -> dict[str, Counter[date]]:
    return {table.name: Counter() for table in tables_of(entity)}


def _read(
    lake: Lake, entity: Entity, batch: Sequence[LakeObject], loaded: Loaded, stored: Columns
) -> dict[str, list[bytes]]:
    """The objects of every table that belong to some objects of the parent; one at least.

    Many small ones become one, since DuckDB looks at each anew in every statement. It has the
    columns that have values and those that are `stored`, if the objects tell.
    """
    paths = [each.path for each in batch]
    parents = lake.read_many(paths)
    found = read_objects(lake, entity, dict(zip(paths, parents, strict=True)))
    small = len(batch) >= MANY and sum(each.size for each in batch) < len(batch) * SMALL_BYTES
    if small or not _as_they_are(entity, found):
        filled = filled_by(entity, parents)
        frames = read_frames(
            entity, found, None if filled is None else _together(entity, filled, stored)
        )
        for name, rows in frames.items():
            loaded.read[name].update(dict(rows.group_by("_updated_on").len().iter_rows()))
        return {name: [_one(rows)] for name, rows in frames.items()}
    for name, objects in found.items():
        for at, data in objects:
            loaded.read[name][at.day] += parquet.count_rows(data)
    return {
        table.name: [data for _, data in found[table.name]]
        or [parquet.encode(arrow_schema(table).empty_table())]
        for table in tables_of(entity)
    }


def _together(entity: Entity, filled: Mapping[str, Set[str]], stored: Columns) -> Columns:
    """The columns of normalized tables that are filled or stored, in the tables' order."""
    return {
        table.name: [
            name
            for name in arrow_schema(table).names
            if name in filled[table.name] or name in stored[table.name]
        ]
        for table in tables_of(entity)
    }


def _as_they_are(entity: Entity, objects: Objects) -> bool:
    """Whether all have the columns that the catalog says."""
    return all(
        parquet.has_schema(data, arrow_schema(table))
        for table in tables_of(entity)
        for _, data in objects[table.name]
    )


def _one(rows: pl.DataFrame) -> bytes:
    sink = BytesIO()
    rows.write_parquet(sink, compression="uncompressed")
    return sink.getvalue()


def _count(connection: duckdb.DuckDBPyConnection, table: Table, company: str) -> int:
    where = f"_company = {literal(company)} AND NOT _deleted"
    row = connection.execute(
        f"SELECT count(*) FROM {relation(table.name)} WHERE {where}"
    ).fetchone()
    assert row is not None
    return row[0]
