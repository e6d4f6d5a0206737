"""What a finished load holds, in the same figures as the truth, and how the two compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import duckdb

from qb_assets_tests.bench.company import Figures
from qb_assets_tests.bench.site import NOTE

OURS: Mapping[str, str] = {
    "invoices": "SELECT count(*) FROM quickbooks.invoice",
    "lines": "SELECT count(*) FROM quickbooks.invoice_line",
    "customers": "SELECT count(*) FROM quickbooks.customer",
    "payments": "SELECT count(*) FROM quickbooks.payment",
    "invoiced": "SELECT sum(total_amt) FROM quickbooks.invoice",
    "on_lines": "SELECT sum(amount) FROM quickbooks.invoice_line",
    "paid": "SELECT sum(total_amt) FROM quickbooks.payment",
}
NAIVE: Mapping[str, str] = {
    "invoices": "SELECT count(*) FROM invoice",
    "lines": "SELECT count(*) FROM invoice_line",
    "customers": "SELECT count(*) FROM customer",
    "payments": "SELECT count(*) FROM payment",
    "invoiced": 'SELECT sum("TotalAmt") FROM invoice',
    "on_lines": 'SELECT sum("Amount") FROM invoice_line',
    "paid": 'SELECT sum("TotalAmt") FROM payment',
}
_DLT_TOTAL = "sum(coalesce(*COLUMNS('^total_amt(__v_.*)?$'))::DOUBLE)"
_DLT_AMOUNT = "sum(coalesce(*COLUMNS('^amount(__v_.*)?$'))::DOUBLE)"
# dlt takes the type of a column from the first value; values of another type are in a column beside
# it (`total_amt__v_double`). Who sums `total_amt` alone misses these; here they are added.
DLT: Mapping[str, str] = {
    "invoices": "SELECT count(*) FROM quickbooks.invoice",
    "lines": "SELECT count(*) FROM quickbooks.invoice__line",
    "customers": "SELECT count(*) FROM quickbooks.customer",
    "payments": "SELECT count(*) FROM quickbooks.payment",
    "invoiced": f"SELECT {_DLT_TOTAL} FROM quickbooks.invoice",
    "on_lines": f"SELECT {_DLT_AMOUNT} FROM quickbooks.invoice__line",
    "paid": f"SELECT {_DLT_TOTAL} FROM quickbooks.payment",
}


def figures(database: Path, statements: Mapping[str, str]) -> Figures:
    """The figures that statements find in a DuckDB file; a float becomes the decimal it prints."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {name: _one(connection, text) for name, text in statements.items()}
    counts = {name: int(found[name]) for name in ("invoices", "lines", "customers", "payments")}
    return Figures(
        **counts, invoiced=found["invoiced"], on_lines=found["on_lines"], paid=found["paid"]
    )


def differences(truth: Figures, found: Figures) -> dict[str, Decimal]:
    """What was found less what is true, figure by figure; only those that differ."""
    each = {
        one.name: Decimal(getattr(found, one.name)) - Decimal(getattr(truth, one.name))
        for one in fields(Figures)
    }
    return {name: less for name, less in each.items() if less}


def noted(database: Path) -> int:
    """How many records of ours have the note of what was changed."""
    columns = {"invoice": "private_note", "customer": "notes", "payment": "private_note"}
    counts = [
        f"SELECT count(*) FROM quickbooks.{table} WHERE {name} = '{NOTE}'"
        for table, name in columns.items()
    ]
    with duckdb.connect(str(database), read_only=True) as connection:
        return sum(int(_one(connection, statement)) for statement in counts)


def _one(connection: duckdb.DuckDBPyConnection, statement: str) -> Decimal:
    row = connection.execute(statement).fetchone()
    return Decimal(str(row[0])) if row else Decimal(0)
