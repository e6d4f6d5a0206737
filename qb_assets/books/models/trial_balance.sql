-- The balance of each account at the end of each month, and what moved it.
--
-- Accounts of the balance sheet are carried on for ever. Income and expense begin anew with each
-- fiscal year, when the income of the year that ended becomes part of the opening balance of
-- retained earnings, by class and location, as QuickBooks tells it without a closing entry. The
-- balances of a month add up to 0. Months in which nothing moved and nothing is left are left out.
--
-- Grain: one row a company, accounting method, month, account, class, location, customer and
-- currency.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   accounting_method VARCHAR: Accrual or Cash.
--   month DATE: The first day of the month.
--   month_end DATE: The last day of the month, which the balance is of.
--   account_id VARCHAR: The account.
--   class_id VARCHAR: The class; empty for none.
--   department_id VARCHAR: The location; empty for none.
--   customer_id VARCHAR: The customer; empty for none.
--   currency VARCHAR: The currency of the transactions.
--   opening_balance DECIMAL(38,10): The balance when the month began, home currency.
--   debit DECIMAL(38,10): All debits of the month, home currency.
--   credit DECIMAL(38,10): All credits of the month, home currency.
--   balance DECIMAL(38,10): The balance when the month ended, home currency, debit positive.
--   foreign_amount DECIMAL(38,10): Debits less credits of the month, in that currency.
--   foreign_balance DECIMAL(38,10): The balance when the month ended, in that currency.

WITH movements AS (
    SELECT
        moved.*,
        coalesce(chart.is_retained_earnings, FALSE) AS is_retained_earnings,
        CASE WHEN chart.statement = 'profit_and_loss' THEN months.fiscal_year_start END AS year
    FROM books.ledger_month AS moved
    JOIN books.fiscal_month AS months
        ON months._company = moved._company AND months.month = moved.month
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = moved._company AND chart.account_id = moved.account_id
),

closings AS (
    SELECT
        ended._company, ended.accounting_method, ended.month, retained.account_id, ended.class_id,
        ended.department_id, company.home_currency AS currency, ended.closed
    FROM (
        SELECT
            _company, accounting_method, CAST(year + INTERVAL '1 year' AS DATE) AS month,
            class_id, department_id, sum(amount) AS closed
        FROM movements
        WHERE year IS NOT NULL
        GROUP BY _company, accounting_method, year, class_id, department_id
    ) AS ended
    JOIN books.company AS company ON company._company = ended._company
    LEFT JOIN books.chart_of_accounts AS retained
        ON retained._company = ended._company AND retained.is_retained_earnings
    WHERE ended.closed <> 0
),

-- Only retained earnings can have a closing and movements in one month.
months_moved AS (
    SELECT
        _company, accounting_method, month, account_id, class_id, department_id, customer_id,
        currency, year, debit, credit, foreign_amount, 0 AS closed
    FROM movements
    WHERE NOT is_retained_earnings
    UNION ALL
    SELECT
        _company, accounting_method, month, account_id, class_id, department_id, customer_id,
        currency, NULL, sum(debit), sum(credit), sum(foreign_amount), sum(closed)
    FROM (
        SELECT
            _company, accounting_method, month, account_id, class_id, department_id, customer_id,
            currency, debit, credit, foreign_amount, 0 AS closed
        FROM movements
        WHERE is_retained_earnings
        UNION ALL
        SELECT
            _company, accounting_method, month, account_id, class_id, department_id, NULL,
            currency, 0, 0, 0, closed
        FROM closings
    ) AS retained
    GROUP BY
        _company, accounting_method, month, account_id, class_id, department_id, customer_id,
        currency
),

stretches AS (
    SELECT
        *,
        sum(debit - credit + closed) OVER every_month AS balance,
        sum(foreign_amount + closed) OVER every_month AS foreign_balance,
        lead(month) OVER every_month AS next_month
    FROM months_moved
    WINDOW every_month AS (
        PARTITION BY
            _company, accounting_method, account_id, class_id, department_id, customer_id,
            currency, year
        ORDER BY month
    )
)

SELECT
    stretches._company,
    stretches.accounting_method,
    months.month,
    months.month_end,
    stretches.account_id,
    stretches.class_id,
    stretches.department_id,
    stretches.customer_id,
    stretches.currency,
    CAST(
        CASE WHEN months.month = stretches.month THEN balance - debit + credit ELSE balance END
        AS DECIMAL(38, 10)
    ) AS opening_balance,
    CAST(CASE WHEN months.month = stretches.month THEN debit ELSE 0 END AS DECIMAL(38, 10))
        AS debit,
    CAST(CASE WHEN months.month = stretches.month THEN credit ELSE 0 END AS DECIMAL(38, 10))
        AS credit,
    CAST(stretches.balance AS DECIMAL(38, 10)) AS balance,
    CAST(CASE WHEN months.month = stretches.month THEN foreign_amount ELSE 0 END AS DECIMAL(38, 10))
        AS foreign_amount,
    CAST(stretches.foreign_balance AS DECIMAL(38, 10)) AS foreign_balance
FROM stretches
JOIN books.fiscal_month AS months
    ON
        months._company = stretches._company
        AND months.month >= stretches.month
        AND months.month < coalesce(stretches.next_month, DATE '9999-12-31')
        AND months.fiscal_year_start = coalesce(stretches.year, months.fiscal_year_start)
WHERE
    months.month = stretches.month
    OR stretches.balance <> 0
    OR stretches.foreign_balance <> 0
