"""The ledger of record beside the one the documents were made from, and beside the derived one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import duckdb

from qb_assets.sandbox.generate.model import HOME
from qb_assets_tests.ties.comparison import Comparison
from qb_assets_tests.ties.made import Company
from qb_assets_tests.warehouse.records import insert_all

ENTRY = """
CREATE OR REPLACE TABLE ties.entry (
    _company VARCHAR, txn_type VARCHAR, txn_id VARCHAR, txn_date DATE, account_id VARCHAR,
    amount DECIMAL(38, 10), foreign_amount DECIMAL(38, 10)
)
"""
"""The postings as they were made, before their documents; no type where no entity carries them."""

_KEYS = ("txn_type", "txn_id", "txn_date", "account_id")
_RECORDED = "FROM books.general_ledger WHERE accounting_method = 'Accrual'"


def keep_entries(connection: duckdb.DuckDBPyConnection, companies: Sequence[Company]) -> None:
    """Puts companies' own ledgers beside what is known of them."""
    connection.execute(ENTRY)
    rows = [
        {
            "_company": company.realm,
            "txn_type": entry.doc_entity,
            "txn_id": entry.doc_id,
            "txn_date": entry.date,
            "account_id": posting.account_id,
            "amount": posting.amount,
            "foreign_amount": Decimal(
                posting.cents if entry.currency == HOME else posting.foreign or 0
            ).scaleb(-2),
        }
        for company in companies
        for entry in company.world.ledger.entries
        for posting in entry.postings
    ]
    insert_all(connection, "ties.entry", rows)


RECORDED = Comparison(
    "general_ledger",
    _KEYS,
    "SELECT * REPLACE (CASE WHEN in_documents THEN txn_type END AS txn_type,"
    f" CASE WHEN in_documents THEN txn_id END AS txn_id) {_RECORDED}",
    "SELECT * FROM ties.entry",
)

FOREIGN = Comparison(
    "general_ledger.foreign",
    _KEYS,
    "SELECT * EXCLUDE (amount), foreign_amount AS amount"
    f" {_RECORDED} AND in_documents AND role IS DISTINCT FROM 'exchange'",
    "SELECT * EXCLUDE (amount), foreign_amount AS amount FROM ties.entry"
    " WHERE txn_type IS NOT NULL",
)

DERIVED = Comparison(
    "posting",
    _KEYS,
    "SELECT * FROM books.posting",
    f"SELECT * {_RECORDED} AND txn_type IN (SELECT txn_type FROM books.document)",
)

JOURNAL = Comparison(
    "journal_report",
    ("report_txn_type", "txn_id", "txn_date", "account_id"),
    f"SELECT * {_RECORDED}",
    "SELECT * REPLACE (coalesce(debit, 0) - coalesce(credit, 0) AS amount),"
    " txn_type AS report_txn_type FROM reports.journal_report WHERE row_kind = 'posting'",
)

CASH = Comparison(
    "cash ledger",
    ("txn_type", "txn_id"),
    "SELECT * FROM books.general_ledger WHERE accounting_method = 'Cash'",
    "SELECT NULL AS _company, NULL AS txn_type, NULL AS txn_id, 0 AS amount WHERE FALSE",
)
"""On a cash basis, too, each transaction balances."""

LEDGERS = (RECORDED, FOREIGN, DERIVED, JOURNAL, CASH)
