-- Every difference between the derived postings and the ledger of record is in the list of them, by
-- transaction and account.
WITH sides AS (
    SELECT
        _company, txn_type, txn_id, coalesce(account_id, '') AS account_id, amount, 0 AS listed
    FROM books.posting
    UNION ALL
    SELECT
        _company, coalesce(txn_type, ''), coalesce(txn_id, ''), coalesce(account_id, ''),
        -amount, 0
    FROM books.general_ledger
    WHERE accounting_method = 'Accrual'
    UNION ALL
    SELECT _company, txn_type, txn_id, coalesce(account_id, ''), 0, difference
    FROM books.ledger_difference
)

SELECT
    _company,
    txn_type || ':' || txn_id || ', account ' || account_id AS subject,
    NULL AS account_id,
    CAST(NULL AS DATE) AS as_of,
    sum(amount) AS ours,
    sum(listed) AS theirs,
    txn_type || ':' || txn_id AS txn_ids
FROM sides
GROUP BY _company, txn_type, txn_id, account_id
