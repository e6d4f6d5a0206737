-- The months of each company's books, and the fiscal year that each belongs to.
--
-- From the month of the first posting to the last one that the ledger was fetched for, also where
-- nothing was posted in it yet.
--
-- Grain: one row a company and month.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   month DATE: The first day of the month.
--   month_end DATE: The last day of the month.
--   fiscal_year_start DATE: The first day of the fiscal year.
--   fiscal_year INTEGER: The calendar year in which the fiscal year ends.
--   fiscal_period INTEGER: The month's place in the fiscal year, 1 to 12.

WITH RECURSIVE spans AS (
    SELECT
        _company,
        CAST(
            date_trunc('month', min(CASE WHEN row_kind = 'posting' THEN txn_date END)) AS DATE
        ) AS first_month,
        CAST(
            date_trunc(
                'month',
                greatest(max(CASE WHEN row_kind = 'posting' THEN txn_date END), max(month))
            ) AS DATE
        ) AS last_month
    FROM reports.general_ledger
    GROUP BY _company
    HAVING count(*) FILTER (row_kind = 'posting') > 0
),

months AS (
    SELECT _company, first_month AS month, last_month FROM spans
    UNION ALL
    SELECT _company, CAST(month + INTERVAL '1 month' AS DATE), last_month
    FROM months
    WHERE month < last_month
),

placed AS (
    SELECT
        months._company, months.month,
        CAST((extract(month FROM months.month) - company.fiscal_month + 12) AS INTEGER) % 12
            AS since_start
    FROM months
    JOIN books.company AS company ON company._company = months._company
)

SELECT
    _company,
    month,
    CAST(month + INTERVAL '1 month' - INTERVAL '1 day' AS DATE) AS month_end,
    CAST(month - since_start * INTERVAL '1 month' AS DATE) AS fiscal_year_start,
    CAST(extract(year FROM month + (11 - since_start) * INTERVAL '1 month') AS INTEGER)
        AS fiscal_year,
    since_start + 1 AS fiscal_period
FROM placed
