-- The months that the ledger of record was fetched of, and the days that each of them holds.
--
-- The first one holds everything before, too, unless its accounts begin with a balance.
--
-- Grain: one row a company and month of the GeneralLedger report on the accrual basis.
--
-- Columns:
--   _company VARCHAR <- reports.snapshot._company: The realm Id.
--   month DATE <- reports.snapshot.month: The first day of the month.
--   is_first BOOLEAN: Whether it is the first month of the company.
--   first_day DATE: The first day that it holds; 0001-01-01 where it holds everything before.
--   last_day DATE: The last day of the month.
--   seen_at TIMESTAMP WITH TIME ZONE <- reports.snapshot.seen_at: When it was last fetched.

WITH months AS (
    SELECT
        _company, month, max(seen_at) AS seen_at,
        month = min(month) OVER (PARTITION BY _company) AS is_first
    FROM reports.snapshot
    WHERE report = 'general_ledger' AND accounting_method = 'Accrual' AND current
    GROUP BY _company, month
)

SELECT
    months._company,
    months.month,
    months.is_first,
    CASE
        WHEN
            months.is_first AND NOT EXISTS (
                SELECT 1 FROM reports.general_ledger AS report
                WHERE
                    report._company = months._company
                    AND report.month = months.month
                    AND report.accounting_method = 'Accrual'
                    AND report.row_kind = 'beginning_balance'
                    AND report.balance <> 0
            )
            THEN DATE '0001-01-01'
        ELSE months.month
    END AS first_day,
    CAST(months.month + INTERVAL '1 month' - INTERVAL '1 day' AS DATE) AS last_day,
    months.seen_at
FROM months
