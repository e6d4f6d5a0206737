-- Every entry that is derived from a document balances, in home currency and in the document's own.
-- An invoice whose only line is a subtotal is a statement charge, of which no entity says what it
-- was charged for, unless the ledger of record knows it as an invoice.
WITH statement_charge AS (
    SELECT invoice._company, invoice.id AS txn_id
    FROM quickbooks.invoice AS invoice
    WHERE
        NOT EXISTS (
            SELECT 1 FROM quickbooks.invoice_line AS line
            WHERE
                line._company = invoice._company
                AND line.invoice_id = invoice.id
                AND coalesce(line.detail_type, '') <> 'SubTotalLineDetail'
        )
        AND NOT EXISTS (
            SELECT 1 FROM books.general_ledger AS ledger
            WHERE
                ledger._company = invoice._company
                AND ledger.txn_type = 'Invoice'
                AND ledger.txn_id = invoice.id
        )
),

entry AS (
    SELECT
        posting._company, posting.txn_type, posting.txn_id, posting.txn_date, posting.currency,
        posting.amount, posting.foreign_amount
    FROM books.posting AS posting
    WHERE
        posting.txn_type <> 'Invoice'
        OR (posting._company, posting.txn_id) NOT IN (
            SELECT (_company, txn_id) FROM statement_charge
        )
)

SELECT
    _company, txn_type || ':' || txn_id AS subject, NULL AS account_id, max(txn_date) AS as_of,
    sum(amount) AS ours, 0 AS theirs, txn_type || ':' || txn_id AS txn_ids
FROM entry
GROUP BY _company, txn_type, txn_id
UNION ALL
SELECT
    _company, txn_type || ':' || txn_id || coalesce(' in ' || max(currency), ''), NULL,
    max(txn_date), coalesce(sum(foreign_amount), 0), 0, txn_type || ':' || txn_id
FROM entry
GROUP BY _company, txn_type, txn_id
