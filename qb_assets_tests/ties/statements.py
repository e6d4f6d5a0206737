"""Statements of the books beside QuickBooks' reports of each month, account by account.

The first month that is fetched reaches back to the beginning: its report holds what the books tell
of all months until then, see the view `ties.span`.
"""

from __future__ import annotations

from qb_assets_tests.ties.comparison import Comparison

SPAN = """
CREATE OR REPLACE VIEW ties.span AS
WITH first AS (
    SELECT _company, min(month) AS month FROM ties.fetched GROUP BY _company
)
SELECT
    books._company, books.month, greatest(books.month, first.month) AS fetched,
    books.month >= first.month AS is_last,
    row_number() OVER (
        PARTITION BY books._company, greatest(books.month, first.month) ORDER BY books.month
    ) = 1 AS is_first
FROM books.fiscal_month AS books JOIN first ON first._company = books._company
"""
"""In which fetched month each month of the books is told, and whether it begins or ends it."""

CASH_FLOWS = """
CREATE VIEW IF NOT EXISTS ties.cash_flow AS FROM reports.cash_flow
"""
"""The report is on the basis that the company prefers, unless it was asked for on both."""

_BASIS = ("accounting_method", "month")
_ROWS = "row_kind IN ('data', 'header') AND row_id IS NOT NULL"
_SPAN = "JOIN ties.span AS span ON span._company = held._company AND span.month = held.month"

TRIAL_BALANCE = Comparison(
    "trial_balance",
    (*_BASIS, "account_id"),
    f"SELECT held.* EXCLUDE (month), span.fetched AS month, balance AS amount"
    f" FROM books.trial_balance AS held {_SPAN} WHERE span.is_last",
    "SELECT *, row_id AS account_id FROM (SELECT * REPLACE ("
    " CASE column_key WHEN 'debit' THEN amount WHEN 'credit' THEN -amount END AS amount)"
    f" FROM reports.trial_balance WHERE {_ROWS})",
)

PROFIT_AND_LOSS = Comparison(
    "profit_and_loss",
    (*_BASIS, "account_id"),
    "SELECT held._company, accounting_method, span.fetched AS month, account_id, amount"
    f" FROM books.profit_and_loss AS held {_SPAN}"
    " UNION ALL SELECT held._company, accounting_method, span.fetched, 'net income', net_income"
    f" FROM books.profit_and_loss AS held {_SPAN}",
    f"SELECT *, row_id AS account_id FROM reports.profit_and_loss WHERE {_ROWS}"
    " UNION ALL SELECT *, 'net income' FROM reports.profit_and_loss"
    " WHERE row_kind = 'summary' AND \"group\" = 'NetIncome'",
)

_SHEET = (
    "SELECT held.* EXCLUDE (month), span.fetched AS month"
    f" FROM books.balance_sheet AS held {_SPAN} WHERE span.is_last"
)

BALANCE_SHEET = Comparison(
    "balance_sheet",
    (*_BASIS, "account_id"),
    f"SELECT * REPLACE (coalesce(account_id, 'net income') AS account_id) FROM ({_SHEET})"
    " UNION ALL SELECT * REPLACE (CASE classification WHEN 'Asset' THEN 'TotalAssets'"
    f" ELSE 'TotalLiabilitiesAndEquity' END AS account_id) FROM ({_SHEET})",
    f"SELECT *, row_id AS account_id FROM reports.balance_sheet WHERE {_ROWS}"
    " UNION ALL SELECT *, 'net income' FROM reports.balance_sheet"
    " WHERE row_kind = 'data' AND \"group\" = 'NetIncome'"
    ' UNION ALL SELECT *, "group" FROM reports.balance_sheet'
    " WHERE row_kind = 'summary' AND \"group\" IN ('TotalAssets', 'TotalLiabilitiesAndEquity')",
)

CASH_FLOW = Comparison(
    "cash_flow",
    (*_BASIS, "section", "account_id"),
    "SELECT held._company, accounting_method, span.fetched AS month, section,"
    " CASE WHEN section LIKE '%Cash' THEN NULL ELSE account_id END AS account_id, amount"
    f" FROM books.cash_flow AS held {_SPAN}"
    " WHERE CASE section WHEN 'BeginningCash' THEN span.is_first"
    " WHEN 'EndingCash' THEN span.is_last ELSE TRUE END"
    # Of a month without postings the report says nothing.
    " AND (held._company, accounting_method, span.fetched) IN"
    " (SELECT (_company, accounting_method, month) FROM ties.cash_flow)",
    'SELECT *, "group" AS section, row_id AS account_id FROM ties.cash_flow'
    " WHERE row_kind IN ('data', 'header') AND (row_id IS NOT NULL OR \"group\" = 'NetIncome')"
    ' UNION ALL SELECT *, "group", NULL FROM ties.cash_flow'
    " WHERE row_kind = 'summary' AND \"group\" IN ('BeginningCash', 'EndingCash')",
)

STATEMENTS = (TRIAL_BALANCE, PROFIT_AND_LOSS, BALANCE_SHEET, CASH_FLOW)
