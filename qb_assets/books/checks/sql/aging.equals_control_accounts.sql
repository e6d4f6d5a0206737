-- What is open at the end of every month adds up to the balance of each {account_type} account.
WITH ours AS (
    SELECT _company, as_of, account_id, sum(open_balance) AS amount
    FROM books.{table}
    GROUP BY _company, as_of, account_id
),

theirs AS (
    SELECT
        held._company, held.month_end AS as_of, held.account_id,
        sum(chart.sign * held.balance) AS amount
    FROM books.trial_balance AS held
    JOIN books.chart_of_accounts AS chart
        ON
            chart._company = held._company
            AND chart.account_id = held.account_id
            AND chart.account_type = '{account_type}'
    WHERE held.accounting_method = 'Accrual'
    GROUP BY held._company, held.month_end, held.account_id
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'account ' || coalesce(ours.account_id, theirs.account_id) AS subject,
    coalesce(ours.account_id, theirs.account_id) AS account_id,
    coalesce(ours.as_of, theirs.as_of) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.as_of = ours.as_of
        AND theirs.account_id = ours.account_id
