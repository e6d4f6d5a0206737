"""A warehouse as a generated company's loads would leave it, made in memory.

The records come through the pipeline's own flattening; the ledger report's rows come from the
generated ledger, which was there before the documents.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS
from qb_assets.reports.ddl import ensure_tables as ensure_reports
from qb_assets.sandbox.generate import Entry, GeneratedBooks
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.warehouse.records import FETCHED, insert_all, load_records

TODAY = date(2026, 6, 1)

REPORT_NAMES = {
    "BillPayment": "Bill Payment (Check)",
    "CreditCardPayment": "Credit Card Payment",
    "CreditMemo": "Credit Memo",
    "InventoryAdjustment": "Inventory Qty Adjust",
    "JournalEntry": "Journal Entry",
    "Purchase": "Expense",
    "RefundReceipt": "Refund",
    "SalesReceipt": "Sales Receipt",
    "VendorCredit": "Vendor Credit",
}
NOT_CASH = {"Invoice", "CreditMemo", "Bill", "VendorCredit", "Payment", "BillPayment"}

USED = {relation.name for model in models().values() for relation in model.inputs}
"""Tables that the books read."""

Row = dict[str, Any]


def warehouse_of(*generated: GeneratedBooks) -> duckdb.DuckDBPyConnection:
    """Companies' records and ledger reports in one warehouse."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    make_report(connection)
    entities = [entity for entity in ENTITIES.values() if entity.table in USED]
    for entity in entities:
        ensure_tables(connection, entity)
        records = [
            (books.company.realm_id, record)
            for books in generated
            for record in books.company.records.get(entity.name, ())
        ]
        if records:
            load_records(connection, entity, records)
    ensure_linked_txn(connection, ENTITIES["Payment"])
    for books in generated:
        insert_all(connection, "reports.general_ledger", list(report_rows(books)))
    return connection


def make_report(connection: duckdb.DuckDBPyConnection) -> None:
    """The ledger report's table, without rows."""
    ensure_reports(connection, [REPORTS["GeneralLedger"]])


def report_rows(books: GeneratedBooks) -> Iterator[Row]:
    """The ledger as the report tells it: by account, each with a row that sums it up.

    On a cash basis this is the part of it that is paid at once: how QuickBooks tells the rest is of
    no matter to what is made of the rows.
    """
    names = {account.id: account.full_name for account in books.accounts}
    for method in ("Accrual", "Cash"):
        entries = [each for each in books.entries if method == "Accrual" or _at_once(each)]
        legs = [(leg.account_id, entry, leg) for entry in entries for leg in entry.postings]
        legs.sort(key=lambda leg: leg[0])
        for number, (account, entry, posting) in enumerate(legs):
            person = posting.name_ref
            yield {
                "_company": books.company.realm_id,
                "month": entry.date.replace(day=1),
                "accounting_method": method,
                "row_number": number,
                "row_kind": "posting",
                "_snapshot": "first",
                "_fetched_at": FETCHED,
                "account_id": account,
                "account_name": names[account],
                "txn_date": entry.date,
                "txn_type": REPORT_NAMES.get(entry.doc_entity or "", entry.doc_entity)
                or entry.kind,
                "txn_id": entry.doc_id or f"9{entry.number}",
                "customer_id": person.id if person and person.entity == "Customer" else None,
                "vendor_id": person.id if person and person.entity == "Vendor" else None,
                "item_id": item_of(posting),
                "quantity": quantity_of(posting),
                "debit": max(posting.amount, Decimal(0)) or None,
                "credit": max(-posting.amount, Decimal(0)) or None,
            }


def item_of(posting: Any) -> str | None:
    """The item that a posting is about."""
    item = getattr(posting.line, "item", None)
    return item.id if item else None


def quantity_of(posting: Any) -> Decimal | None:
    """How many of it, with the posting's sign."""
    quantity = getattr(posting.line, "quantity", None)
    if quantity is None:
        return None
    return abs(Decimal(quantity)) / 100 * (-1 if posting.cents < 0 else 1)


def _at_once(entry: Entry) -> bool:
    return entry.doc_entity not in NOT_CASH
