"""One random corruption: drawn from all of the domain, and made in the warehouse.

What is drawn is a row of the warehouse, as it is the same everywhere: the object of the lake that
the row was made of is found by its key.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeAlias

import duckdb

from qb_assets.catalog import ENTITIES, Entity, Table, tables_of
from qb_assets.catalog.reports import REPORTS, Report
from qb_assets_tests.mutations.domain import Target, targets

CENT = Decimal("0.01")

Place: TypeAlias = Literal["raw", "normalized", "snapshot", "warehouse"]
"""The JSON of a record in a raw object, a row of a normalized object, the JSON of a report's answer
in the object of a snapshot, or a row of the warehouse."""

LAKE: tuple[Place, ...] = ("raw", "normalized", "snapshot")
"""In the order in which several are made: what is raw is normalized anew, and mends what is not."""
_LAYERS: Mapping[Place, tuple[str, ...]] = {
    "warehouse": ("quickbooks", "reports", "books"),
    "normalized": ("quickbooks",),
    "raw": ("quickbooks",),
    "snapshot": ("reports",),
}


@dataclass(frozen=True, slots=True)
class Corruption:
    """A row of a target, and what is done to it, where."""

    place: Place
    target: Target
    key: Mapping[str, Any]
    """What the row is found by, in the warehouse; the company and the version are in it."""
    names: tuple[str, ...]
    """What a check must name one of: a document, an account, a person, an item with the documents
    it is on, or a report's month."""
    before: Decimal | date | str | None = None
    after: Decimal | date | str | None = None

    def __str__(self) -> str:
        change = f": {self.before} → {self.after}" if self.target.column else ""
        return f"{self.place}, {self.target}{change} ({self.names[0]} of {self.company})"

    @property
    def company(self) -> str:
        """The realm Id."""
        return self.key["_company"]

    def make(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Changes or deletes the row of the warehouse."""
        where = " AND ".join(f"{name} = ?" for name in self.key)
        values = list(self.key.values())
        if self.target.kind == "line":
            connection.execute(f"DELETE FROM {self.target.table} WHERE {where}", values)
            return
        connection.execute(
            f"UPDATE {self.target.table} SET {self.target.column} = ? WHERE {where}",
            [self.after, *values],
        )


def draw(
    connection: duckdb.DuckDBPyConnection, dice: random.Random, places: Collection[Place]
) -> Corruption:
    """A corruption in one of the places, of a target drawn from all that are there, of a row drawn
    from all it has."""
    while True:
        place = dice.choice(sorted(places))
        target = dice.choice([each for each in targets() if each.layer in _LAYERS[place]])
        rows = connection.execute(
            f"SELECT rowid FROM {target.table} WHERE {target.where} ORDER BY rowid"
        ).fetchall()
        if rows:
            return _of_row(connection, dice, place, target, dice.choice(rows)[0])


def _of_row(
    connection: duckdb.DuckDBPyConnection,
    dice: random.Random,
    place: Place,
    target: Target,
    row: int,
) -> Corruption:
    keys = _key(target)
    found = connection.execute(
        f"SELECT {target.names}, {target.column or 'NULL'}, {', '.join(keys)} FROM {target.table}"
        " WHERE rowid = ?",
        [row],
    ).fetchone()
    assert found is not None
    name, before, *values = found
    key = dict(zip(keys, values, strict=True))
    company = key["_company"]
    after = None
    if target.kind in ("amount", "price", "rate"):
        after = before + dice.choice((CENT, -CENT))
    elif target.kind == "date":
        after = before + timedelta(days=dice.choice((-31, -1, 1, 31)))
    elif target.kind == "account":
        others = connection.execute(
            "SELECT id FROM quickbooks.account WHERE _company = ? AND id <> ? ORDER BY id",
            [company, before],
        ).fetchall()
        after = dice.choice(others)[0]
    names = (*_named(connection, target, name), *_documents_of(connection, company, name))
    return Corruption(place, target, key, names, before, after)


def _key(target: Target) -> list[str]:
    """The columns that tell a row of the target's table from the others, and where it is from."""
    if target.layer == "quickbooks":
        _, table = table_of(target)
        return ["_company", *table.key, "_updated_on", "_extracted_at"]
    if target.layer == "reports":
        return ["_company", "month", "accounting_method", "row_number"]
    return ["_company", "rowid"]


@cache
def table_of(target: Target) -> tuple[Entity, Table]:
    """The entity and the table of records that a target is of."""
    name = target.table.partition(".")[2]
    return next(
        (entity, table)
        for entity in ENTITIES.values()
        for table in tables_of(entity)
        if table.name == name
    )


@cache
def report_of(target: Target) -> Report:
    """The report that a target is of."""
    name = target.table.partition(".")[2]
    return next(each for each in REPORTS.values() if each.table == name)


def _documents_of(connection: duckdb.DuckDBPyConnection, company: str, name: str) -> list[str]:
    """The documents whose postings are of an item, if it is one."""
    if not name.startswith("item "):
        return []
    found = connection.execute(
        "SELECT DISTINCT txn_type || ':' || txn_id FROM books.posting"
        " WHERE _company = ? AND 'item ' || item_id = ?",
        [company, name],
    )
    return [row[0] for row in found.fetchall()]


def _named(connection: duckdb.DuckDBPyConnection, target: Target, name: str) -> Sequence[str]:
    """The name in the words of the checks: those of reports tell kinds of transactions in the
    report's, and those of the books by the entity."""
    kind, colon, number = name.partition(":")
    if target.layer == "reports" and colon:
        found = connection.execute(
            "SELECT txn_type FROM books.transaction_type WHERE report_txn_type = ?", [kind]
        ).fetchone()
        entity = f"{found[0] if found and found[0] else kind}:{number}"
        return list(dict.fromkeys([entity, name]))
    return [re.sub(r"(\d{4}-\d\d)-\d\d$", r"\1", name)]
