-- What payments settle of charges and use of credits, in the payment's currency: one row a line of
-- a payment that links to one.
SELECT
    line._company,
    'Payment' AS payment_type,
    line.payment_id,
    line.position AS line_position,
    link.txn_type,
    link.txn_id,
    line.amount
FROM quickbooks.payment_line AS line
INNER JOIN quickbooks.payment_line_linked_txn AS link
    ON
        link._company = line._company
        AND link.payment_id = line.payment_id
        AND link.line_position = line.position
        AND link.position = 0
WHERE NOT line._deleted
UNION ALL
SELECT
    line._company,
    'BillPayment',
    line.bill_payment_id,
    line.position,
    link.txn_type,
    link.txn_id,
    line.amount
FROM quickbooks.bill_payment_line AS line
INNER JOIN quickbooks.bill_payment_line_linked_txn AS link
    ON
        link._company = line._company
        AND link.bill_payment_id = line.bill_payment_id
        AND link.line_position = line.position
        AND link.position = 0
WHERE NOT line._deleted
