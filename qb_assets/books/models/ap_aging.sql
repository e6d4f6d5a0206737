-- What vendors were owed at the end of each month, by how long it is past due.
--
-- Of any other day: `SELECT * FROM books.ap_aging_as_of(DATE '2026-05-20')`.
--
-- Grain: one row a company, month-end and transaction that was open on that day.
--
-- Columns:
--   _company VARCHAR <- books.open_item._company: The realm Id.
--   as_of DATE: The day.
--   account_id VARCHAR <- books.open_item.account_id: The A/P account.
--   vendor_id VARCHAR <- books.open_item.vendor_id: The vendor.
--   txn_type VARCHAR <- books.open_item.txn_type: The entity of the transaction.
--   txn_id VARCHAR <- books.open_item.txn_id: The transaction.
--   doc_number VARCHAR <- books.open_item.doc_number: The number people see.
--   txn_date DATE <- books.open_item.txn_date: The day of the transaction.
--   due_date DATE <- books.open_item.due_date: The day it is due.
--   days_past_due INTEGER: The days since then; negative for what is not due yet.
--   bucket VARCHAR <- books.aging_bucket.bucket: current, 1-30, 31-60, 61-90 or 91 and over.
--   bucket_order INTEGER <- books.aging_bucket.bucket_order: The bucket's place, from 0.
--   currency VARCHAR <- books.open_item.currency: The currency of the transaction.
--   open_amount DECIMAL(38,10) <- books.open_item.open_amount: What is open, in its currency;
--     credits and payments on account are negative.
--   open_balance DECIMAL(38,10) <- books.open_item.open_balance: The same in home currency.

SELECT
    item._company,
    months.month_end AS as_of,
    item.account_id,
    item.vendor_id,
    item.txn_type,
    item.txn_id,
    item.doc_number,
    item.txn_date,
    item.due_date,
    CAST(months.month_end - item.due_date AS INTEGER) AS days_past_due,
    buckets.bucket,
    buckets.bucket_order,
    item.currency,
    item.open_amount,
    item.open_balance
FROM books.open_item AS item
JOIN books.fiscal_month AS months
    ON
        months._company = item._company
        AND months.month_end BETWEEN item.first_day AND item.last_day
JOIN books.aging_bucket AS buckets
    ON months.month_end - item.due_date BETWEEN buckets.first_day AND buckets.last_day
WHERE item.kind = 'payable';

CREATE OR REPLACE MACRO books.ap_aging_as_of(as_of) AS TABLE
SELECT
    item._company,
    CAST(as_of AS DATE) AS as_of,
    item.account_id,
    item.vendor_id,
    item.txn_type,
    item.txn_id,
    item.doc_number,
    item.txn_date,
    item.due_date,
    CAST(CAST(as_of AS DATE) - item.due_date AS INTEGER) AS days_past_due,
    buckets.bucket,
    buckets.bucket_order,
    item.currency,
    item.open_amount,
    item.open_balance
FROM books.open_item AS item
JOIN books.aging_bucket AS buckets
    ON CAST(as_of AS DATE) - item.due_date BETWEEN buckets.first_day AND buckets.last_day
WHERE
    item.kind = 'payable'
    AND CAST(as_of AS DATE) BETWEEN item.first_day AND item.last_day;
