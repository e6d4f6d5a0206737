-- The money in each bank account, received and owed on cards is the balance of the account in the
-- BalanceSheet report of every month.
WITH fetched AS (
    SELECT _company, month
    FROM reports.snapshot
    WHERE report = 'balance_sheet' AND accounting_method = 'Accrual' AND current
),

accounts AS (
    SELECT _company, account_id, sign
    FROM books.chart_of_accounts
    WHERE cash_flow_section = 'cash' OR account_type = 'Credit Card'
),

ours AS (
    SELECT fetched._company, fetched.month, held.account_id, sum(held.balance) AS amount
    FROM fetched
    JOIN books.cash_position AS held
        ON
            held._company = fetched._company
            AND held.day <= last_day(fetched.month)
            AND coalesce(held.next_day, DATE '9999-12-31') > last_day(fetched.month)
    GROUP BY fetched._company, fetched.month, held.account_id
),

theirs AS (
    SELECT
        report._company, report.month, report.row_id AS account_id,
        sum(accounts.sign * report.amount) AS amount
    FROM reports.balance_sheet AS report
    JOIN accounts
        ON accounts._company = report._company AND accounts.account_id = report.row_id
    WHERE
        report.row_kind IN ('data', 'header')
        AND report.accounting_method = 'Accrual'
        AND report.amount IS NOT NULL
    GROUP BY report._company, report.month, report.row_id
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'account ' || coalesce(ours.account_id, theirs.account_id) AS subject,
    coalesce(ours.account_id, theirs.account_id) AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.month = ours.month
        AND theirs.account_id = ours.account_id
