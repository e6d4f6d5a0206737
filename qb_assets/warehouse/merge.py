"""A batch of versions into the current state of their records, whatever was merged before.

The newest event of a record, a live version or the notice that it is gone, says what became of it;
its newest live version gives its values and its child rows. A parent's row tells which of both it
has, so the order in which versions come makes no difference. Of a version that is held already
only rows that differ are written, which mends what was spoilt and costs little where nothing was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from qb_assets.catalog import Table
from qb_assets.normalized.schema import LINEAGE
from qb_assets.warehouse.ddl import VALUES, quoted, relation, row_key
from qb_assets.warehouse.incoming import Columns
from qb_assets.warehouse.sql import counts, differ, gather, incoming, names, of_record

_LINEAGE = [name for name in LINEAGE.names if name != "_company"]

_OF_LIVE = ", ".join(
    f"CASE WHEN NOT _deleted THEN {name} END" for name in ("_changed_at", "_extracted_at")
)
"""`VALUES` of a version that comes in."""

_DOUBTFUL = "_arrived AND NOT _newer AND NOT _relabelled"
"""Winners whose rows must be looked at to know whether they are as their version says."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did, in records."""

    changed: int
    """Have the values of a newer version."""
    deleted: int
    """Are gone since."""
    mended: int
    """Had rows that were not as the held version says."""


def merge(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], stored: Columns
) -> Merged:
    """Merges the incoming rows into the warehouse's tables of an entity, which store some columns:
    at least those that have values."""
    parent, *children = tables
    connection.execute(_choose_winners(parent))
    if counts(connection, "winners", _DOUBTFUL)[0]:
        gather(connection, "spoilt", _spoilt(parent, children, stored))
        connection.execute(_let_the_rest_be(parent))
    replaced, marked = counts(connection, "winners", "_arrived", "NOT _arrived")
    for child in children:
        if replaced:
            connection.execute(_delete_children(parent, child))
            connection.execute(_insert_children(parent, child, stored))
        if marked:
            connection.execute(_mark_children(parent, child))
    if replaced:
        connection.execute(_delete_parents(parent))
        connection.execute(_insert_parents(parent, stored))
    if marked:
        connection.execute(_mark_parents(parent))
        connection.execute(_insert_tombstones(parent))
    return Merged(
        *counts(connection, "winners", "_newer", "_later AND _deleted", "NOT _newer AND NOT _later")
    )


def _choose_winners(parent: Table) -> str:
    """The records about which the batch has something to say, with their lineage from now on.

    `_arrived`: the batch has the version that gives the values, be it the held one; `_newer`: it
    is another than the held one. `_later`: the same of the newest event; `_relabelled`: something
    of the lineage is another than what is held.
    """
    key, lineage, values = names(row_key(parent)), names(_LINEAGE), names(VALUES.names)
    return f"""
        CREATE OR REPLACE TEMP TABLE winners AS
        WITH held AS MATERIALIZED (
            SELECT {key}, {lineage}, {values} FROM {relation(parent.name)}
            SEMI JOIN {incoming(parent)} USING ({key})
        ),
        candidates AS (
            SELECT {key}, {lineage}, {values}, FALSE AS _arrived FROM held
            UNION ALL
            SELECT {key}, {lineage}, {_OF_LIVE}, TRUE FROM {incoming(parent)}
        ),
        events AS (
            SELECT {key}, {lineage} FROM candidates QUALIFY 1 = row_number() OVER (
                PARTITION BY {key} ORDER BY _changed_at DESC NULLS LAST, _extracted_at DESC,
                _arrived DESC, _deleted DESC
            )
        ),
        versions AS (
            SELECT {key}, {values}, _arrived FROM candidates WHERE _values_extracted_at IS NOT NULL
            QUALIFY 1 = row_number() OVER (
                PARTITION BY {key} ORDER BY _values_changed_at DESC NULLS LAST,
                _values_extracted_at DESC, _arrived DESC
            )
        )
        SELECT events.*, {names(VALUES.names, "versions")},
            coalesce(versions._arrived, FALSE) AS _arrived,
            held._company IS NOT NULL AS _held,
            {differ(VALUES.names, "versions", "held")} AS _newer,
            {differ(["_changed_at", "_extracted_at"], "events", "held")} AS _later,
            {differ(_LINEAGE, "events", "held")} AS _relabelled
        FROM events LEFT JOIN versions USING ({key})
        LEFT JOIN (
            FROM held QUALIFY 1 = row_number() OVER (
                PARTITION BY {key} ORDER BY _changed_at DESC NULLS LAST, _extracted_at DESC
            )
        ) AS held USING ({key})
        WHERE versions._arrived OR _relabelled
    """


