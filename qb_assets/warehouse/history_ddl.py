"""What the warehouse has of the past: the relations of each table's history, and how to ask them.

Versions that are no more are rows of `quickbooks_past.<table>`, which is made with the first of
them; the current ones are in the current tables, and nothing is there twice. `<table>_history` is
the view of both, and `<table>_as_of` gives the rows of a moment.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cache

import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.normalized.parse import INSTANT
from qb_assets.normalized.schema import arrow_schema
from qb_assets.warehouse.ddl import (
    SQL_TYPES,
    VALUES,
    definition,
    quoted,
    relation,
    row_key,
    warehouse_schema,
)
from qb_assets.warehouse.sql import names, of_record
from qb_assets.warehouse.views import View

PAST = "quickbooks_past"
"""The schema of what is no more."""

VALID_TO = "valid_to"

VALIDITY_DOCS = {
    "valid_from": (
        "When the books became so: _changed_at, or _extracted_at of a version without"
        " LastUpdatedTime."
    ),
    "valid_to": "When the books ceased to be so, by a newer version or a delete; empty: they are.",
    "is_current": "Whether this is the row of the current table.",
}

BEGAN = "coalesce(_changed_at, _extracted_at)"
"""When the books became as a version or a notice of deletion says."""

NEWEST_FIRST = "_changed_at DESC NULLS LAST, _extracted_at DESC, _deleted DESC"
OLDEST_FIRST = "_changed_at NULLS FIRST, _extracted_at, _deleted"
"""The order of what happened to a record. Of two versions that QuickBooks dates alike, as it does
with edits in one second or without a trace, the one fetched later is right."""


def past(table: Table) -> str:
    """The full name of the table of what is no more."""
    return f"{PAST}.{quoted(table.name)}"


@cache
def past_schema(table: Table) -> pa.Schema:
    """Its columns: those of the normalized table, and when the version ended.

    The parent's table has the notices of deletion, too, with the time at which they ceased to hold.
    """
    return pa.schema([*arrow_schema(table), pa.field(VALID_TO, INSTANT)])


def create_past(table: Table, stored: Container[str]) -> str:
    """The statement that makes the table of what is no more, which stores some columns."""
    columns = ", ".join(
        definition(field.with_nullable(True), stored=field.name in stored or field.name == VALID_TO)
        for field in past_schema(table)
    )
    return f"CREATE TABLE {past(table)} ({columns})"


@cache
def empty_past(table: Table) -> View:
    """What is there in its place while nothing has ended.

    Most tables never change, and an empty table of many columns costs DuckDB as much as a full one
    whenever the file is opened.
    """
    columns = ", ".join(
        f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in _past_types(table)
    )
    return View(table.name, f"SELECT {columns} WHERE FALSE", "Nothing has ended.", schema=PAST)


def _past_types(table: Table) -> list[tuple[str, str]]:
    return [(field.name, SQL_TYPES[field.type]) for field in past_schema(table)]


@cache
def history_view(entity: Entity, table: Table) -> View:
    """The view `<table>_history`, and with it the macro `<table>_as_of`."""
    return View(
        f"{table.name}_history",
        _history(table),
        f"Every version of {relation(table.name)} that was seen, with valid_from, valid_to (empty:"
        f" still) and is_current. {relation(f'{table.name}_as_of')}(moment) gives the rows of a"
        " moment.",
        (_as_of(tables_of(entity)[0], table),),
    )


def _history(table: Table) -> str:
    columns = names(arrow_schema(table).names)
    return f"""
        SELECT {columns}, {BEGAN} AS valid_from, valid_to, FALSE AS is_current
        FROM {past(table)} WHERE NOT _deleted
        UNION ALL
        SELECT {columns}, {BEGAN}, NULL, TRUE FROM {relation(table.name)} WHERE NOT _deleted
    """


def _as_of(parent: Table, table: Table) -> str:
    """The statement that makes the macro.

    With one moment it gives the rows of the books at that moment, as far as is known now; with a
    second one, as far as was known then. Both have the columns of the current table.
    """
    version = _like_current(table)
    history = relation(f"{table.name}_history")
    at = "CAST(moment AS TIMESTAMP WITH TIME ZONE)"
    same_record = of_record(parent, table, "version", "chosen")
    return f"""
        CREATE OR REPLACE MACRO {relation(f"{table.name}_as_of")}(moment) AS TABLE (
            SELECT {version} FROM {history} AS version
            WHERE valid_from <= {at} AND (valid_to IS NULL OR valid_to > {at})
        ), (moment, known) AS TABLE (
            SELECT {version} FROM {history} AS version SEMI JOIN ({_known(parent)}) AS chosen
            ON {same_record} AND version._extracted_at = chosen._extracted_at
        )
    """


def _like_current(table: Table) -> str:
    """The columns of the current table, of rows that are not deleted."""
    own = {name: f"version.{quoted(name)}" for name in arrow_schema(table).names}
    values = {name: f"{name.replace('_values', '')} AS {name}" for name in VALUES.names}
    return ", ".join({**values, **own}[name] for name in warehouse_schema(table).names)


def _known(parent: Table) -> str:
    """The versions that held at `moment`, as far as was known at `known`."""
    key = names(row_key(parent))
    told = f"SELECT {key}, _changed_at, _extracted_at, _deleted FROM"
    return f"""
        SELECT * FROM (
            SELECT * FROM (
                {told} {past(parent)}
                UNION ALL
                {told} {relation(parent.name)} WHERE NOT _deleted
            )
            WHERE {BEGAN} <= CAST(moment AS TIMESTAMP WITH TIME ZONE)
            AND _extracted_at <= CAST(known AS TIMESTAMP WITH TIME ZONE)
            QUALIFY 1 = row_number() OVER (PARTITION BY {key} ORDER BY {NEWEST_FIRST})
        ) WHERE NOT _deleted
    """
