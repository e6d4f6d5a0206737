"""Two ways to come to the same figures, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb


@dataclass(frozen=True)
class Comparison:
    """Two SELECTs with the columns _company, `keys` and amount; what is missing counts as 0."""

    name: str
    keys: tuple[str, ...]
    ours: str
    theirs: str


@dataclass(frozen=True)
class Difference:
    """A figure that is not the same on both sides."""

    comparison: str
    company: str
    subject: tuple[tuple[str, str], ...]
    ours: Decimal
    theirs: Decimal

    def text(self) -> str:
        """In a line."""
        subject = " ".join(f"{key}={value}" for key, value in self.subject)
        off = self.ours - self.theirs
        return f"{self.comparison} {subject}: ours {self.ours:f}, theirs {self.theirs:f}, {off:+f}"


@dataclass(frozen=True)
class Compared:
    """What a comparison found: how many figures it looked at, and those that differ."""

    name: str
    figures: int
    differences: Sequence[Difference]


def compare(connection: duckdb.DuckDBPyConnection, each: Comparison) -> Compared:
    """All figures of a comparison, of all companies."""
    keys = ("_company", *each.keys)
    columns = ", ".join(keys)
    texts = ", ".join(f"CAST({key} AS VARCHAR)" for key in keys)
    same = " AND ".join(f"ours.{key} IS NOT DISTINCT FROM theirs.{key}" for key in keys)
    either = ", ".join(f"coalesce(ours.{key}, theirs.{key}) AS {key}" for key in keys)

    def side(select: str) -> str:
        return f"SELECT {columns}, sum(amount) AS amount FROM ({select}) GROUP BY {columns}"

    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE compared AS
        SELECT {either}, coalesce(ours.amount, 0) AS ours, coalesce(theirs.amount, 0) AS theirs
        FROM ({side(each.ours)}) AS ours FULL JOIN ({side(each.theirs)}) AS theirs ON {same}
        """
    )
    figures = _count(connection, "SELECT count(*) FROM compared WHERE ours <> 0 OR theirs <> 0")
    rows = connection.execute(
        f"SELECT {texts}, ours, theirs FROM compared WHERE ours <> theirs ORDER BY ALL"
    ).fetchall()
    return Compared(each.name, figures, [_difference(each, row) for row in rows])


def _difference(each: Comparison, row: Sequence[Any]) -> Difference:
    company, *values, ours, theirs = row
    subject = tuple(zip(each.keys, map(str, values), strict=True))
    return Difference(each.name, company, subject, ours, theirs)


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
