-- What is open in the end of each transaction on {account_type} accounts is the balance that its
-- document says, in its own currency.
WITH ours AS (
    SELECT _company, txn_type, txn_id, sum(open_amount) AS amount
    FROM books.open_item
    WHERE kind = '{kind}' AND last_day > DATE '9999-01-01'
    GROUP BY _company, txn_type, txn_id
),

theirs AS (
    SELECT
        _company, txn_type, txn_id,
        CASE WHEN txn_type IN ({credits}) THEN -balance ELSE balance END AS amount
    FROM books.document
    WHERE txn_type IN ({charges}, {credits}) AND balance IS NOT NULL
),

reached AS (
    SELECT DISTINCT _company FROM books.general_ledger WHERE accounting_method = 'Accrual'
)

SELECT
    theirs._company,
    theirs.txn_type || ':' || theirs.txn_id AS subject,
    NULL AS account_id,
    CAST(NULL AS DATE) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    theirs.amount AS theirs,
    theirs.txn_type || ':' || theirs.txn_id AS txn_ids
FROM theirs
SEMI JOIN reached ON reached._company = theirs._company
LEFT JOIN ours
    ON
        ours._company = theirs._company
        AND ours.txn_type = theirs.txn_type
        AND ours.txn_id = theirs.txn_id
