"""What is open, and balances, beside QuickBooks' reports and its own totals."""

from __future__ import annotations

from collections.abc import Iterator

from qb_assets_tests.ties.comparison import Comparison

_BUCKETS = (
    "CASE column_key WHEN '0' THEN '1-30' WHEN '1' THEN '31-60' WHEN '2' THEN '61-90'"
    " WHEN '3' THEN '91 and over' ELSE column_key END"
)
_ROWS = "row_kind IN ('data', 'header') AND (row_id IS NOT NULL OR row_kind = 'data')"
_SIDES = (
    ("ar", "aged_receivables", "aged_receivable_detail", "customer", "customer_balance"),
    ("ap", "aged_payables", "aged_payable_detail", "vendor", "vendor_balance"),
)


def _side(side: str, report: str, detail: str, person: str, balance: str) -> Iterator[Comparison]:
    """Each person's and each document's open amounts at the end of each month."""
    ours = (
        f"SELECT held.*, coalesce({person}_id, '') AS person, span.fetched AS month,"
        " open_balance AS amount"
        f" FROM books.{side}_aging AS held JOIN ties.span AS span"
        " ON span._company = held._company AND last_day(span.month) = held.as_of AND span.is_last"
    )
    theirs = "SELECT *, coalesce(row_id, '') AS person"
    yield Comparison(
        report,
        ("month", "person", "bucket"),
        f"{ours} UNION ALL SELECT * REPLACE ('total' AS bucket) FROM ({ours})",
        f"{theirs}, {_BUCKETS} AS bucket FROM reports.{report} WHERE {_ROWS}",
    )
    yield Comparison(
        detail,
        ("month", "person", "txn_type", "txn_id", "due_date", "days_past_due"),
        ours,
        f"SELECT held.* REPLACE (open_balance AS amount), coalesce({person}_id, '') AS person,"
        " past_due AS days_past_due FROM (SELECT * REPLACE (coalesce("
        " (SELECT max(txn_type) FROM books.transaction_type AS types"
        "  WHERE types.report_txn_type = told.txn_type), txn_type) AS txn_type)"
        f" FROM reports.{detail} AS told WHERE row_kind = 'posting') AS held",
    )
    yield Comparison(
        balance,
        ("month", "person"),
        ours,
        f"{theirs} FROM reports.{balance} WHERE {_ROWS}",
    )
    yield Comparison(
        f"{person}.balance",
        ("person",),
        f"SELECT _company, {person}_id AS person, open_amount AS amount FROM books.open_item"
        f" WHERE last_day > DATE '9999-01-01' AND {person}_id IS NOT NULL",
        f"SELECT _company, id AS person, balance AS amount FROM quickbooks.{person}",
    )


OPEN = tuple(each for side in _SIDES for each in _side(*side))

INVENTORY = Comparison(
    "inventory",
    ("month", "item_id", "figure"),
    "WITH moved AS (SELECT held._company, span.fetched AS month, item_id, quantity, value"
    " FROM books.inventory_movements AS held JOIN ties.span AS span ON"
    " span._company = held._company AND span.is_last AND held.txn_date <= last_day(span.month))"
    " SELECT *, 'quantity' AS figure, quantity AS amount FROM moved"
    " UNION ALL SELECT *, 'asset_value', value FROM moved",
    "SELECT *, row_id AS item_id, column_key AS figure FROM reports.inventory_valuation_summary"
    f" WHERE {_ROWS} AND column_key IN ('quantity', 'asset_value')",
)

ACCOUNTS = Comparison(
    "account.current_balance",
    ("account_id",),
    "SELECT held._company, held.account_id,"
    " CASE WHEN chart.currency = company.home_currency THEN balance"
    " WHEN held.currency = chart.currency THEN foreign_balance END AS amount"
    " FROM books.trial_balance AS held"
    " JOIN books.company AS company ON company._company = held._company"
    " JOIN books.chart_of_accounts AS chart ON chart._company = held._company"
    " AND chart.account_id = held.account_id"
    " WHERE held.accounting_method = 'Accrual' AND chart.statement = 'balance_sheet'"
    " AND NOT chart.is_retained_earnings AND held.month ="
    " (SELECT max(month) FROM books.fiscal_month AS ends WHERE ends._company = held._company)",
    "SELECT _company, account_id, current_balance AS amount FROM books.chart_of_accounts"
    " WHERE statement = 'balance_sheet' AND NOT is_retained_earnings",
)

DOCUMENTS = Comparison(
    "document.balance",
    ("txn_type", "txn_id"),
    "SELECT *, computed_balance AS amount FROM books.open_documents WHERE balance IS NOT NULL",
    "SELECT *, balance AS amount FROM books.document"
    " WHERE balance IS NOT NULL AND txn_type IN"
    " ('Invoice', 'CreditMemo', 'Payment', 'Bill', 'VendorCredit')",
)

BALANCES = (*OPEN, INVENTORY, ACCOUNTS, DOCUMENTS)
