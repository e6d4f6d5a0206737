"""Postings derived from a generated company's documents are those its documents were made from."""

from collections.abc import Sequence
from datetime import date

import duckdb
import pytest

from qb_assets.books.posting import build_posting, posting_model
from qb_assets.sandbox.generate import GeneratedBooks, generate_books
from qb_assets_tests.books.ledgers import derived, recorded, warehouse_of

TODAY = date(2026, 6, 1)
SIZES = ((1, 400, 365), (20, 150, 90), (3, 2, 1))


@pytest.fixture(scope="module")
def companies() -> Sequence[GeneratedBooks]:
    return [generate_books(seed, invoices, TODAY, days) for seed, invoices, days in SIZES]


@pytest.fixture(scope="module")
def warehouse(companies: Sequence[GeneratedBooks]) -> duckdb.DuckDBPyConnection:
    """All companies in one warehouse, where no posting of one may be taken from another."""
    connection = warehouse_of(books.company for books in companies)
    build_posting(connection)
    return connection


def test_each_document_posts_what_the_ledger_says(
    warehouse: duckdb.DuckDBPyConnection, companies: Sequence[GeneratedBooks]
) -> None:
    for books in companies:
        wanted = recorded(books)
        assert len(wanted) > 50
        assert derived(warehouse, books.company) == wanted


def test_each_entry_balances(warehouse: duckdb.DuckDBPyConnection) -> None:
    off = warehouse.execute(
        "SELECT txn_type, txn_id, sum(amount) FROM books.posting"
        " GROUP BY _company, txn_type, txn_id HAVING sum(amount) <> 0"
    )
    assert off.fetchall() == []


def test_each_posting_has_its_columns_an_account_and_an_id_of_its_own(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    held = warehouse.execute("DESCRIBE books.posting").fetchall()
    wanted = [(column.name, column.type) for column in posting_model().columns]
    assert [(name, kind) for name, kind, *_ in held] == wanted
    counts = warehouse.execute(
        "SELECT count(*), count(DISTINCT (_company, posting_id)), count(account_id)"
        " FROM books.posting"
    ).fetchone()
    assert counts is not None
    assert counts[0] == counts[1] == counts[2]


def test_building_again_gives_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    before = warehouse.execute("SELECT * FROM books.posting ORDER BY ALL").fetchall()
    assert build_posting(warehouse) == len(before)
    assert warehouse.execute("SELECT * FROM books.posting ORDER BY ALL").fetchall() == before


def test_where_nothing_is_loaded_nothing_is_posted_and_nothing_else_stays() -> None:
    connection = duckdb.connect()
    assert build_posting(connection) == 0
    tables = connection.execute("SELECT table_schema, table_name FROM information_schema.tables")
    assert tables.fetchall() == [("books", "posting")]
