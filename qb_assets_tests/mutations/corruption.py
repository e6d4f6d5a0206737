"""One random corruption of a table: drawn from all of the domain, made in place."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from qb_assets_tests.mutations.domain import Target, targets

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Corruption:
    """A row of a target, and what is done to it."""

    target: Target
    row: int
    company: str
    names: tuple[str, ...]
    """What a check must name one of: a document, an account, a person, an item with the documents
    it is on, or a report's month."""
    before: Decimal | date | str | None = None
    after: Decimal | date | str | None = None

    def __str__(self) -> str:
        change = f": {self.before} → {self.after}" if self.target.column else ""
        return f"{self.target}{change} ({self.names[0]} of {self.company})"

    def make(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Changes or deletes the row."""
        if self.target.kind == "line":
            connection.execute(f"DELETE FROM {self.target.table} WHERE rowid = ?", [self.row])
            return
        connection.execute(
            f"UPDATE {self.target.table} SET {self.target.column} = ? WHERE rowid = ?",
            [self.after, self.row],
        )


def draw(connection: duckdb.DuckDBPyConnection, dice: random.Random) -> Corruption:
    """A corruption of a target drawn from all that there are, of a row drawn from all it has."""
    every = list(targets())
    while True:
        target = dice.choice(every)
        rows = connection.execute(
            f"SELECT rowid FROM {target.table} WHERE {target.where} ORDER BY rowid"
        ).fetchall()
        if rows:
            return _of_row(connection, dice, target, dice.choice(rows)[0])


def _of_row(
    connection: duckdb.DuckDBPyConnection, dice: random.Random, target: Target, row: int
) -> Corruption:
    found = connection.execute(
        f"SELECT _company, {target.names}, {target.column or 'NULL'} FROM {target.table}"
        " WHERE rowid = ?",
        [row],
    ).fetchone()
    assert found is not None
    company, name, before = found
    after = None
    if target.kind == "amount":
        after = before + dice.choice((CENT, -CENT))
    elif target.kind == "date":
        after = before + timedelta(days=dice.choice((-31, -1, 1, 31)))
    elif target.kind == "account":
        others = connection.execute(
            "SELECT id FROM quickbooks.account WHERE _company = ? AND id <> ? ORDER BY id",
            [company, before],
        ).fetchall()
        after = dice.choice(others)[0]
    names = (_named(connection, target, name), *_documents_of(connection, company, name))
    return Corruption(target, row, company, names, before, after)


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


def _named(connection: duckdb.DuckDBPyConnection, target: Target, name: str) -> str:
    """The name in the words of the checks: reports call the kinds of transactions otherwise."""
    kind, colon, number = name.partition(":")
    if target.layer == "reports" and colon:
        found = connection.execute(
            "SELECT txn_type FROM books.transaction_type WHERE report_txn_type = ?", [kind]
        ).fetchone()
        return f"{found[0] if found and found[0] else kind}:{number}"
    return re.sub(r"(\d{4}-\d\d)-\d\d$", r"\1", name)
