-- {title} of every month and account is that of the {report} report, and so is the net income.
WITH fetched AS (
    SELECT
        snapshot._company, snapshot.month, snapshot.accounting_method, snapshot.rows,
        coalesce(months.first_day, snapshot.month) AS first_day
    FROM reports.snapshot AS snapshot
    LEFT JOIN books.ledger_window AS months
        ON months._company = snapshot._company AND months.month = snapshot.month
    WHERE snapshot.report = '{table}' AND snapshot.current
),

figures AS (
{figures}
),

ours AS (
    SELECT
        figures._company, figures.accounting_method, fetched.month, figures.place,
        sum(figures.amount) AS amount
    FROM figures
    JOIN fetched
        ON
            fetched._company = figures._company
            AND fetched.accounting_method = figures.accounting_method
            AND {when}
    GROUP BY figures._company, figures.accounting_method, fetched.month, figures.place
),

theirs AS (
    SELECT
        report._company, report.accounting_method, report.month,
        coalesce(report.row_id, report."group", report.row_name) AS place,
        sum(report.amount) AS amount
    FROM reports.{table} AS report
    JOIN fetched
        ON
            fetched._company = report._company
            AND fetched.month = report.month
            AND fetched.accounting_method = report.accounting_method
    WHERE
        report.amount IS NOT NULL
        AND (
            report.row_kind IN ('data', 'header')
            OR report."group" IN ('NetIncome', 'BeginningCash', 'EndingCash')
        )
    GROUP BY
        report._company, report.accounting_method, report.month,
        coalesce(report.row_id, report."group", report.row_name)
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    CASE
        WHEN coalesce(ours.place, theirs.place) IN ('NetIncome', 'BeginningCash', 'EndingCash')
            THEN coalesce(ours.place, theirs.place)
        ELSE 'account ' || coalesce(ours.place, theirs.place)
    END || ', ' || coalesce(ours.accounting_method, theirs.accounting_method) AS subject,
    coalesce(ours.place, theirs.place) AS account_id,
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
        AND theirs.place = ours.place
