-- What payments post: the money to the account it was put in, else to Undeposited Funds, against
-- the receivables account: the payment's own, else that of the first invoice it pays, else the
-- company's of that currency.
WITH paid AS (
    SELECT
        link._company,
        link.payment_id,
        coalesce(invoice.ar_account_id, memo.ar_account_id) AS account_id,
        row_number() OVER (
            PARTITION BY link._company, link.payment_id
            ORDER BY link.line_position, link.position
        ) AS place
    FROM quickbooks.payment_line_linked_txn AS link
    LEFT JOIN quickbooks.invoice AS invoice
        ON
            link.txn_type = 'Invoice'
            AND invoice._company = link._company
            AND invoice.id = link.txn_id
    LEFT JOIN quickbooks.credit_memo AS memo
        ON
            link.txn_type = 'CreditMemo'
            AND memo._company = link._company
            AND memo.id = link.txn_id
    WHERE coalesce(invoice.ar_account_id, memo.ar_account_id) IS NOT NULL
),

document AS (
    SELECT
        doc.*,
        coalesce(doc.deposit_to_account_id, undeposited.account_id) AS money_account_id,
        coalesce(
            doc.ar_account_id, paid.account_id, receivable.account_id, fallback.account_id
        ) AS control_account_id,
        settlement.home_amount AS settled
    FROM quickbooks.payment AS doc
    LEFT JOIN paid
        ON paid._company = doc._company AND paid.payment_id = doc.id AND paid.place = 1
    LEFT JOIN settlement
        ON
            settlement._company = doc._company
            AND settlement.txn_type = 'Payment'
            AND settlement.id = doc.id
    LEFT JOIN default_account AS undeposited
        ON undeposited._company = doc._company AND undeposited.purpose = 'undeposited'
    LEFT JOIN default_account AS receivable
        ON
            receivable._company = doc._company
            AND receivable.purpose = 'receivable'
            AND receivable.currency = doc.currency_id
    LEFT JOIN default_account AS fallback
        ON
            fallback._company = doc._company
            AND fallback.purpose = 'receivable'
            AND fallback.currency = ''
    WHERE NOT doc._deleted
)

SELECT
    document._company,
    'Payment' AS txn_type,
    document.id AS txn_id,
    document.txn_date,
    document.doc_number,
    side.role,
    NULL AS line_position,
    NULL AS inner_position,
    CASE side.role
        WHEN 'control' THEN document.control_account_id ELSE document.money_account_id
    END AS account_id,
    side.sign * document.total_amt AS foreign_amount,
    CASE side.role WHEN 'control' THEN side.sign * document.settled END AS home_amount,
    document.currency_id AS currency,
    document.exchange_rate,
    document.customer_id,
    NULL AS vendor_id,
    NULL AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    NULL AS class_id,
    document.department_id,
    NULL AS tax_rate_id,
    document.private_note AS description
FROM document
CROSS JOIN (VALUES ('control', -1), ('line', 1)) AS side (role, sign)
