-- What payments of bills post: the money from the bank or card account that paid, against the
-- payables account: the payment's own, else that of the first bill it pays, else the company's of
-- that currency.
WITH paid AS (
    SELECT
        link._company,
        link.bill_payment_id,
        coalesce(bill.ap_account_id, credit.ap_account_id) AS account_id,
        row_number() OVER (
            PARTITION BY link._company, link.bill_payment_id
            ORDER BY link.line_position, link.position
        ) AS place
    FROM quickbooks.bill_payment_line_linked_txn AS link
    LEFT JOIN quickbooks.bill AS bill
        ON link.txn_type = 'Bill' AND bill._company = link._company AND bill.id = link.txn_id
    LEFT JOIN quickbooks.vendor_credit AS credit
        ON
            link.txn_type = 'VendorCredit'
            AND credit._company = link._company
            AND credit.id = link.txn_id
    WHERE coalesce(bill.ap_account_id, credit.ap_account_id) IS NOT NULL
),

document AS (
    SELECT
        doc.*,
        coalesce(
            CASE doc.pay_type
                WHEN 'CreditCard' THEN doc.credit_card_payment_cc_account_id
                WHEN 'Check' THEN doc.check_payment_bank_account_id
            END,
            doc.check_payment_bank_account_id,
            doc.credit_card_payment_cc_account_id
        ) AS money_account_id,
        coalesce(
            doc.ap_account_id, paid.account_id, payable.account_id, fallback.account_id
        ) AS control_account_id,
        settlement.home_amount AS settled
    FROM quickbooks.bill_payment AS doc
    LEFT JOIN paid
        ON paid._company = doc._company AND paid.bill_payment_id = doc.id AND paid.place = 1
    LEFT JOIN settlement
        ON
            settlement._company = doc._company
            AND settlement.txn_type = 'BillPayment'
            AND settlement.id = doc.id
    LEFT JOIN default_account AS payable
        ON
            payable._company = doc._company
            AND payable.purpose = 'payable'
            AND payable.currency = doc.currency_id
    LEFT JOIN default_account AS fallback
        ON
            fallback._company = doc._company
            AND fallback.purpose = 'payable'
            AND fallback.currency = ''
    WHERE NOT doc._deleted
)

SELECT
    document._company,
    'BillPayment' AS txn_type,
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
    NULL AS customer_id,
    document.vendor_id,
    NULL AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    NULL AS class_id,
    document.department_id,
    NULL AS tax_rate_id,
    document.private_note AS description
FROM document
CROSS JOIN (VALUES ('control', 1), ('line', -1)) AS side (role, sign)
