-- What documents in a foreign currency post in that currency is what the ledger of record says, by
-- transaction and account. Where the two differ in home currency, too, books.ledger_difference tells
-- of it; where the ledger was fetched without these amounts, they are the documents' own.
WITH recorded AS (
    SELECT _company, txn_type, txn_id, account_id, sum(foreign_amount) AS amount
    FROM books.general_ledger
    WHERE accounting_method = 'Accrual' AND in_documents
    GROUP BY _company, txn_type, txn_id, account_id
    HAVING count(*) = count(foreign_amount)
),

derived AS (
    SELECT
        posting._company, posting.txn_type, posting.txn_id, posting.account_id,
        max(posting.txn_date) AS txn_date, sum(posting.foreign_amount) AS amount
    FROM books.posting AS posting
    JOIN books.company AS company ON company._company = posting._company
    WHERE posting.currency <> company.home_currency
    GROUP BY posting._company, posting.txn_type, posting.txn_id, posting.account_id
    HAVING count(*) = count(posting.foreign_amount)
)

SELECT
    derived._company,
    derived.txn_type || ':' || derived.txn_id || ', account ' || derived.account_id AS subject,
    NULL AS account_id,
    derived.txn_date AS as_of,
    derived.amount AS ours,
    recorded.amount AS theirs,
    derived.txn_type || ':' || derived.txn_id AS txn_ids
FROM derived
JOIN recorded
    ON
        recorded._company = derived._company
        AND recorded.txn_type = derived.txn_type
        AND recorded.txn_id = derived.txn_id
        AND recorded.account_id = derived.account_id
ANTI JOIN books.ledger_difference AS told
    ON
        told._company = derived._company
        AND told.txn_type = derived.txn_type
        AND told.txn_id = derived.txn_id
        AND told.account_id = derived.account_id
