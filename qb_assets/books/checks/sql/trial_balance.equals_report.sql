-- The balance of every account at the end of every month is that of the TrialBalance report.
WITH fetched AS (
    SELECT _company, month, accounting_method
    FROM reports.snapshot
    WHERE report = 'trial_balance' AND current
),

ours AS (
    SELECT
        held._company, held.accounting_method, held.month, held.account_id,
        sum(held.balance) AS amount
    FROM books.trial_balance AS held
    SEMI JOIN fetched
        ON
            fetched._company = held._company
            AND fetched.month = held.month
            AND fetched.accounting_method = held.accounting_method
    GROUP BY held._company, held.accounting_method, held.month, held.account_id
),

theirs AS (
    SELECT
        _company, accounting_method, month, coalesce(row_id, row_name) AS account_id,
        sum(CASE WHEN column_key = 'credit' THEN -amount ELSE amount END) AS amount
    FROM reports.trial_balance
    WHERE row_kind IN ('data', 'header') AND amount IS NOT NULL
    GROUP BY _company, accounting_method, month, coalesce(row_id, row_name)
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'account ' || coalesce(ours.account_id, theirs.account_id, '') || ', '
        || coalesce(ours.accounting_method, theirs.accounting_method) AS subject,
    coalesce(ours.account_id, theirs.account_id) AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.accounting_method = ours.accounting_method
        AND theirs.month = ours.month
        AND theirs.account_id = ours.account_id
