-- What was open of each transaction on an A/R or A/P account, and from when to when.
--
-- A transaction is open by what the ledger posts to the account, less what payments dated until
-- then were set against it; a payment by what it was not yet set against anything. So the open
-- amounts of any day add up to the account's balance.
--
-- In home currency what is left of a charge or credit counts at its own rate. A payment counts with
-- what it posts to the account, less what the charges and credits count for that it was set
-- against: it posts them at their rates, and what it was not set against at its own.
--
-- Grain: one row a company, account, transaction, person and stretch of days on which something was
-- open.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   kind VARCHAR: receivable or payable.
--   account_id VARCHAR: The A/R or A/P account.
--   txn_type VARCHAR: The entity of the transaction, or what reports call it.
--   txn_id VARCHAR: The transaction.
--   customer_id VARCHAR: The customer; of receivables.
--   vendor_id VARCHAR: The vendor; of payables.
--   doc_number VARCHAR: The number people see.
--   txn_date DATE: The day of the transaction.
--   due_date DATE: The day it is due: of an invoice or bill its own, else that of the transaction.
--   currency VARCHAR: The currency of the transaction.
--   first_day DATE: The first day on which the open amount was this.
--   last_day DATE: The last such day; far in the future for what is open still.
--   total DECIMAL(38,10): The transaction's whole amount, in its currency, signed as open_amount.
--   open_amount DECIMAL(38,10): What is open, in its currency: positive for what a customer owes or
--     is owed to a vendor, negative for credits and payments on account.
--   open_balance DECIMAL(38,10): The same in home currency.

WITH items AS (
    SELECT
        ledger._company,
        CASE WHEN chart.account_type = 'Accounts Receivable' THEN 'receivable' ELSE 'payable' END
            AS kind,
        ledger.account_id, ledger.txn_type, ledger.txn_id,
        CASE WHEN chart.account_type = 'Accounts Receivable' THEN ledger.customer_id END
            AS customer_id,
        CASE WHEN chart.account_type = 'Accounts Payable' THEN ledger.vendor_id END AS vendor_id,
        max(ledger.doc_number) AS doc_number,
        min(ledger.txn_date) AS txn_date,
        max(ledger.currency) AS currency,
        max(ledger.exchange_rate) AS exchange_rate,
        max(chart.sign) * sum(ledger.amount) AS home_total,
        max(chart.sign) * sum(ledger.foreign_amount) AS foreign_total
    FROM books.general_ledger AS ledger
    JOIN books.chart_of_accounts AS chart
        ON
            chart._company = ledger._company
            AND chart.account_id = ledger.account_id
            AND chart.account_type IN ('Accounts Receivable', 'Accounts Payable')
    WHERE ledger.accounting_method = 'Accrual'
    GROUP BY
        ledger._company, chart.account_type, ledger.account_id, ledger.txn_type, ledger.txn_id,
        CASE WHEN chart.account_type = 'Accounts Receivable' THEN ledger.customer_id END,
        CASE WHEN chart.account_type = 'Accounts Payable' THEN ledger.vendor_id END
),

-- What is posted in home currency alone, such as a revaluation, is nothing in its own.
totals AS MATERIALIZED (
    SELECT
        items.*,
        row_number() OVER () AS item,
        coalesce(
            foreign_total, CAST(round(home_total / exchange_rate, 2) AS DECIMAL(38, 10))
        ) AS total,
        replace(txn_type, ' ', '') AS link_type
    FROM items
),

-- Of several items of one transaction, such as the lines of a journal entry, the one of the same
-- person and account is meant.
links AS (
    SELECT
        applied._company, applied.payment_type, applied.payment_id, applied.payment_date,
        applied.line_position, applied.effective_date, applied.amount,
        charge.exchange_rate AS rate,
        charge.item AS charge_item, charge.total AS charge_total, charge.txn_date AS charge_date,
        payment.item AS payment_item,
        row_number() OVER (
            PARTITION BY
                applied._company, applied.payment_type, applied.payment_id, applied.line_position,
                applied.applied_type, applied.applied_id, applied.applied_line_id
            ORDER BY
                CASE
                    WHEN coalesce(charge.customer_id, charge.vendor_id)
                        = coalesce(applied.customer_id, applied.vendor_id) THEN 0
                    ELSE 1
                END,
                CASE WHEN charge.account_id = payment.account_id THEN 0 ELSE 1 END,
                charge.item, payment.item
        ) AS place
    FROM books.payment_application AS applied
    JOIN totals AS charge
        ON
            charge._company = applied._company
            AND charge.kind = applied.kind
            AND charge.link_type = applied.applied_type
            AND charge.txn_id = applied.applied_id
    LEFT JOIN totals AS payment
        ON
            payment._company = applied._company
            AND payment.kind = applied.kind
            AND payment.link_type = applied.payment_type
            AND payment.txn_id = applied.payment_id
    WHERE applied.amount <> 0 AND charge.total <> 0
),

-- What is left of a charge is rounded to cents: the last payment comes to all that is left.
settled AS (
    SELECT
        charge_item, payment_item, rate,
        greatest(effective_date, charge_date) AS day,
        CAST(sign(charge_total) AS DECIMAL(1, 0)) AS sign,
        amount,
        abs(charge_total) - sum(amount) OVER (
            PARTITION BY charge_item
            ORDER BY payment_date, length(payment_id), payment_id, payment_type, line_position
        ) AS left_open
    FROM links
    WHERE place = 1
),

worth AS (
    SELECT
        charge_item, payment_item, day, sign * amount AS change,
        sign * (round((left_open + amount) * rate, 2) - round(left_open * rate, 2)) AS home_change
    FROM settled
),

events AS (
    SELECT item, txn_date AS day, total AS change, home_total AS home_change FROM totals
    UNION ALL
    SELECT charge_item, day, -change, -home_change FROM worth
    UNION ALL
    SELECT payment_item, day, change, home_change FROM worth WHERE payment_item IS NOT NULL
),

days AS (
    SELECT item, day, sum(change) AS change, sum(home_change) AS home_change
    FROM events
    GROUP BY item, day
),

stretches AS (
    SELECT
        item,
        day AS first_day,
        lead(day) OVER (PARTITION BY item ORDER BY day) AS next_day,
        sum(change) OVER (PARTITION BY item ORDER BY day) AS open_amount,
        sum(home_change) OVER (PARTITION BY item ORDER BY day) AS open_balance
    FROM days
)

SELECT
    totals._company,
    totals.kind,
    totals.account_id,
    totals.txn_type,
    totals.txn_id,
    totals.customer_id,
    totals.vendor_id,
    totals.doc_number,
    totals.txn_date,
    CASE
        WHEN totals.txn_type IN ('Invoice', 'Bill')
            THEN coalesce(document.due_date, totals.txn_date)
        ELSE totals.txn_date
    END AS due_date,
    totals.currency,
    stretches.first_day,
    CAST(coalesce(stretches.next_day, DATE '9999-12-31') - INTERVAL '1 day' AS DATE) AS last_day,
    CAST(totals.total AS DECIMAL(38, 10)) AS total,
    CAST(stretches.open_amount AS DECIMAL(38, 10)) AS open_amount,
    CAST(stretches.open_balance AS DECIMAL(38, 10)) AS open_balance
FROM stretches
JOIN totals ON totals.item = stretches.item
LEFT JOIN books.document AS document
    ON
        document._company = totals._company
        AND document.txn_type = totals.txn_type
        AND document.txn_id = totals.txn_id
WHERE stretches.open_amount <> 0 OR stretches.open_balance <> 0
