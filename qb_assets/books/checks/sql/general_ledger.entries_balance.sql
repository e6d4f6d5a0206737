-- Every entry of the ledger of record balances, on the day it is of.
SELECT
    _company,
    coalesce(txn_type, '') || ':' || coalesce(txn_id, '') || ', ' || accounting_method AS subject,
    NULL AS account_id,
    txn_date AS as_of,
    sum(amount) AS ours,
    0 AS theirs,
    coalesce(txn_type, '') || ':' || coalesce(txn_id, '') AS txn_ids
FROM books.general_ledger
GROUP BY _company, accounting_method, txn_type, txn_id, txn_date
