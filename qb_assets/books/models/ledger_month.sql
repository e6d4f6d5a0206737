-- The movements of each account in each month, in the finest split that the statements have.
--
-- Grain: one row a company, accounting method, month, account, class, location, customer and
-- currency that was posted to.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   accounting_method VARCHAR: Accrual or Cash.
--   month DATE: The first day of the month.
--   account_id VARCHAR: The account.
--   class_id VARCHAR: The class; empty for none.
--   department_id VARCHAR: The location; empty for none.
--   customer_id VARCHAR: The customer; empty for none.
--   currency VARCHAR: The currency of the transactions.
--   debit DECIMAL(38,10): All debits, home currency.
--   credit DECIMAL(38,10): All credits, home currency.
--   amount DECIMAL(38,10): Debits less credits, home currency.
--   foreign_amount DECIMAL(38,10): Debits less credits, in that currency.
--   postings BIGINT: How many postings.

SELECT
    _company,
    accounting_method,
    month,
    account_id,
    class_id,
    department_id,
    customer_id,
    currency,
    CAST(sum(greatest(amount, 0)) AS DECIMAL(38, 10)) AS debit,
    CAST(sum(greatest(-amount, 0)) AS DECIMAL(38, 10)) AS credit,
    CAST(sum(amount) AS DECIMAL(38, 10)) AS amount,
    CAST(sum(foreign_amount) AS DECIMAL(38, 10)) AS foreign_amount,
    count(*) AS postings
FROM books.general_ledger
GROUP BY
    _company, accounting_method, month, account_id, class_id, department_id, customer_id, currency
