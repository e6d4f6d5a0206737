"""The ledger of generated companies, and the postings derived from their documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import duckdb

from qb_assets.books.posting import posting_model
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.sandbox.company import Company
from qb_assets.sandbox.generate import GeneratedBooks
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.warehouse.records import load_records

Cents: TypeAlias = Mapping[tuple[str, str, str], int]
"""By the entity and the Id of a document and the Id of an account; none that are zero."""

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


def recorded(books: GeneratedBooks) -> Cents:
    """What the documents' entries in the ledger move each account by."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for entry in books.entries:
        if entry.doc_entity is not None and entry.doc_id is not None:
            for posting in entry.postings:
                sums[entry.doc_entity, entry.doc_id, posting.account_id] += posting.cents
    return {key: cents for key, cents in sums.items() if cents}


def derived(connection: duckdb.DuckDBPyConnection, company: Company) -> Cents:
    """What the derived postings move each account by."""
    rows = connection.execute(
        "SELECT txn_type, txn_id, account_id, 100 * sum(amount) FROM books.posting"
        " WHERE _company = ? GROUP BY ALL HAVING sum(amount) <> 0",
        [company.realm_id],
    ).fetchall()
    assert all(cents == int(cents) for *_, cents in rows)
    return {(entity, identity, account): int(cents) for entity, identity, account, cents in rows}
