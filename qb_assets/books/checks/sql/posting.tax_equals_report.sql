-- The sales tax of each month, as the documents imply it, is that of the TaxSummary report, by rate
-- and by agency. On the accrual basis alone: documents do not tell
-- when a tax was paid in by a customer.
WITH fetched AS (
    SELECT
        snapshot._company, snapshot.month, coalesce(months.first_day, snapshot.month) AS first_day
    FROM reports.snapshot AS snapshot
    LEFT JOIN books.ledger_window AS months
        ON months._company = snapshot._company AND months.month = snapshot.month
    WHERE
        snapshot.report = 'tax_summary'
        AND snapshot.accounting_method = 'Accrual'
        AND snapshot.current
),

placed AS (
    SELECT
        tax._company, fetched.month, tax.tax_rate_id, rate.agency_id, -tax.amount AS amount
    FROM books.posting AS tax
    JOIN fetched
        ON
            fetched._company = tax._company
            AND tax.txn_date BETWEEN fetched.first_day AND last_day(fetched.month)
    LEFT JOIN quickbooks.tax_rate AS rate
        ON rate._company = tax._company AND rate.id = tax.tax_rate_id
    WHERE tax.role = 'tax' AND tax.tax_rate_id IS NOT NULL
),

ours AS (
    SELECT _company, month, 'rate ' || tax_rate_id AS subject, sum(amount) AS amount
    FROM placed
    GROUP BY _company, month, tax_rate_id
    UNION ALL
    SELECT _company, month, 'agency ' || agency_id, sum(amount)
    FROM placed
    WHERE agency_id IS NOT NULL
    GROUP BY _company, month, agency_id
),

theirs AS (
    SELECT
        _company, month,
        CASE WHEN row_kind = 'data' THEN 'rate ' ELSE 'agency ' END || row_id AS subject,
        sum(amount) AS amount
    FROM reports.tax_summary
    WHERE
        accounting_method = 'Accrual'
        AND column_key = 'tax_amount'
        AND row_kind IN ('data', 'summary')
        AND row_id IS NOT NULL
    GROUP BY _company, month, row_kind, row_id
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    coalesce(ours.subject, theirs.subject) AS subject,
    NULL AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.month = ours.month
        AND theirs.subject = ours.subject
