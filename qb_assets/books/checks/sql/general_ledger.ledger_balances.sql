-- Debits equal credits in every month, of the ledger of record and of what is derived.
SELECT
    _company, 'ledger, ' || accounting_method AS subject, NULL AS account_id,
    last_day(month) AS as_of, sum(amount) AS ours, 0 AS theirs, NULL AS txn_ids
FROM books.general_ledger
GROUP BY _company, accounting_method, month
UNION ALL
SELECT
    _company, 'derived ledger', NULL, last_day(date_trunc('month', txn_date)), sum(amount), 0,
    NULL
FROM books.posting
GROUP BY _company, date_trunc('month', txn_date)
