-- The GeneralLedger report says of every transaction and account what the JournalReport says, in
-- the months that both were fetched of.
WITH fetched AS (
    SELECT months._company, months.month, months.first_day, months.last_day
    FROM books.ledger_window AS months
    SEMI JOIN (
        SELECT _company, month FROM reports.snapshot WHERE report = 'journal_report' AND current
    ) AS snapshot ON snapshot._company = months._company AND snapshot.month = months.month
),

ledger AS (
    SELECT
        posting._company, posting.report_txn_type AS txn_type, posting.txn_id, posting.account_id,
        posting.txn_date, sum(posting.amount) AS amount
    FROM books.general_ledger AS posting
    JOIN fetched
        ON
            fetched._company = posting._company
            AND posting.txn_date BETWEEN fetched.first_day AND fetched.last_day
    WHERE posting.accounting_method = 'Accrual'
    GROUP BY
        posting._company, posting.report_txn_type, posting.txn_id, posting.account_id,
        posting.txn_date
),

journal AS (
    SELECT
        posting._company, posting.txn_type, posting.txn_id, posting.account_id, posting.txn_date,
        sum(coalesce(posting.debit, 0) - coalesce(posting.credit, 0)) AS amount
    FROM reports.journal_report AS posting
    JOIN fetched ON fetched._company = posting._company AND fetched.month = posting.month
    WHERE posting.row_kind = 'posting'
    GROUP BY
        posting._company, posting.txn_type, posting.txn_id, posting.account_id, posting.txn_date
)

SELECT
    coalesce(ledger._company, journal._company) AS _company,
    coalesce(ledger.txn_type, journal.txn_type) || ':' || coalesce(ledger.txn_id, journal.txn_id)
        || coalesce(', account ' || coalesce(ledger.account_id, journal.account_id), '')
        AS subject,
    NULL AS account_id,
    coalesce(ledger.txn_date, journal.txn_date) AS as_of,
    coalesce(ledger.amount, 0) AS ours,
    coalesce(journal.amount, 0) AS theirs,
    coalesce(types.txn_type, ledger.txn_type, journal.txn_type) || ':'
        || coalesce(ledger.txn_id, journal.txn_id) AS txn_ids
FROM ledger
FULL JOIN journal
    ON
        journal._company = ledger._company
        AND journal.txn_type = ledger.txn_type
        AND journal.txn_id = ledger.txn_id
        AND journal.account_id = ledger.account_id
        AND journal.txn_date = ledger.txn_date
LEFT JOIN books.transaction_type AS types
    ON types.report_txn_type = coalesce(ledger.txn_type, journal.txn_type)
