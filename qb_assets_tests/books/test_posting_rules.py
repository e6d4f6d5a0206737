"""What documents post that generated companies do not have, by documents that are made up."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

import duckdb
import pytest

from qb_assets.sandbox.company import Company, record_from
from qb_assets_tests.books.ledgers import build_posting, warehouse_of
from qb_assets_tests.books.made_up import DOCUMENTS, SHARED, lists


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    records = lists()
    for name, (document, _) in DOCUMENTS.items():
        entity, identity = name.split(":")
        records.setdefault(entity, []).append({**SHARED, **document, "Id": identity})
    company = Company("7", "made up")
    for entity, rows in records.items():
        company.records[entity] = [record_from(entity, json.dumps(row).encode()) for row in rows]
    with warehouse_of([company]) as connection:
        build_posting(connection)
        yield connection


@pytest.mark.parametrize("document", DOCUMENTS)
def test_postings_of_a_document(warehouse: duckdb.DuckDBPyConnection, document: str) -> None:
    _, wanted = DOCUMENTS[document]
    assert sums(warehouse, document) == {name: Decimal(text) for name, text in wanted.items()}


def test_each_posting_tells_where_it_is_from(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "SELECT posting_id, item_id, tax_rate_id, customer_id FROM books.posting"
        " WHERE txn_type = 'Invoice' AND txn_id = '1' ORDER BY posting_id"
    ).fetchall()
    assert rows == [
        ("Invoice:1:control", None, None, "5"),
        ("Invoice:1:discount:2", None, None, "5"),
        ("Invoice:1:line:0", "service", None, "5"),
        ("Invoice:1:line:1", "SHIPPING_ITEM_ID", None, "5"),
        ("Invoice:1:tax:0", None, "told", "5"),
        ("Invoice:1:tax:1", None, "named", "5"),
    ]


@pytest.mark.parametrize(
    ("posting", "wanted"),
    [
        ("Purchase:16:control", (None, None, "7", None)),
        ("Deposit:17:line:1", (None, "7", None, None)),
        ("JournalEntry:18:line:1", (None, "7", None, "3")),
    ],
)
def test_names_of_lines(
    warehouse: duckdb.DuckDBPyConnection, posting: str, wanted: tuple[str | None, ...]
) -> None:
    row = warehouse.execute(
        "SELECT customer_id, vendor_id, employee_id, department_id FROM books.posting"
        " WHERE posting_id = ?",
        [posting],
    ).fetchone()
    assert row == wanted


def test_a_deleted_document_posts_nothing_and_moves_no_stock(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    with warehouse.cursor() as cursor:
        cursor.execute("UPDATE quickbooks.credit_memo SET _deleted = TRUE, _state = 'deleted'")
        build_posting(cursor)
        assert sums(cursor, "CreditMemo:9") == {}
        # What it had brought back is now what the item started with.
        assert sums(cursor, "SalesReceipt:7")["cost"] == Decimal(17)
        cursor.execute("UPDATE quickbooks.credit_memo SET _deleted = FALSE, _state = 'live'")
        build_posting(cursor)


def sums(connection: duckdb.DuckDBPyConnection, document: str) -> Mapping[str, Decimal]:
    rows = connection.execute(
        "SELECT account_id, sum(amount) FROM books.posting WHERE txn_type || ':' || txn_id = ?"
        " GROUP BY ALL HAVING sum(amount) <> 0",
        [document],
    ).fetchall()
    return dict(rows)
