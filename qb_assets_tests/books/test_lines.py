"""Lines of sales and of spending, stock and money against the ledger the documents came from."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from qb_assets.sandbox.generate import GeneratedBooks
from qb_assets_tests.books.company import item_of
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.books.truth import documents, postings

SALES = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt")
SPENDING = ("Bill", "Purchase", "VendorCredit")


def rows(made: Made, statement: str, company: str) -> list[tuple[Any, ...]]:
    return made.connection.execute(statement, [company]).fetchall()


def legs(books: GeneratedBooks, *entities: str) -> dict[tuple[Any, ...], Decimal]:
    """Of some entities' documents what their lines post, by document, account and item."""
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for entry in books.entries:
        for posting in entry.postings if entry.doc_entity in entities else ():
            # A sale's cost is on none of its lines; stock that is bought is the line itself.
            of_sale = entry.doc_entity in SALES and posting.role == "stock"
            if posting.role in ("line", "discount", "stock") and not of_sale:
                key = (entry.doc_entity, entry.doc_id, posting.account_id, item_of(posting))
                found[key] += posting.amount
    return {key: amount for key, amount in found.items() if amount}


@pytest.mark.parametrize(
    ("table", "entities", "sign"), [("sales_lines", SALES, -1), ("expense_lines", SPENDING, 1)]
)
def test_lines_are_what_the_documents_post(
    made: Made, table: str, entities: tuple[str, ...], sign: int
) -> None:
    for company, books in made.books.items():
        held = rows(
            made,
            f"SELECT txn_type, txn_id, account_id, item_id, {sign} * sum(home_amount)"
            f" FROM books.{table} WHERE _company = ? GROUP BY ALL HAVING sum(home_amount) <> 0",
            company,
        )
        assert {row[:4]: row[4] for row in held} == legs(books, *entities)


def test_lines_of_bundles_and_discounts_are_among_them(made: Made) -> None:
    found = made.connection.execute(
        "SELECT count(inner_position), count(bundle_id), count(*) FILTER (is_discount),"
        " count(*) = count(DISTINCT (_company, txn_type, txn_id, line_position, inner_position))"
        " FROM books.sales_lines"
    ).fetchone()
    assert found is not None
    inner, bundles, discounts, unique = found
    assert inner == bundles > 0
    assert discounts > 0
    assert unique


def test_stock_comes_to_the_quantities_that_items_have(made: Made) -> None:
    for company, books in made.books.items():
        held = rows(
            made,
            "SELECT item_id, sum(quantity), sum(value) FROM books.inventory_movements"
            " WHERE _company = ? GROUP BY item_id",
            company,
        )
        quantities = {
            identity: Decimal(item["QtyOnHand"])
            for identity, item in documents(books, "Item").items()
            if item["Type"] == "Inventory"
        }
        assert {row[0]: row[1] for row in held} == quantities
        assets = {each.id for each in books.accounts if each.subtype == "Inventory"}
        value = sum(amount for account, _, amount in postings(books) if account in assets)
        assert sum(row[2] for row in held) == value


def test_stock_on_hand_runs_along_the_movements(made: Made) -> None:
    for company in made.books:
        held = rows(
            made,
            "SELECT stock.item_id, stock.quantity, value, quantity_on_hand, value_on_hand"
            " FROM books.inventory_movements AS stock JOIN books.general_ledger AS ledger"
            " USING (_company, posting_id) WHERE _company = ?"
            " ORDER BY ledger.txn_date, ledger.row_number",
            company,
        )
        quantities: dict[str, Decimal] = defaultdict(Decimal)
        values: dict[str, Decimal] = defaultdict(Decimal)
        for item, quantity, value, quantity_on_hand, value_on_hand in held:
            quantities[item] += quantity
            values[item] += value
            assert (quantity_on_hand, value_on_hand) == (quantities[item], values[item])


def test_cash_comes_to_the_balances_of_its_accounts(made: Made) -> None:
    for company, books in made.books.items():
        kinds = {
            each.id
            for each in books.accounts
            if each.kind in ("Bank", "Credit Card") or each.subtype == "UndepositedFunds"
        }
        expected: dict[str, Decimal] = defaultdict(Decimal)
        for account, _, amount in postings(books):
            if account in kinds:
                expected[account] += amount
        held = rows(
            made,
            "SELECT account_id, balance, account_balance FROM books.cash_position"
            " WHERE _company = ? AND next_day IS NULL",
            company,
        )
        assert {account: balance for account, balance, _ in held} == expected
        assert all(balance == own for _, balance, own in held)


def test_what_vendors_got_is_the_sum_of_their_lines(made: Made) -> None:
    for company in made.books:
        (spent,) = rows(
            made,
            "SELECT sum(amount), sum(spent - credited), count(*) FROM books.vendor_spend"
            " WHERE _company = ?",
            company,
        )
        (lines,) = rows(
            made,
            "SELECT sum(home_amount) FROM books.expense_lines"
            " WHERE _company = ? AND vendor_id IS NOT NULL",
            company,
        )
        assert spent[0] == spent[1] == lines[0]
        assert spent[2] > 10
