-- No posting that documents imply differs from the ledger of record without a reason.
SELECT
    _company,
    txn_type || ':' || txn_id || coalesce(', account ' || account_id, '') AS subject,
    NULL AS account_id,
    txn_date AS as_of,
    CASE WHEN reason = 'unexplained' THEN coalesce(derived, 0) ELSE 0 END AS ours,
    CASE WHEN reason = 'unexplained' THEN coalesce(recorded, 0) ELSE 0 END AS theirs,
    txn_type || ':' || txn_id AS txn_ids
FROM books.ledger_difference
