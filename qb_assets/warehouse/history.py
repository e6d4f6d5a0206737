"""Keeps the versions that are no more, whatever was kept before and in whatever order they come.

All that is known of the records of a batch, from the batch, from the past and from the current
table, is put into the order in which it happened. What comes last and is no delete is current, and
not written here; all else ends where the next begins. So a version is copied here when it is
superseded, and a batch which only brings what is held already writes nothing.

It comes before the batch is merged into the current tables, which then lose what is superseded.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from qb_assets.catalog import Table
from qb_assets.warehouse.ddl import VALUES, relation, row_key
from qb_assets.warehouse.history_ddl import BEGAN, OLDEST_FIRST, VALID_TO, past
from qb_assets.warehouse.history_upkeep import make_room
from qb_assets.warehouse.incoming import Columns
from qb_assets.warehouse.sql import counts, differ, gather, incoming, names, of_record

_ARRIVED = "_arrived AND NOT _kept"
_SUPERSEDED = "_held AND NOT _arrived AND NOT _kept"
_REDATED = "_kept AND _held_to IS DISTINCT FROM valid_to"
_DOUBTFUL = "_arrived AND _kept"
"""Versions whose rows must be looked at to know whether they are as they come in."""

_MOST_PLACES = 10_000
"""Rows up to which looking them up is quicker than reading all (measured)."""


def keep_history(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], stored: Columns
) -> int:
    """Keeps what the incoming rows say of the past; gives how many versions it wrote.

    Notices of deletion count as versions. `stored` are the columns that the tables store.
    """
    parent = tables[0]
    connection.execute(_put_in_order(parent))
    if counts(connection, "timeline", _DOUBTFUL)[0]:
        gather(connection, "torn", _torn(parent, tables, stored))
        connection.execute(_take_anew(parent))
    arrived, superseded, redated = counts(connection, "timeline", _ARRIVED, _SUPERSEDED, _REDATED)
    if arrived or superseded or redated:
        make_room(connection, tables, stored)
    for table in tables:
        if arrived or superseded:
            connection.execute(_clear(parent, table))
        if arrived:
            connection.execute(_insert_arrived(parent, table, stored))
        if superseded:
            _copy_superseded(connection, parent, table, stored)
        if redated:
            connection.execute(_redate(parent, table))
    return arrived + superseded + redated


def _put_in_order(parent: Table) -> str:
    """The versions that have ended and the notices of deletion of the batch's records.

    `_arrived`: it comes in; `_kept`: the past has it already, with the end `_held_to`; `_held`: it
    is the current row. A current row which is marked as deleted tells of two events, neither of
    which can be copied from it; of just one, where the mark is wrong.
    """
    key = names(row_key(parent))
    told = f"{key}, _changed_at, _extracted_at, _deleted"
    here = f"{relation(parent.name)} SEMI JOIN {incoming(parent)} USING ({key})"
    return f"""
        CREATE OR REPLACE TEMP TABLE timeline AS
        WITH told AS (
            SELECT {told}, NULL AS _held_to, TRUE AS _arrived, FALSE AS _kept, FALSE AS _held
            FROM {incoming(parent)}
            UNION ALL
            SELECT {told}, valid_to, FALSE, TRUE, FALSE FROM {past(parent)}
            SEMI JOIN {incoming(parent)} USING ({key})
            UNION ALL
            SELECT {key}, _values_changed_at, _values_extracted_at, FALSE, NULL, FALSE, FALSE,
                NOT _deleted
            FROM {here} WHERE _values_extracted_at IS NOT NULL
            UNION ALL
            SELECT {told}, NULL, FALSE, FALSE, FALSE FROM {here}
            WHERE _deleted AND _extracted_at IS DISTINCT FROM _values_extracted_at
        ),
        events AS (
            SELECT {told}, max(_held_to) AS _held_to, bool_or(_arrived) AS _arrived,
                bool_or(_kept) AS _kept, bool_or(_held) AS _held
            FROM told GROUP BY {told}
        )
        SELECT *, lead({BEGAN}) OVER happened AS valid_to FROM events
        WINDOW happened AS (PARTITION BY {key} ORDER BY {OLDEST_FIRST})
        QUALIFY _deleted OR lead(TRUE) OVER happened
    """


def _torn(parent: Table, tables: Sequence[Table], stored: Columns) -> list[str]:
    """Kept versions that come in and of which a row is missing, one too many, or not the same."""
    found: list[str] = []
    for table in tables:
        wanted, held = (
            f"""
            SELECT {_stored_names(table, stored)} FROM {rows} AS version
            SEMI JOIN (SELECT * FROM timeline WHERE {_DOUBTFUL}) AS timeline
            ON {_of_version(parent, table, "version", "timeline")}
            """
            for rows in (incoming(table), past(table))
        )
        found.append(
            f"""
            SELECT {names(_version_key(table))} FROM ({wanted}) AS wanted
            FULL JOIN ({held}) AS held USING ({names([*row_key(table), "_extracted_at"])})
            WHERE {differ(_values(table, stored), "wanted", "held")}
            """
        )
    return found


def _take_anew(parent: Table) -> str:
    return f"""
        UPDATE timeline SET _kept = FALSE FROM torn
        WHERE {_of_version(parent, parent, "timeline", "torn")}
    """


def _clear(parent: Table, table: Table) -> str:
    """Takes away what is left of versions that are about to be written."""
    return f"""
        DELETE FROM {past(table)} AS version USING timeline
        WHERE {_of_version(parent, table, "version", "timeline")} AND NOT timeline._kept
    """


def _insert_arrived(parent: Table, table: Table, stored: Columns) -> str:
    return f"""
        INSERT INTO {past(table)} BY NAME
        SELECT {_stored_names(table, stored)}, timeline.valid_to
        FROM {incoming(table)} AS version JOIN timeline
            ON {_of_version(parent, table, "version", "timeline")}
        WHERE {_ARRIVED}
    """


def _stored_names(table: Table, stored: Columns) -> str:
    return names(_values(table, stored), "version")


def _values(table: Table, stored: Columns) -> list[str]:
    """The columns of a version that may have values."""
    return [name for name in stored[table.name] if name not in VALUES.names]


def _copy_superseded(
    connection: duckdb.DuckDBPyConnection, parent: Table, table: Table, stored: Columns
) -> None:
    """Copies the rows of current versions that are superseded, which are few among many.

    Their keys alone are looked through for the places; by these DuckDB then reads of the wide rows
    no more than it must, if it is let look at as many places at once.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE places AS
        SELECT version.rowid AS place, timeline.valid_to
        FROM {relation(table.name)} AS version JOIN timeline
            ON {_of_version(parent, table, "version", "timeline")}
        WHERE {_SUPERSEDED}
        """
    )
    connection.execute(f"SET dynamic_or_filter_threshold = {_MOST_PLACES}")
    connection.execute(
        f"""
        INSERT INTO {past(table)} BY NAME
        SELECT {_stored_names(table, stored)}, places.valid_to
        FROM {relation(table.name)} AS version JOIN places ON version.rowid = places.place
        """
    )
    connection.execute("RESET dynamic_or_filter_threshold")


def _redate(parent: Table, table: Table) -> str:
    return f"""
        UPDATE {past(table)} AS version SET {VALID_TO} = timeline.valid_to FROM timeline
        WHERE {_of_version(parent, table, "version", "timeline")} AND timeline._kept
            AND timeline._held_to IS DISTINCT FROM timeline.valid_to
    """


def _of_version(parent: Table, table: Table, rows: str, versions: str) -> str:
    """Whether rows of a table are of versions, which have the parent's key."""
    same_record = of_record(parent, table, rows, versions)
    return f"{same_record} AND {rows}._extracted_at = {versions}._extracted_at"


def _version_key(table: Table) -> list[str]:
    """The columns of a table that say of which version a row is."""
    own = [table.parent_keys[0]] if table.parent is not None else list(table.key)
    return ["_company", *own, "_extracted_at"]
