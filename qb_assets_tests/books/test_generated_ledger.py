"""Postings derived from a generated company's documents are those its documents were made from."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import duckdb
import pytest

from qb_assets.books.balances import account_differences, document_differences
from qb_assets.books.posting.model import posting_model
from qb_assets.sandbox.generate import GeneratedBooks, generate_books
from qb_assets.sandbox.generate.profile import Profile
from qb_assets_tests.books.ledgers import build_posting, derived, recorded, warehouse_of

TODAY = date(2026, 6, 1)
PLAIN = ((1, 400, 365), (3, 2, 1))
DRAWN = range(100, 110)
"""Seeds of companies of all kinds, as many as make it likely that each kind is there."""


@pytest.fixture(scope="module")
def companies() -> Sequence[GeneratedBooks]:
    plain = [generate_books(seed, invoices, TODAY, days) for seed, invoices, days in PLAIN]
    drawn = [generate_books(seed, 40, TODAY, 365, Profile.of(seed)) for seed in DRAWN]
    return [*plain, *drawn]


@pytest.fixture(scope="module")
def warehouse(companies: Sequence[GeneratedBooks]) -> duckdb.DuckDBPyConnection:
    """All companies in one warehouse, where no posting of one may be taken from another."""
    connection = warehouse_of(books.company for books in companies)
    build_posting(connection)
    return connection


def test_the_companies_are_of_all_kinds() -> None:
    profiles = [Profile.of(seed) for seed in DRAWN]
    for feature in ("multi_currency", "several_controls", "inventory", "tax", "cash_back"):
        assert {getattr(profile, feature) for profile in profiles} == {True, False}, feature
    assert any(profile.late_edits and profile.deletes for profile in profiles)


def test_each_document_posts_what_the_ledger_says(
    warehouse: duckdb.DuckDBPyConnection, companies: Sequence[GeneratedBooks]
) -> None:
    for books in companies:
        wanted = recorded(books)
        assert len(wanted) > 50
        assert derived(warehouse, books.company) == wanted, books.company.realm_id


def test_gains_and_losses_of_foreign_currencies_are_posted(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "SELECT txn_type, max(abs(amount)) FROM books.posting WHERE role = 'exchange'"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    gains = dict(found)
    assert gains["Payment"] > 1
    assert gains["BillPayment"] > 1
    assert gains["Invoice"] < 1, "this should be roundings"


def test_what_accounts_lack_is_in_no_entity(
    warehouse: duckdb.DuckDBPyConnection, companies: Sequence[GeneratedBooks]
) -> None:
    assert document_differences(warehouse) == []
    found = {(each.company, each.account_id): each for each in account_differences(warehouse)}
    assert {each.reason for each in found.values()} == {"not_exposed"}
    lacking: Counter[tuple[str, str]] = Counter()
    for books in companies:
        shown = {account.id for account in books.accounts if account.on_balance_sheet}
        for entry in books.entries:
            for posting in entry.postings:
                if entry.doc_id is None and posting.account_id in shown:
                    lacking[books.company.realm_id, posting.account_id] -= posting.cents
    assert {key: 100 * each.difference for key, each in found.items()} == {
        key: cents for key, cents in lacking.items() if cents
    }


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
    content = "SELECT count(*), sum(hash(posting)) FROM books.posting AS posting"
    before = warehouse.execute(content).fetchone()
    assert before is not None
    assert build_posting(warehouse) == before[0]
    assert warehouse.execute(content).fetchone() == before


def test_where_nothing_is_loaded_nothing_is_posted_and_nothing_else_stays() -> None:
    connection = duckdb.connect()
    assert build_posting(connection) == 0
    tables = connection.execute("SELECT table_schema, table_name FROM information_schema.tables")
    assert tables.fetchall() == [("books", "posting")]
