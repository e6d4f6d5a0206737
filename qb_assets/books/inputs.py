"""What the books are made of: relations of other layers, of which some may not be there yet.

A report that was never fetched, or an entity that was never loaded, has no table. The books are
made all the same, as if it were empty: a table without rows stands in for it until they are done.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache

import duckdb

from qb_assets.books.model import Relation
from qb_assets.catalog import ENTITIES, Entity, Table, tables_of
from qb_assets.catalog.reports import REPORTS, Report
from qb_assets.reports.columns import RESTATEMENT, RESTATEMENT_SCHEMA, SNAPSHOT, SNAPSHOT_SCHEMA
from qb_assets.reports.ddl import SCHEMA as REPORTS_SCHEMA
from qb_assets.reports.ddl import column_types, types_of
from qb_assets.warehouse import linked_txn
from qb_assets.warehouse.ddl import SCHEMA as QUICKBOOKS
from qb_assets.warehouse.ddl import column_types as warehouse_column_types
from qb_assets.warehouse.ddl import quoted
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets.warehouse.versions import is_there

_KEPT = {SNAPSHOT: SNAPSHOT_SCHEMA, RESTATEMENT: RESTATEMENT_SCHEMA}
"""What is kept of all reports, besides a table of each."""


@contextmanager
def standing_in(
    connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]
) -> Generator[None]:
    """Lets statements read relations that are not there, as tables without rows.

    To be used within a transaction, whose end leaves nothing of them. Tables of entities that are
    there gain what columns they lack.

    Raises:
        WarehouseError: a table of an entity does not fit the catalog.
        KeyError: no layer has such a relation.
    """
    wanted = list(relations)
    there = {each for each in wanted if is_there(connection, each.schema, each.name)}
    for entity in {_table(each.name)[0] for each in wanted if _is_table(each) and each in there}:
        ensure_tables(connection, entity)
    missing = [each for each in wanted if each not in there]
    for each in missing:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns_of(each).items())
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {each.schema}")
        connection.execute(f"CREATE TABLE {each.schema}.{quoted(each.name)} ({columns})")
    yield
    for each in missing:
        connection.execute(f"DROP TABLE {each.schema}.{quoted(each.name)}")


def held(connection: duckdb.DuckDBPyConnection) -> set[Relation]:
    """The tables and views that there are: a list that takes as long as some ten looks for one."""
    rows = connection.execute("SELECT table_schema, table_name FROM information_schema.tables")
    return {Relation(schema, name) for schema, name in rows.fetchall()}


def columns_of(relation: Relation) -> Mapping[str, str]:
    """The columns and types of a relation that the books can be made of. Raises KeyError."""
    if relation.schema == REPORTS_SCHEMA:
        kept = _KEPT.get(relation.name)
        return types_of(kept) if kept else column_types(_reports()[relation.name])
    if relation.name == linked_txn.LINKED_TXN:
        return {name: kind for name, (kind, _) in linked_txn.COLUMNS.items()}
    _, table = _table(relation.name)
    return warehouse_column_types(table)


def _is_table(relation: Relation) -> bool:
    return relation.schema == QUICKBOOKS and relation.name != linked_txn.LINKED_TXN


def _table(name: str) -> tuple[Entity, Table]:
    return _tables()[name]


@cache
def _tables() -> Mapping[str, tuple[Entity, Table]]:
    return {table.name: (each, table) for each in ENTITIES.values() for table in tables_of(each)}


@cache
def _reports() -> Mapping[str, Report]:
    return {report.table: report for report in REPORTS.values()}
