-- Every transaction of the ledger of record is in the TransactionList report of its month, and
-- posts what the list says.
WITH fetched AS (
    SELECT months._company, months.month, months.first_day, months.last_day
    FROM books.ledger_window AS months
    SEMI JOIN (
        SELECT _company, month FROM reports.snapshot WHERE report = 'transaction_list' AND current
    ) AS snapshot ON snapshot._company = months._company AND snapshot.month = months.month
),

ledger AS (
    SELECT
        posting._company, posting.report_txn_type AS txn_type, posting.txn_type AS entity,
        posting.txn_id, posting.txn_date, posting.account_id, posting.amount * chart.sign AS amount
    FROM books.general_ledger AS posting
    JOIN fetched
        ON
            fetched._company = posting._company
            AND posting.txn_date BETWEEN fetched.first_day AND fetched.last_day
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = posting._company AND chart.account_id = posting.account_id
    WHERE posting.accounting_method = 'Accrual' AND posting.txn_id IS NOT NULL
),

-- Without what posts nothing, such as estimates.
listed AS (
    SELECT
        report._company, report.txn_type, report.txn_id, report.txn_date, report.account_id,
        report.amount
    FROM reports.transaction_list AS report
    SEMI JOIN ledger
        ON
            ledger._company = report._company
            AND ledger.txn_type = report.txn_type
            AND ledger.txn_id = report.txn_id
    WHERE report.row_kind = 'posting' AND report.account_id IS NOT NULL
)

SELECT
    ledger._company,
    ledger.entity || ':' || ledger.txn_id AS subject,
    NULL AS account_id,
    ledger.txn_date AS as_of,
    count(DISTINCT ledger.txn_id) AS ours,
    count(DISTINCT listed.txn_id) AS theirs,
    ledger.entity || ':' || ledger.txn_id AS txn_ids
FROM ledger
LEFT JOIN listed
    ON
        listed._company = ledger._company
        AND listed.txn_type = ledger.txn_type
        AND listed.txn_id = ledger.txn_id
        AND listed.txn_date = ledger.txn_date
GROUP BY ledger._company, ledger.entity, ledger.txn_id, ledger.txn_date
UNION ALL
-- The list has one posting of a transaction, or the sum of those to the account.
SELECT
    listed._company,
    coalesce(max(ledger.entity), listed.txn_type) || ':' || listed.txn_id
        || ', account ' || listed.account_id,
    NULL,
    listed.txn_date,
    CASE
        WHEN bool_or(ledger.amount = listed.amount) THEN listed.amount
        ELSE coalesce(sum(ledger.amount), 0)
    END,
    coalesce(listed.amount, 0),
    coalesce(max(ledger.entity), listed.txn_type) || ':' || listed.txn_id
FROM listed
LEFT JOIN ledger
    ON
        ledger._company = listed._company
        AND ledger.txn_type = listed.txn_type
        AND ledger.txn_id = listed.txn_id
        AND ledger.txn_date = listed.txn_date
        AND ledger.account_id = listed.account_id
GROUP BY
    listed._company, listed.txn_type, listed.txn_id, listed.txn_date, listed.account_id,
    listed.amount
