"""Balances that QuickBooks adds up by itself, worked out again from documents and postings."""

from qb_assets.books.balances.compare import (
    AccountDifference,
    DocumentDifference,
    account_differences,
    document_differences,
)

__all__ = [
    "AccountDifference",
    "DocumentDifference",
    "account_differences",
    "document_differences",
]
