"""A real company's documents, and the balances that QuickBooks had added up of them."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from qb_assets.books.balances import account_differences, document_differences
from qb_assets.sandbox.company import load_folder
from qb_assets_tests.books.ledgers import build_posting, warehouse_of

STATEMENT_CHARGE = ("Invoice", "42")
"""An invoice whose only line is a subtotal, of which no entity tells what was charged."""


@pytest.fixture(scope="module")
def warehouse(shared_data: Path) -> duckdb.DuckDBPyConnection:
    connection = warehouse_of([load_folder(shared_data / "company")], "Customer", "Vendor")
    build_posting(connection)
    return connection


def test_each_entry_balances_but_the_statement_charge(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    sums = warehouse.execute(
        "SELECT txn_type, txn_id, sum(amount) FROM books.posting GROUP BY ALL"
    ).fetchall()
    assert len(sums) == 31 + 15 + 10 + 1 + 5 + 3 + 16 + 35 + 1 + 4
    off = {(kind, identity): amount for kind, identity, amount in sums if amount != 0}
    assert off == {STATEMENT_CHARGE: Decimal(75)}


def test_each_posting_has_an_account(warehouse: duckdb.DuckDBPyConnection) -> None:
    without = warehouse.execute("SELECT posting_id FROM books.posting WHERE account_id IS NULL")
    assert without.fetchall() == []


def test_each_balance_of_a_document_follows_from_its_links(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert document_differences(warehouse) == []
    # What was looked at, so that an empty comparison cannot pass.
    settled = warehouse.execute(
        "SELECT count(*) FROM quickbooks.invoice WHERE balance < total_amt"
    ).fetchone()
    assert settled == (14,)


def test_each_account_has_its_balance_or_a_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {each.account_id: each for each in account_differences(warehouse)}
    assert {number: (each.difference, each.reason) for number, each in found.items()} == {
        # What the stock started at, which no entity carries: Dr Inventory, Cr Opening Balance.
        "34": (Decimal("567.50"), "not_exposed"),
        "81": (Decimal("-567.50"), "not_exposed"),
        # Sales tax that was paid, and from which the tax of Arizona cannot be told apart.
        "90": (Decimal("-76.90"), "not_exposed"),
        # The chart was recorded a month after the last document: by then the customers 1 and 2
        # owed 600 less, and the vendor 56 was owed 600.
        "4": (Decimal("-300.00"), "timing"),
        "33": (Decimal("600.00"), "timing"),
        "35": (Decimal("-823.10"), "timing"),
        "84": (Decimal("600.00"), "timing"),
    }
    assert sum(each.difference for each in found.values()) == 0
    assert "2026-05-05" in found["84"].detail
    compared = warehouse.execute(
        "SELECT count(*) FROM quickbooks.account WHERE current_balance <> 0"
    ).fetchone()
    assert compared == (12,)


@pytest.mark.parametrize(
    ("name", "sign", "newer"),
    [
        ("customer", 1, {"1": Decimal(500), "2": Decimal(100)}),
        ("vendor", -1, {"56": Decimal(-600)}),
    ],
)
def test_names_tell_what_is_newer_than_the_documents(
    warehouse: duckdb.DuckDBPyConnection, name: str, sign: int, newer: dict[str, Decimal]
) -> None:
    """Their balances were recorded when the chart's were."""
    rows = warehouse.execute(
        f"SELECT id, {sign} * coalesce(sum(amount), 0) - any_value(balance) AS difference"
        f" FROM quickbooks.{name} LEFT JOIN books.posting ON {name}_id = id AND account_id IN"
        " (SELECT id FROM quickbooks.account WHERE account_type LIKE 'Accounts %able')"
        " GROUP BY id"
    ).fetchall()
    assert len(rows) > 25
    assert {identity: difference for identity, difference in rows if difference != 0} == newer


def test_a_changed_amount_shows(warehouse: duckdb.DuckDBPyConnection) -> None:
    cursor = warehouse.cursor()
    cursor.execute(
        "UPDATE quickbooks.payment_line SET amount = amount + 0.01 WHERE payment_id='15'"
    )
    try:
        [difference] = document_differences(cursor)
    finally:
        cursor.execute(
            "UPDATE quickbooks.payment_line SET amount = amount - 0.01 WHERE payment_id='15'"
        )
    assert (difference.txn_type, difference.txn_id) == ("Invoice", "14")
    assert difference.derived - difference.recorded == Decimal("-0.01")
