-- What each {person} {owes} at the end of every month, by age and in sum, is that of {summary} and
-- {balance}; what is open of each transaction, and when it is due, is that of {detail}.
WITH fetched AS (
    SELECT _company, report, month FROM reports.snapshot WHERE current
),

ours AS (
    SELECT
        aging._company, fetched.month, sides.report,
        CASE sides.report
            WHEN '{detail_table}' THEN aging.txn_type || ':' || aging.txn_id
                || ' due ' || CAST(aging.due_date AS VARCHAR)
            ELSE '{person} ' || coalesce(aging.{person}_id, '')
        END AS subject,
        CASE
            WHEN sides.is_total THEN 'total'
            WHEN aging.bucket_order = 0 THEN 'current'
            ELSE CAST(aging.bucket_order - 1 AS VARCHAR)
        END AS age,
        CASE sides.report
            WHEN '{detail_table}' THEN aging.txn_type || ':' || aging.txn_id
        END AS txn_ids,
        aging.open_balance AS amount
    FROM books.{table} AS aging
    CROSS JOIN (VALUES
        ('{summary_table}', FALSE),
        ('{summary_table}', TRUE),
        ('{balance_table}', TRUE),
        ('{detail_table}', TRUE)
    ) AS sides (report, is_total)
    JOIN fetched
        ON
            fetched._company = aging._company
            AND fetched.report = sides.report
            AND last_day(fetched.month) = aging.as_of
),

theirs AS (
    SELECT
        _company, month, '{summary_table}' AS report,
        '{person} ' || coalesce(row_id, '') AS subject, column_key AS age,
        NULL AS txn_ids, amount
    FROM reports.{summary_table}
    WHERE row_kind IN ('data', 'header') AND amount IS NOT NULL
    UNION ALL
    SELECT
        _company, month, '{balance_table}', '{person} ' || coalesce(row_id, ''), 'total',
        NULL, amount
    FROM reports.{balance_table}
    WHERE row_kind IN ('data', 'header') AND amount IS NOT NULL
    UNION ALL
    SELECT
        report._company, report.month, '{detail_table}',
        coalesce(types.txn_type, report.txn_type) || ':' || report.txn_id
        || ' due ' || CAST(report.due_date AS VARCHAR),
        'total',
        coalesce(types.txn_type, report.txn_type) || ':' || report.txn_id,
        report.open_balance
    FROM reports.{detail_table} AS report
    LEFT JOIN books.transaction_type AS types ON types.report_txn_type = report.txn_type
    WHERE report.row_kind = 'posting'
),

our_sums AS (
    SELECT _company, month, report, subject, age, max(txn_ids) AS txn_ids, sum(amount) AS amount
    FROM ours
    GROUP BY _company, month, report, subject, age
),

their_sums AS (
    SELECT _company, month, report, subject, age, max(txn_ids) AS txn_ids, sum(amount) AS amount
    FROM theirs
    GROUP BY _company, month, report, subject, age
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    coalesce(ours.report, theirs.report) || ', ' || coalesce(ours.subject, theirs.subject)
        || CASE
            WHEN coalesce(ours.age, theirs.age) = 'total' THEN ''
            ELSE ', age ' || coalesce(ours.age, theirs.age)
        END AS subject,
    NULL AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    coalesce(ours.txn_ids, theirs.txn_ids) AS txn_ids
FROM our_sums AS ours
FULL JOIN their_sums AS theirs
    ON
        theirs._company = ours._company
        AND theirs.month = ours.month
        AND theirs.report = ours.report
        AND theirs.subject = ours.subject
        AND theirs.age = ours.age
