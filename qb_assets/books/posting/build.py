"""Derives the postings of all companies from their documents in the warehouse."""

from __future__ import annotations

import duckdb

from qb_assets.books.inputs import standing_in
from qb_assets.books.model import SCHEMA
from qb_assets.books.posting.model import TABLE, posting_model
from qb_assets.warehouse.ddl import literal
from qb_assets.warehouse.upkeep import transaction


def build_posting(connection: duckdb.DuckDBPyConnection) -> int:
    """Makes `books.posting` anew, of all companies, in one transaction.

    Tables of entities that were never loaded count as empty.

    Args:
        connection: to the warehouse.

    Returns:
        The number of postings.

    Raises:
        WarehouseError: a table of an entity has other columns than the catalog says.
    """
    with transaction(connection), standing_in(connection, posting_model().inputs):
        return make_posting(connection)


def make_posting(connection: duckdb.DuckDBPyConnection) -> int:
    """The same within a transaction of the caller's, in which the tables it reads are there."""
    model = posting_model()
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    steps = (f"CREATE OR REPLACE TABLE {TABLE} AS {model.select}", *model.macros)
    count = 0
    for step in steps:
        made = connection.execute(step).fetchone()
        assert made is not None
        count += made[0]
    doc = f"{model.doc} Grain: {model.grain}"
    connection.execute(f"COMMENT ON TABLE {TABLE} IS {literal(doc)}")
    for column in model.columns:
        comment = literal(column.doc)
        connection.execute(f"COMMENT ON COLUMN {TABLE}.{column.name} IS {comment}")
    return count
