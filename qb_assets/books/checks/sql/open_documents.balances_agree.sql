-- What payments leave of each document is the balance that QuickBooks says.
SELECT
    _company,
    txn_type || ':' || txn_id AS subject,
    NULL AS account_id,
    txn_date AS as_of,
    computed_balance AS ours,
    coalesce(balance, computed_balance) AS theirs,
    txn_type || ':' || txn_id AS txn_ids
FROM books.open_documents
