-- What payments in a foreign currency move the receivables and payables by, in home currency: one
-- row a payment.
--
-- A payment settles charges (and uses credits) at what they are worth in the books, each at its own
-- rate; what it leaves unapplied it books at its own. What is left of a charge is worth its amount
-- at the charge's rate, rounded to cents, so that a charge which is settled in parts comes to zero
-- with the last of them. Parts are in the order of the payments' dates, then of their Ids.
WITH payment AS (
    SELECT
        _company, 'Payment' AS txn_type, id, txn_date, total_amt,
        coalesce(exchange_rate, 1) AS rate
    FROM quickbooks.payment
    WHERE NOT _deleted
    UNION ALL
    SELECT
        _company, 'BillPayment', id, txn_date, total_amt, coalesce(exchange_rate, 1)
    FROM quickbooks.bill_payment
    WHERE NOT _deleted
),

document AS (
    SELECT
        _company, 'Invoice' AS txn_type, id, 1 AS sign, total_amt,
        coalesce(exchange_rate, 1) AS rate
    FROM quickbooks.invoice
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'CreditMemo', id, -1, total_amt, coalesce(exchange_rate, 1)
    FROM quickbooks.credit_memo
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'Bill', id, 1, total_amt, coalesce(exchange_rate, 1)
    FROM quickbooks.bill
    WHERE NOT _deleted
    UNION ALL
    SELECT _company, 'VendorCredit', id, -1, total_amt, coalesce(exchange_rate, 1)
    FROM quickbooks.vendor_credit
    WHERE NOT _deleted
),

settled AS (
    SELECT
        payment._company,
        payment.txn_type,
        payment.id,
        document.sign,
        document.rate,
        link.amount,
        document.total_amt - sum(link.amount) OVER (
            PARTITION BY document._company, document.txn_type, document.id
            ORDER BY payment.txn_date, length(payment.id), payment.id, link.line_position
        ) AS left_open
    FROM payment
    INNER JOIN payment_link AS link
        ON
            link._company = payment._company
            AND link.payment_type = payment.txn_type
            AND link.payment_id = payment.id
    INNER JOIN document
        ON
            document._company = link._company
            AND document.txn_type = link.txn_type
            AND document.id = link.txn_id
    WHERE payment.rate <> 1 OR document.rate <> 1
),

worth AS (
    SELECT
        _company,
        txn_type,
        id,
        sum(sign * amount) AS applied,
        sum(
            sign * (round((left_open + amount) * rate, 2) - round(left_open * rate, 2))
        ) AS home_amount
    FROM settled
    GROUP BY _company, txn_type, id
)

SELECT
    payment._company,
    payment.txn_type,
    payment.id,
    worth.home_amount
    + round((payment.total_amt - worth.applied) * payment.rate, 2) AS home_amount
FROM payment
INNER JOIN worth
    ON
        worth._company = payment._company
        AND worth.txn_type = payment.txn_type
        AND worth.id = payment.id
