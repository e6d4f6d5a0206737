-- What each payment was set against: the charges it pays and the credits it uses.
--
-- From the lines of payments and bill payments. Both sides of a link are open until the later of
-- their days.
--
-- Grain: one row a company, payment, line and transaction linked to it.
--
-- Columns:
--   _company VARCHAR <- quickbooks.linked_txn._company: The realm Id.
--   kind VARCHAR: receivable, of customers, or payable, to vendors.
--   payment_type VARCHAR <- quickbooks.linked_txn.from_type: Payment or BillPayment.
--   payment_id VARCHAR <- quickbooks.linked_txn.from_id: The payment.
--   line_position BIGINT <- quickbooks.linked_txn.from_line: The line of it, from 0.
--   payment_date DATE: The day of the payment.
--   payment_total DECIMAL(38,10): The payment's whole amount; 0 where credits alone are set against
--     charges.
--   applied_type VARCHAR: The entity of the charge or credit, or what QuickBooks calls its kind if
--     there is none.
--   applied_id VARCHAR <- quickbooks.linked_txn.to_id: The charge or credit.
--   applied_line_id VARCHAR <- quickbooks.linked_txn.to_line_id: The Id of its line, where told.
--   applied_date DATE: The day of the charge or credit.
--   effective_date DATE: The day from which neither is open by this amount: the later of the two.
--   amount DECIMAL(38,10) <- quickbooks.linked_txn.amount: How much, in the payment's currency;
--     empty where a line is shared by several and QuickBooks does not say how.
--   currency VARCHAR: The payment's currency.
--   customer_id VARCHAR: The customer who paid.
--   vendor_id VARCHAR: The vendor who was paid.

SELECT
    link._company,
    CASE WHEN link.from_type = 'Payment' THEN 'receivable' ELSE 'payable' END AS kind,
    link.from_type AS payment_type,
    link.from_id AS payment_id,
    link.from_line AS line_position,
    payment.txn_date AS payment_date,
    payment.total AS payment_total,
    coalesce(link.to_entity, link.to_type) AS applied_type,
    link.to_id AS applied_id,
    link.to_line_id AS applied_line_id,
    applied.txn_date AS applied_date,
    greatest(payment.txn_date, coalesce(applied.txn_date, payment.txn_date)) AS effective_date,
    link.amount,
    payment.currency,
    payment.customer_id,
    payment.vendor_id
FROM quickbooks.linked_txn AS link
JOIN books.document AS payment
    ON
        payment._company = link._company
        AND payment.txn_type = link.from_type
        AND payment.txn_id = link.from_id
LEFT JOIN books.document AS applied
    ON
        applied._company = link._company
        AND applied.txn_type = link.to_entity
        AND applied.txn_id = link.to_id
WHERE
    link.from_type IN ('Payment', 'BillPayment')
    AND link.from_line IS NOT NULL
    AND NOT link._deleted
