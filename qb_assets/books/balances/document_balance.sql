-- What is open of each invoice, bill and credit, worked out from the payments that settle it,
-- beside the balance that QuickBooks says. Of an invoice the deposit that was paid down on it is
-- not open, either.
--
-- Grain: one row a document with a balance.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: The entity of the document.
--   txn_id VARCHAR: The document's Id.
--   derived DECIMAL(38,10): The total less what payments have settled, in the document's currency.
--   recorded DECIMAL(38,10): The balance that QuickBooks says.

WITH payment_link AS (
{payment_link}
),

settled AS (
    SELECT _company, txn_type, txn_id, sum(amount) AS amount
    FROM payment_link
    GROUP BY _company, txn_type, txn_id
),

document AS (
    SELECT
        _company, 'Invoice' AS txn_type, id, total_amt - coalesce(deposit, 0) AS total, balance
    FROM quickbooks.invoice
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'CreditMemo', id, total_amt, coalesce(balance, remaining_credit)
    FROM quickbooks.credit_memo
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'Bill', id, total_amt, balance
    FROM quickbooks.bill
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'VendorCredit', id, total_amt, balance
    FROM quickbooks.vendor_credit
    WHERE NOT _deleted AND balance IS NOT NULL
)

SELECT
    document._company,
    document.txn_type,
    document.id AS txn_id,
    document.total - coalesce(settled.amount, 0) AS derived,
    coalesce(document.balance, 0) AS recorded
FROM document
LEFT JOIN settled
    ON
        settled._company = document._company
        AND settled.txn_type = document.txn_type
        AND settled.txn_id = document.id
