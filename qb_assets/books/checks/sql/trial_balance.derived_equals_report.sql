-- The derived postings, with what is known why they lack, give the TrialBalance report of every
-- month and account on the accrual basis.
WITH fetched AS (
    SELECT months.*
    FROM books.fiscal_month AS months
    SEMI JOIN (
        SELECT _company, month
        FROM reports.snapshot
        WHERE report = 'trial_balance' AND accounting_method = 'Accrual' AND current
    ) AS snapshot ON snapshot._company = months._company AND snapshot.month = months.month
),

moved AS (
    SELECT _company, account_id, txn_date, amount FROM books.posting
    UNION ALL
    SELECT _company, account_id, txn_date, -difference
    FROM books.ledger_difference
    WHERE reason <> 'unexplained'
),

days AS (
    SELECT
        moved._company, moved.account_id, moved.txn_date,
        coalesce(chart.statement, 'balance_sheet') = 'profit_and_loss' AS of_a_year,
        sum(moved.amount) AS amount
    FROM moved
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = moved._company AND chart.account_id = moved.account_id
    GROUP BY moved._company, moved.account_id, moved.txn_date, chart.statement
),

held AS (
    SELECT
        fetched._company, fetched.month,
        CASE
            WHEN days.of_a_year AND days.txn_date < fetched.fiscal_year_start
                THEN retained.account_id
            ELSE days.account_id
        END AS account_id,
        days.amount
    FROM fetched
    JOIN days ON days._company = fetched._company AND days.txn_date <= fetched.month_end
    LEFT JOIN books.chart_of_accounts AS retained
        ON retained._company = fetched._company AND retained.is_retained_earnings
),

ours AS (
    SELECT _company, month, account_id, sum(amount) AS amount
    FROM held
    GROUP BY _company, month, account_id
),

theirs AS (
    SELECT
        _company, month, coalesce(row_id, row_name) AS account_id,
        sum(CASE WHEN column_key = 'credit' THEN -amount ELSE amount END) AS amount
    FROM reports.trial_balance
    WHERE row_kind IN ('data', 'header') AND amount IS NOT NULL AND accounting_method = 'Accrual'
    GROUP BY _company, month, coalesce(row_id, row_name)
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'account ' || coalesce(ours.account_id, theirs.account_id, '') AS subject,
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
