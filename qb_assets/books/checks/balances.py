"""The checks of balances that are worked out from documents and links."""

from __future__ import annotations

import duckdb

from qb_assets.books.balances import account_differences, document_differences
from qb_assets.books.balances.compare import UNEXPLAINED
from qb_assets.books.checks.outcome import Mismatch, Outcome


def documents_agree(connection: duckdb.DuckDBPyConnection) -> Outcome:
    """The balance of each invoice, bill and credit, and what its payments leave."""
    return Outcome(
        looked_at=_count(
            connection,
            "SELECT count(*) FROM books.document"
            " WHERE txn_type IN ('Invoice', 'CreditMemo', 'Bill', 'VendorCredit')",
        ),
        mismatches=[
            Mismatch(
                each.company,
                f"{each.txn_type}:{each.txn_id}",
                None,
                each.derived,
                each.recorded,
                f"{each.txn_type}:{each.txn_id}",
            )
            for each in document_differences(connection)
        ],
    )


def accounts_agree(connection: duckdb.DuckDBPyConnection) -> Outcome:
    """The balance of each account of the balance sheet, and the sum of its derived postings.

    What no entity carries, and what is newer than the documents, is no mismatch.
    """
    return Outcome(
        looked_at=_count(
            connection,
            "SELECT count(*) FROM books.chart_of_accounts"
            " WHERE is_listed AND statement = 'balance_sheet'",
        ),
        mismatches=[
            Mismatch(
                each.company,
                f"account {each.account_id}",
                None,
                each.derived,
                each.recorded,
                None,
            )
            for each in account_differences(connection)
            if each.reason == UNEXPLAINED
        ],
    )


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
