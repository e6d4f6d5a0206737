"""Which balances differ from those that QuickBooks says, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from qb_assets.books.inputs import standing_in
from qb_assets.books.model import SCHEMA, Model, parse
from qb_assets.books.posting.model import parts_of_posting
from qb_assets.warehouse.upkeep import transaction

_FOLDER = Path(__file__).parent

NOT_EXPOSED, TIMING, UNEXPLAINED = "not_exposed", "timing", "unexplained"
"""Why balances differ: no entity carries it; it is newer than what is loaded; nothing tells."""

_CAUSES = {
    "stock": (NOT_EXPOSED, "What the stock of items started at is in no entity."),
    "tax": (
        NOT_EXPOSED,
        "Payments of sales tax are in no entity; where no tax rates are loaded, nothing tells which"
        " agency a tax is owed to, either.",
    ),
    "payroll": (NOT_EXPOSED, "Payroll is in no entity."),
    "money": (NOT_EXPOSED, "Payroll and payments of sales tax are in no entity."),
    "later": (
        TIMING,
        "QuickBooks changed the account on {changed_on}; the newest of its postings is of"
        " {last_date}.",
    ),
    "unexplained": (UNEXPLAINED, "Nothing that is known of QuickBooks' entities explains it."),
}


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """A document whose balance is not its total less what payments have settled of it."""

    company: str
    txn_type: str
    txn_id: str
    derived: Decimal
    """In the document's currency."""
    recorded: Decimal


@dataclass(frozen=True, slots=True)
class AccountDifference:
    """An account whose balance is not the sum of its derived postings."""

    company: str
    account_id: str
    derived: Decimal
    """In the account's currency, a debit positive."""
    recorded: Decimal
    reason: str
    """not_exposed, timing or unexplained."""
    detail: str

    @property
    def difference(self) -> Decimal:
        """What the derived postings have more than QuickBooks."""
        return self.derived - self.recorded


def document_differences(connection: duckdb.DuckDBPyConnection) -> list[DocumentDifference]:
    """The invoices, bills and credits of all companies whose balance their links do not explain.

    Raises WarehouseError where a table of an entity does not fit the catalog.
    """
    return [DocumentDifference(*row) for row in _differing(connection, "document_balance")]


def account_differences(connection: duckdb.DuckDBPyConnection) -> list[AccountDifference]:
    """The accounts of all companies whose balance is not the sum of `books.posting`, with why.

    Raises WarehouseError where a table of an entity does not fit the catalog, and duckdb's
    CatalogException where the postings were never made.
    """
    return [_explained(*row) for row in _differing(connection, "account_balance")]


@cache
def balance_model(name: str) -> Model:
    """`document_balance` or `account_balance`: its columns and its statement."""
    parsed = parse(name, (_FOLDER / f"{name}.sql").read_text())
    return replace(parsed, select=parsed.select.format(**parts_of_posting()))


def _differing(connection: duckdb.DuckDBPyConnection, name: str) -> Sequence[tuple[Any, ...]]:
    model = balance_model(name)
    read = [relation for relation in model.inputs if relation.schema != SCHEMA]
    with transaction(connection), standing_in(connection, read):
        rows = connection.sql(model.select).filter("derived <> recorded")
        return rows.order("ALL").fetchall()


def _explained(
    company: str,
    account_id: str,
    derived: Decimal,
    recorded: Decimal,
    cause: str,
    changed_on: date | None,
    last_date: date | None,
) -> AccountDifference:
    reason, text = _CAUSES[cause]
    detail = text.format(changed_on=changed_on, last_date=last_date or "no day")
    return AccountDifference(company, account_id, derived, recorded, reason, detail)
