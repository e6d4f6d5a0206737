-- Documents that are not settled, with what QuickBooks says is open of them and what their payments
-- leave.
--
-- A document whose two figures agree on 0 is not here; one whose figures differ always is.
--
-- Grain: one row a company and document.
--
-- Columns:
--   _company VARCHAR <- books.document._company: The realm Id.
--   txn_type VARCHAR <- books.document.txn_type: Invoice, CreditMemo, Payment, Bill or
--     VendorCredit.
--   txn_id VARCHAR <- books.document.txn_id: The document.
--   doc_number VARCHAR <- books.document.doc_number: The number people see.
--   customer_id VARCHAR <- books.document.customer_id: The customer.
--   vendor_id VARCHAR <- books.document.vendor_id: The vendor.
--   txn_date DATE <- books.document.txn_date: The day of the document.
--   due_date DATE <- books.document.due_date: The day it is due.
--   currency VARCHAR <- books.document.currency: Its currency.
--   exchange_rate DECIMAL(38,10) <- books.document.exchange_rate: Home currency per unit of it.
--   total DECIMAL(38,10) <- books.document.total: Its total.
--   settled DECIMAL(38,10): What payments are set against it; of a payment, what it is set against.
--   computed_balance DECIMAL(38,10): The total less what is settled.
--   balance DECIMAL(38,10) <- books.document.balance: What QuickBooks says is open; empty where it
--     says nothing.
--   difference DECIMAL(38,10): The computed balance less QuickBooks' one.
--   home_balance DECIMAL(38,10): What QuickBooks says is open, or else the computed balance, in
--     home currency.
--   settled_on DATE: The last day on which something was set against it.

WITH settlements AS (
    SELECT
        _company, applied_type AS txn_type, applied_id AS txn_id, amount, effective_date
    FROM books.payment_application
    UNION ALL
    SELECT
        _company, payment_type, payment_id,
        CASE WHEN applied_type IN ('CreditMemo', 'VendorCredit') THEN -amount ELSE amount END,
        effective_date
    FROM books.payment_application
    WHERE payment_type = 'Payment'
),

settled AS (
    SELECT
        _company, txn_type, txn_id, sum(amount) AS amount, max(effective_date) AS settled_on
    FROM settlements
    GROUP BY _company, txn_type, txn_id
),

deposits AS (
    SELECT _company, 'Invoice' AS txn_type, id AS txn_id, deposit
    FROM quickbooks.invoice
    WHERE deposit IS NOT NULL
),

documents AS (
    SELECT
        document.*,
        CAST(coalesce(settled.amount, 0) + coalesce(invoice.deposit, 0) AS DECIMAL(38, 10))
            AS settled,
        settled.settled_on
    FROM books.document AS document
    LEFT JOIN settled
        ON
            settled._company = document._company
            AND settled.txn_type = document.txn_type
            AND settled.txn_id = document.txn_id
    LEFT JOIN deposits AS invoice
        ON
            invoice._company = document._company
            AND invoice.txn_type = document.txn_type
            AND invoice.txn_id = document.txn_id
    WHERE document.txn_type IN ('Invoice', 'CreditMemo', 'Payment', 'Bill', 'VendorCredit')
)

SELECT
    _company,
    txn_type,
    txn_id,
    doc_number,
    customer_id,
    vendor_id,
    txn_date,
    due_date,
    currency,
    exchange_rate,
    total,
    settled,
    total - settled AS computed_balance,
    balance,
    total - settled - balance AS difference,
    CAST(round(coalesce(balance, total - settled) * exchange_rate, 2) AS DECIMAL(38, 10))
        AS home_balance,
    settled_on
FROM documents
WHERE total - settled <> 0 OR coalesce(balance, 0) <> 0
