-- What moved each account in each month is the sum of the postings of the ledger of record.
WITH ours AS (
    SELECT
        _company, accounting_method, month, coalesce(account_id, '') AS account_id,
        sum(debit - credit) AS amount
    FROM books.trial_balance
    GROUP BY _company, accounting_method, month, coalesce(account_id, '')
),

theirs AS (
    SELECT
        _company, accounting_method, month, coalesce(account_id, '') AS account_id,
        sum(amount) AS amount
    FROM books.general_ledger
    GROUP BY _company, accounting_method, month, coalesce(account_id, '')
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'account ' || coalesce(ours.account_id, theirs.account_id) || ', '
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