def _spoilt(parent: Table, children: Sequence[Table], stored: Columns) -> list[str]:
    """The doubtful winners of which a row is missing, one too many, or not as it should be."""
    key = names(row_key(parent))
    doubtful = f"(SELECT * FROM winners WHERE {_DOUBTFUL})"
    found = [
        f"""
        SELECT {key} FROM ({_parent_rows(parent, doubtful, stored[parent.name])}) AS wanted
        JOIN {relation(parent.name)} AS held USING ({key})
        WHERE {differ(stored[parent.name], "wanted", "held")}
        """,
        f"""
        SELECT {key} FROM {relation(parent.name)} SEMI JOIN {doubtful} USING ({key})
        GROUP BY ALL HAVING count(*) > 1
        """,
    ]
    for child in children:
        owner = f"_company, {quoted(child.parent_keys[0])}"
        found.append(
            f"""
            SELECT {owner}
            FROM ({_child_rows(parent, child, doubtful, stored[child.name])}) AS wanted
            FULL JOIN (
                SELECT {names(stored[child.name], "child")} FROM {relation(child.name)} AS child
                SEMI JOIN {doubtful} AS winners ON {of_record(parent, child, "child", "winners")}
            ) AS held USING ({names(row_key(child))})
            WHERE {differ(stored[child.name], "wanted", "held")}
            """
        )
    return found


def _let_the_rest_be(parent: Table) -> str:
    return f"""
        DELETE FROM winners WHERE {_DOUBTFUL}
        AND NOT EXISTS (SELECT 1 FROM spoilt WHERE {of_record(parent, parent, "spoilt", "winners")})
    """


def _delete_children(parent: Table, child: Table) -> str:
    return f"""
        DELETE FROM {relation(child.name)} AS child USING winners
        WHERE {of_record(parent, child, "child", "winners")} AND winners._arrived
    """


def _insert_children(parent: Table, child: Table, stored: Columns) -> str:
    rows = _child_rows(parent, child, "winners", stored[child.name])
    return f"INSERT INTO {relation(child.name)} BY NAME {rows}"


def _mark_children(parent: Table, child: Table) -> str:
    return f"""
        UPDATE {relation(child.name)} AS child SET {_lineage_of_winner()} FROM winners
        WHERE {of_record(parent, child, "child", "winners")} AND NOT winners._arrived
    """


def _delete_parents(parent: Table) -> str:
    return f"""
        DELETE FROM {relation(parent.name)} AS held USING winners
        WHERE {of_record(parent, parent, "held", "winners")} AND winners._arrived
    """


def _insert_parents(parent: Table, stored: Columns) -> str:
    rows = _parent_rows(parent, "winners", stored[parent.name])
    return f"INSERT INTO {relation(parent.name)} BY NAME {rows}"


def _mark_parents(parent: Table) -> str:
    return f"""
        UPDATE {relation(parent.name)} AS held SET {_lineage_of_winner()} FROM winners
        WHERE {of_record(parent, parent, "held", "winners")} AND NOT winners._arrived
    """


def _insert_tombstones(parent: Table) -> str:
    """Records of which no more is known than that they are gone."""
    return f"""
        INSERT INTO {relation(parent.name)} BY NAME
        SELECT {names([*row_key(parent), *_LINEAGE])} FROM winners WHERE NOT _held AND NOT _arrived
    """


def _parent_rows(parent: Table, winners: str, stored: Sequence[str]) -> str:
    """What the parent's rows of winners that have arrived are to be."""
    own = _own(stored)
    return f"""
        SELECT winners._company, {names(own, "incoming")},
            {names([*_LINEAGE, *VALUES.names], "winners")}
        FROM {incoming(parent)} AS incoming JOIN {winners} AS winners
            ON {of_record(parent, parent, "incoming", "winners")}
            AND incoming._extracted_at = winners._values_extracted_at
        WHERE winners._arrived AND NOT incoming._deleted
    """


def _child_rows(parent: Table, child: Table, winners: str, stored: Sequence[str]) -> str:
    """What the child rows of winners that have arrived are to be."""
    own = _own(stored)
    return f"""
        SELECT winners._company, {names(own, "child")}, {names(_LINEAGE, "winners")}
        FROM {incoming(child)} AS child JOIN {winners} AS winners
            ON {of_record(parent, child, "child", "winners")}
            AND child._extracted_at = winners._values_extracted_at
        WHERE winners._arrived
    """


def _own(columns: Sequence[str]) -> list[str]:
    """Those that are no lineage."""
    return [name for name in columns if name not in {*LINEAGE.names, *VALUES.names}]


def _lineage_of_winner() -> str:
    return ", ".join(f"{name} = winners.{name}" for name in _LINEAGE)
