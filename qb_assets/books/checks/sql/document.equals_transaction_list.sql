-- Every document is in the TransactionList report of its month on its day; those that were changed
-- after the report was fetched are not looked at.
WITH fetched AS (
    SELECT months._company, months.first_day, months.last_day, snapshot.seen_at
    FROM books.ledger_window AS months
    JOIN reports.snapshot AS snapshot
        ON
            snapshot._company = months._company
            AND snapshot.month = months.month
            AND snapshot.report = 'transaction_list'
            AND snapshot.current
),

listed AS (
    SELECT
        report._company, coalesce(types.txn_type, report.txn_type) AS txn_type, report.txn_id,
        report.txn_date
    FROM reports.transaction_list AS report
    LEFT JOIN books.transaction_type AS types ON types.report_txn_type = report.txn_type
    WHERE report.row_kind = 'posting'
    GROUP BY
        report._company, coalesce(types.txn_type, report.txn_type), report.txn_id,
        report.txn_date
)

SELECT
    document._company,
    document.txn_type || ':' || document.txn_id AS subject,
    NULL AS account_id,
    document.txn_date AS as_of,
    1 AS ours,
    CASE WHEN listed.txn_id IS NULL THEN 0 ELSE 1 END AS theirs,
    document.txn_type || ':' || document.txn_id AS txn_ids
FROM books.document AS document
JOIN fetched
    ON
        fetched._company = document._company
        AND document.txn_date BETWEEN fetched.first_day AND fetched.last_day
LEFT JOIN listed
    ON
        listed._company = document._company
        AND listed.txn_type = document.txn_type
        AND listed.txn_id = document.txn_id
        AND listed.txn_date = document.txn_date
WHERE document.changed_at <= fetched.seen_at
