"""How long all books take, and how much memory: `python -m qb_assets_tests.books_speed`.

The warehouse is made of SQL alone: invoices of three lines and their payments, bills of two and
theirs, over five years, with classes of items, locations of a thousand customers, and vendors. The
ledger report holds just what the documents post; with --cash a second time, on a cash basis.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from qb_assets.books.build import build_models
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS
from qb_assets.reports.ddl import ensure_tables as ensure_reports
from qb_assets.warehouse.linked_txn import ensure_linked_txn
from qb_assets.warehouse.resource import OPENING, SETTINGS
from qb_assets.warehouse.upkeep import ensure_tables

MOST_SECONDS, MOST_BYTES = 20.0, 2 * 1024**3

ROWS = {
    "account": "'Account ' || n AS name, TRUE AS active, 'USD' AS currency_id,"
    " CASE n WHEN 1 THEN 'Accounts Receivable' WHEN 2 THEN 'Accounts Payable' WHEN 3 THEN 'Bank'"
    " WHEN 4 THEN 'Equity' WHEN 5 THEN 'Other Current Asset'"
    " ELSE CASE WHEN n < 30 THEN 'Income' ELSE 'Expense' END END AS account_type,"
    " CASE n WHEN 4 THEN 'RetainedEarnings' WHEN 5 THEN 'UndepositedFunds' END AS account_sub_type",
    "customer": "'Customer ' || n AS display_name",
    "vendor": "'Vendor ' || n AS display_name",
    "item": "'Service' AS type, (6 + n % 20)::VARCHAR AS income_account_id",
    "invoice": "{day} AS txn_date, {day} + 30 AS due_date, 300 AS total_amt, 0 AS balance,"
    " (hash(n) % 1000 + 1)::VARCHAR AS customer_id,"
    " (hash(n) % 1000 % 3 + 1)::VARCHAR AS department_id",
    "invoice_line": "'SalesItemLineDetail' AS detail_type, 100 AS amount,"
    " 1 AS sales_item_line_detail_qty, 100 AS sales_item_line_detail_unit_price,"
    " (hash(n, place) % 200 + 1)::VARCHAR AS sales_item_line_detail_item_id,"
    " (hash(n, place) % 4 + 1)::VARCHAR AS sales_item_line_detail_class_id",
    "payment": "{day} + (hash(n) % 60)::INTEGER AS txn_date, 300 AS total_amt, 0 AS unapplied_amt,"
    " (hash(n) % 1000 + 1)::VARCHAR AS customer_id",
    "payment_line": "300 AS amount",
    "payment_line_linked_txn": "n::VARCHAR AS txn_id, 'Invoice' AS txn_type",
    "bill": "{day} AS txn_date, {day} + 30 AS due_date, 200 AS total_amt, 0 AS balance,"
    " (n % 100 + 1)::VARCHAR AS vendor_id",
    "bill_line": "'AccountBasedExpenseLineDetail' AS detail_type, 100 AS amount,"
    " (30 + n % 30)::VARCHAR AS account_based_expense_line_detail_account_id",
    "bill_payment": "{day} + 20 AS txn_date, 200 AS total_amt, (n % 100 + 1)::VARCHAR AS vendor_id,"
    " 'Check' AS pay_type, '3' AS check_payment_bank_account_id",
    "bill_payment_line": "200 AS amount",
    "bill_payment_line_linked_txn": "n::VARCHAR AS txn_id, 'Bill' AS txn_type",
}
"""The columns of each table's rows, by the number n of the record and the place of the row."""

PLACES = {"invoice_line": 3, "bill_line": 2}
"""How many rows a record has, where it is not one."""

DAY = "(DATE '2021-01-01' + (n * 1800 // {count})::INTEGER)"

LEDGER = """
    INSERT INTO reports.general_ledger BY NAME
    SELECT
        _company, date_trunc('month', txn_date)::DATE AS month, $1 AS accounting_method,
        row_number() OVER (ORDER BY account_id) AS row_number, 'posting' AS row_kind, account_id,
        txn_date, CASE txn_type WHEN 'BillPayment' THEN 'Bill Payment (Check)' ELSE txn_type END
            AS txn_type,
        txn_id, customer_id, vendor_id, item_id, class_id, department_id, quantity,
        CASE WHEN amount > 0 THEN amount END AS debit,
        CASE WHEN amount < 0 THEN -amount END AS credit,
        'first' AS _snapshot, TIMESTAMPTZ '2026-01-01' AS _fetched_at
    FROM books.posting
"""


def fill(connection: duckdb.DuckDBPyConnection, postings: int) -> None:
    """Makes the tables of a company whose documents post about so much."""
    sales, purchases = postings * 4 // 5 // 6, postings // 5 // 5
    lists = {"account": 60, "customer": 1000, "vendor": 100, "item": 200}
    for entity in ENTITIES.values():
        ensure_tables(connection, entity)
    ensure_linked_txn(connection, ENTITIES["Payment"])
    ensure_reports(connection, REPORTS.values())
    for table, columns in ROWS.items():
        sold = table.startswith(("invoice", "payment"))
        count = lists.get(table, sales if sold else purchases)
        fill_table(connection, table, columns.format(day=DAY.format(count=count)), count)


def fill_table(connection: duckdb.DuckDBPyConnection, table: str, columns: str, count: int) -> None:
    """Adds rows of as many records to a table."""
    owner, _, child = table.partition("_line")
    keys = "n::VARCHAR AS id"
    if child == "_linked_txn":
        keys = f"n::VARCHAR AS {owner}_id, 0 AS line_position, 0 AS position"
    elif owner != table:
        keys = f"n::VARCHAR AS {owner}_id, place AS position"
    connection.execute(
        f"INSERT INTO quickbooks.{table} BY NAME SELECT {keys}, {columns}, '1' AS _company,"
        " DATE '2026-01-01' AS _updated_on, TIMESTAMPTZ '2026-01-01' AS _extracted_at,"
        " FALSE AS _deleted, 'live' AS _state"
        f" FROM range(1, {count + 1}) AS records (n)"
        f" CROSS JOIN range({PLACES.get(table, 1)}) AS places (place)"
    )


def main() -> int:
    """Prints what was measured; gives 1 where it is more than it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=1_000_000)
    parser.add_argument("--cash", action="store_true", help="the ledger on a cash basis, too")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="qb-assets-") as folder:
        path = str(Path(folder, "warehouse.duckdb"))
        with duckdb.connect(path, config=dict(SETTINGS)) as connection:
            fill(connection, options.postings)
            build_models(connection, ["posting"])
            for method in ("Accrual", "Cash") if options.cash else ("Accrual",):
                connection.execute(LEDGER, [method])
        with duckdb.connect(path, config=dict(SETTINGS)) as connection:
            connection.execute(OPENING)
            began, started = time.perf_counter(), time.process_time()
            built = build_models(connection)
            seconds, elapsed = time.process_time() - started, time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for name, rows in built.rows.items():
        sys.stdout.write(f"{name:24}{rows:>12,}\n")
    figures = f"{seconds:.1f} CPU s, {elapsed:.1f} s, {memory / 1024**2:,.0f} MB at most\n"
    sys.stdout.write(figures)
    return int(seconds > MOST_SECONDS or memory > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
