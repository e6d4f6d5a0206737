"""The ledger of a generated company balances, and its documents say the same."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from qb_assets.sandbox.generate import GeneratedBooks, generate_books
from qb_assets_tests.sandbox.generated_postings import Doc, PostingRules, decimal, read

TODAY = date(2026, 6, 1)
UNDOCUMENTED = {"Inventory Starting Value", "Payroll Check", "Sales Tax Payment"}
NOT_POSTING = {"Estimate", "PurchaseOrder", "TimeActivity", "ReimburseCharge"}
Records = dict[str, dict[str, Doc]]


@pytest.fixture(scope="module", params=[(1, 400, 365), (20, 150, 90), (3, 2, 1)])
def books(request: pytest.FixtureRequest) -> GeneratedBooks:
    seed, invoices, days = request.param
    return generate_books(seed, invoices, TODAY, days)


@pytest.fixture(scope="module")
def records(books: GeneratedBooks) -> Records:
    return read(books.company)


def test_every_entry_balances(books: GeneratedBooks) -> None:
    assert len(books.entries) > 20
    assert [entry.number for entry in books.entries] == list(range(1, len(books.entries) + 1))
    for entry in books.entries:
        assert sum(posting.amount for posting in entry.postings) == 0, entry
    assert sum(books.balances.values()) == 0


def test_account_balances_are_the_sum_of_the_postings(books: GeneratedBooks) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in books.entries:
        for posting in entry.postings:
            sums[posting.account_id] += posting.amount
    assert dict(sums) == books.balances
    assert set(sums) <= {account.id for account in books.accounts}


def test_each_document_has_one_entry_and_each_entry_its_document(
    books: GeneratedBooks, records: Records
) -> None:
    entries = Counter((entry.doc_entity, entry.doc_id) for entry in books.entries if entry.doc_id)
    assert set(entries.values()) == {1}
    assert {entry.kind for entry in books.entries if not entry.doc_id} <= UNDOCUMENTED
    documents = {
        (entity, doc_id)
        for entity, rows in records.items()
        if entity not in NOT_POSTING
        for doc_id, row in rows.items()
        if "TxnDate" in row
    }
    assert set(entries) == documents
    for entry in books.entries:
        if entry.doc_entity and entry.doc_id:
            doc = records[entry.doc_entity][entry.doc_id]
            assert doc["TxnDate"] == entry.date.isoformat()


def test_posting_rules_applied_to_the_documents_give_the_entries(
    books: GeneratedBooks, records: Records
) -> None:
    rules = PostingRules(records)
    for entry in books.entries:
        if entry.doc_entity in (None, "InventoryAdjustment"):
            continue
        assert entry.doc_id
        sale = entry.doc_entity in ("Invoice", "SalesReceipt")
        expected: dict[str, Decimal] = defaultdict(Decimal)
        for posting in entry.postings:
            # The cost of what is sold is in no document: QuickBooks posts it by itself.
            if not (sale and posting.role in ("cost", "stock")):
                expected[posting.account_id] += posting.amount
        said = rules.legs(entry.doc_entity, records[entry.doc_entity][entry.doc_id])
        assert said == {key: amount for key, amount in expected.items() if amount}, entry


def test_accounts_carry_the_ledgers_balances(books: GeneratedBooks, records: Records) -> None:
    rows = records["Account"]
    whole: dict[str, Decimal] = defaultdict(Decimal)
    for account_id, row in rows.items():
        kept = row["Classification"] in ("Asset", "Liability", "Equity")
        expected = books.balances.get(account_id, Decimal()) if kept else Decimal()
        assert decimal(row["CurrentBalance"]) == expected, row["Name"]
        above: Doc | None = row
        while above is not None:
            whole[above["Id"]] += expected
            above = rows[above["ParentRef"]["value"]] if above["SubAccount"] else None
    for account_id, row in rows.items():
        assert decimal(row["CurrentBalanceWithSubAccounts"]) == whole[account_id]


def test_quantities_on_hand_are_what_came_less_what_went(
    books: GeneratedBooks, records: Records
) -> None:
    on_hand: dict[str, Decimal] = defaultdict(Decimal)
    for entry in books.entries:
        for posting in entry.postings:
            quantity = getattr(posting.line, "quantity", 0)
            item = getattr(posting.line, "item", None)
            if posting.role == "stock" and item:
                sign = 1 if posting.cents > 0 else -1
                on_hand[item.id] += sign * abs(Decimal(quantity)) / 100
    tracked = {key: row for key, row in records["Item"].items() if row["Type"] == "Inventory"}
    assert set(on_hand) == set(tracked)
    for item_id, row in tracked.items():
        assert decimal(row["QtyOnHand"]) == on_hand[item_id]
        assert on_hand[item_id] >= 0
