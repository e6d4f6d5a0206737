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
from qb_assets.warehouse import linked_txn
from qb_assets.warehouse.ddl import SCHEMA as QUICKBOOKS
from qb_assets.warehouse.ddl import column_types, quoted
from qb_assets.warehouse.upkeep import ensure_tables

MONEY = "DECIMAL(38,10)"

REPORTS: Mapping[str, Mapping[str, str]] = {
    "general_ledger": {
        "_company": "VARCHAR",
        "month": "DATE",
        "accounting_method": "VARCHAR",
        "row_number": "BIGINT",
        "row_kind": "VARCHAR",
        "path": "VARCHAR",
        "account_id": "VARCHAR",
        "account_name": "VARCHAR",
        "txn_date": "DATE",
        "txn_type": "VARCHAR",
        "txn_id": "VARCHAR",
        "doc_num": "VARCHAR",
        "name": "VARCHAR",
        "name_id": "VARCHAR",
        "memo": "VARCHAR",
        "split_account": "VARCHAR",
        "split_account_id": "VARCHAR",
        "customer_name": "VARCHAR",
        "customer_id": "VARCHAR",
        "vendor_name": "VARCHAR",
        "vendor_id": "VARCHAR",
        "employee_name": "VARCHAR",
        "employee_id": "VARCHAR",
        "item_name": "VARCHAR",
        "item_id": "VARCHAR",
        "class_name": "VARCHAR",
        "class_id": "VARCHAR",
        "department_name": "VARCHAR",
        "department_id": "VARCHAR",
        "quantity": MONEY,
        "debit": MONEY,
        "credit": MONEY,
        "amount": MONEY,
        "balance": MONEY,
        "currency": "VARCHAR",
        "exchange_rate": MONEY,
        "foreign_amount": MONEY,
        "_snapshot": "VARCHAR",
        "_fetched_at": "TIMESTAMP WITH TIME ZONE",
    }
}
"""The reports that the books are made of, and their columns."""

POSTING: Mapping[str, str] = {
    "posting_id": "VARCHAR",
    "_company": "VARCHAR",
    "txn_type": "VARCHAR",
    "txn_id": "VARCHAR",
    "txn_date": "DATE",
    "doc_number": "VARCHAR",
    "role": "VARCHAR",
    "line_position": "BIGINT",
    "inner_position": "BIGINT",
    "account_id": "VARCHAR",
    "amount": MONEY,
    "currency": "VARCHAR",
    "exchange_rate": MONEY,
    "foreign_amount": MONEY,
    "customer_id": "VARCHAR",
    "vendor_id": "VARCHAR",
    "employee_id": "VARCHAR",
    "item_id": "VARCHAR",
    "quantity": MONEY,
    "class_id": "VARCHAR",
    "department_id": "VARCHAR",
    "tax_rate_id": "VARCHAR",
    "description": "VARCHAR",
}
"""The columns of the postings that are derived from documents."""


@contextmanager
def standing_in(
    connection: duckdb.DuckDBPyConnection, relations: Iterable[Relation]
) -> Generator[list[Relation]]:
    """Lets statements read relations that are not there, as tables without rows; gives them.

    To be used within a transaction, whose end leaves nothing of them. Tables of entities that are
    there gain what columns they lack.

    Raises:
        WarehouseError: a table of an entity does not fit the catalog.
        KeyError: no layer has such a relation.
    """
    wanted = list(relations)
    there = held(connection)
    for entity in {_table(each.name)[0] for each in wanted if _is_table(each) and each in there}:
        ensure_tables(connection, entity)
    missing = [each for each in wanted if each not in there]
    for each in missing:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns_of(each).items())
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {each.schema}")
        connection.execute(f"CREATE TABLE {each.schema}.{quoted(each.name)} ({columns})")
    yield missing
    for each in missing:
        connection.execute(f"DROP TABLE {each.schema}.{quoted(each.name)}")


def held(connection: duckdb.DuckDBPyConnection) -> set[Relation]:
    """The tables and views that there are."""
    rows = connection.execute("SELECT table_schema, table_name FROM information_schema.tables")
    return {Relation(schema, name) for schema, name in rows.fetchall()}


def columns_of(relation: Relation) -> Mapping[str, str]:
    """The columns and types of a relation that the books can be made of. Raises KeyError."""
    if relation == Relation("books", "posting"):
        return POSTING
    if relation.schema == "reports":
        return REPORTS[relation.name]
    if relation.name == linked_txn.LINKED_TXN:
        return {name: kind for name, (kind, _) in linked_txn.COLUMNS.items()}
    _, table = _table(relation.name)
    return column_types(table)


def _is_table(relation: Relation) -> bool:
    return relation.schema == QUICKBOOKS and relation.name != linked_txn.LINKED_TXN


def _table(name: str) -> tuple[Entity, Table]:
    return _tables()[name]


@cache
def _tables() -> Mapping[str, tuple[Entity, Table]]:
    return {table.name: (each, table) for each in ENTITIES.values() for table in tables_of(each)}
