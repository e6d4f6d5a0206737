"""`books.reconciliation`: every mismatch that a check of the books found, with its history.

The checks fill it. It is kept when the books are made anew: a mismatch that is found again is the
same row, one that is not found any more is resolved, and one that comes back is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from qb_assets.books.checks.outcome import Outcome
from qb_assets.books.model import SCHEMA
from qb_assets.warehouse.ddl import literal, quoted
from qb_assets.warehouse.upkeep import transaction

NAME = "reconciliation"
RELATION = f"{SCHEMA}.{NAME}"

DOC = (
    "Every mismatch that a check of the books found, with its history: one row a figure that"
    " differed, from when it was first seen until it was resolved. The checks of the books fill it."
)

COLUMNS: Mapping[str, tuple[str, str]] = {
    "_company": ("VARCHAR", "The realm Id."),
    "check": ("VARCHAR", "The check: its model and its name."),
    "subject": ("VARCHAR", "What the figures are of, by its Ids."),
    "as_of": ("DATE", "The day they are of; empty where they are of all days."),
    "ours": ("DECIMAL(38,10)", "The figure of the books, when it was last seen."),
    "theirs": ("DECIMAL(38,10)", "The figure it should be, by a report, a balance or a sum."),
    "difference": ("DECIMAL(38,10)", "ours less theirs."),
    "txn_ids": ("VARCHAR", "The documents to look at, as type:Id with commas between."),
    "found_at": ("TIMESTAMP WITH TIME ZONE", "When a check first saw it."),
    "run_id": ("VARCHAR", "The run of that check."),
    "last_seen_at": ("TIMESTAMP WITH TIME ZONE", "When a check saw it last."),
    "resolved_at": (
        "TIMESTAMP WITH TIME ZONE",
        "When the check first did not see it any more; empty for what is still so.",
    ),
}
"""The columns: their types, and what they say."""

_FOUND = "found_mismatches"
_SAME = (
    'held._company = found._company AND held."check" = found."check"'
    " AND held.subject = found.subject AND held.as_of IS NOT DISTINCT FROM found.as_of"
    " AND held.resolved_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run of checks did to the list."""

    new: int
    still: int
    resolved: int


def ensure_reconciliation(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table where there is none."""
    columns = ", ".join(f"{quoted(name)} {kind}" for name, (kind, _) in COLUMNS.items())
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {RELATION} ({columns})")
    connection.execute(f"COMMENT ON TABLE {RELATION} IS {literal(DOC)}")
    for name, (_, doc) in COLUMNS.items():
        connection.execute(f"COMMENT ON COLUMN {RELATION}.{quoted(name)} IS {literal(doc)}")


def record(
    connection: duckdb.DuckDBPyConnection,
    outcomes: Mapping[str, Outcome],
    *,
    run_id: str,
    at: datetime,
) -> Recorded:
    """Takes in what checks found, by the checks' keys, in one transaction.

    What other checks found before stays as it is.
    """
    with transaction(connection):
        ensure_reconciliation(connection)
        _load(connection, outcomes)
        still = _changed(
            connection,
            f"UPDATE {RELATION} AS held SET ours = found.ours, theirs = found.theirs,"
            " difference = found.ours - found.theirs, txn_ids = found.txn_ids, last_seen_at = ?"
            f" FROM {_FOUND} AS found WHERE {_SAME}",
            [at],
        )
        resolved = _changed(
            connection,
            f"UPDATE {RELATION} AS held SET resolved_at = ? WHERE held.resolved_at IS NULL"
            ' AND list_contains(?, held."check")'
            f" AND NOT EXISTS (SELECT 1 FROM {_FOUND} AS found WHERE {_SAME})",
            [at, list(outcomes)],
        )
        new = _changed(
            connection,
            f'INSERT INTO {RELATION} SELECT _company, "check", subject, as_of, ours, theirs,'
            f" ours - theirs, txn_ids, ?, ?, ?, NULL FROM {_FOUND} AS found"
            f" WHERE NOT EXISTS (SELECT 1 FROM {RELATION} AS held WHERE {_SAME})",
            [at, run_id, at],
        )
        connection.execute(f"DROP TABLE {_FOUND}")
    return Recorded(new, still, resolved)


def _load(connection: duckdb.DuckDBPyConnection, outcomes: Mapping[str, Outcome]) -> None:
    """The mismatches as a table, one row each: a subject may differ but once on a day."""
    connection.execute(
        f'CREATE OR REPLACE TEMP TABLE {_FOUND} (_company VARCHAR, "check" VARCHAR,'
        " subject VARCHAR, as_of DATE, ours DECIMAL(38,10), theirs DECIMAL(38,10), txn_ids VARCHAR)"
    )
    rows = {
        (each.company, check, each.subject, each.as_of): each
        for check, outcome in outcomes.items()
        for each in outcome.mismatches
    }
    if rows:
        connection.executemany(
            f"INSERT INTO {_FOUND} VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*key, each.ours, each.theirs, each.txn_ids) for key, each in rows.items()],
        )


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, values: list[object]) -> int:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row[0]
