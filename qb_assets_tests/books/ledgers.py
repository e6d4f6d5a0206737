"""The ledger of generated companies, and the postings derived from their documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import duckdb

from qb_assets.books.build import build_models
from qb_assets.books.posting.model import NAME, posting_model
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.sandbox.company import Company
from qb_assets.sandbox.generate import GeneratedBooks
from qb_assets.sandbox.generate.model import HOME
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.warehouse.records import load_records

Key: TypeAlias = tuple[str, str, str]
"""The entity and the Id of a document, and the Id of an account."""

Sums: TypeAlias = Mapping[Key, tuple[int, int]]
"""Cents of home currency and of the document's; none where both are zero."""

_TABLES = {relation.name for relation in posting_model().inputs}
READ = [each for each in ENTITIES.values() if {table.name for table in tables_of(each)} & _TABLES]
"""The entities that postings are made of."""


def warehouse_of(companies: Iterable[Company], *more: str) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with what these companies' postings are made of, and more entities."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    every = list(companies)
    for entity in [*READ, *(ENTITIES[name] for name in more)]:
        records = [
            (company.realm_id, record)
            for company in every
            for record in company.records.get(entity.name, ())
        ]
        if records:
            ensure_tables(connection, entity)
            load_records(connection, entity, records)
    return connection


def build_posting(connection: duckdb.DuckDBPyConnection) -> int:
    """Makes the postings and no other model; gives their number."""
    return build_models(connection, [NAME]).rows[NAME]


def recorded(books: GeneratedBooks) -> Sums:
    """What the documents' entries in the ledger move each account by."""
    sums: dict[Key, tuple[int, int]] = {}
    for entry in books.entries:
        for posting in entry.postings:
            if entry.doc_entity is not None and entry.doc_id is not None:
                key = entry.doc_entity, entry.doc_id, posting.account_id
                cents, foreign = sums.get(key, (0, 0))
                stated = posting.cents if entry.currency == HOME else posting.foreign or 0
                sums[key] = cents + posting.cents, foreign + stated
    return {key: both for key, both in sums.items() if any(both)}


def derived(connection: duckdb.DuckDBPyConnection, company: Company) -> Sums:
    """What the derived postings move each account by."""
    rows = connection.execute(
        "SELECT txn_type, txn_id, account_id,"
        " 100 * sum(amount) AS cents, 100 * sum(coalesce(foreign_amount, 0)) AS foreign_cents"
        " FROM books.posting WHERE _company = ?"
        " GROUP BY ALL HAVING sum(amount) <> 0 OR sum(foreign_amount) <> 0",
        [company.realm_id],
    ).fetchall()
    assert all(number == int(number) for *_, cents, foreign in rows for number in (cents, foreign))
    return {(kind, number, account): (int(c), int(f)) for kind, number, account, c, f in rows}
