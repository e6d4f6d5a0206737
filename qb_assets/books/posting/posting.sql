-- Postings as the documents imply them, by the rules by which QuickBooks posts them. What no entity
-- carries is not among them: payroll, payments of sales tax, what the stock of an item started at.
--
-- A home amount is the one that QuickBooks gives or that follows from what a payment settles, else
-- the amount at the document's rate, rounded to cents, half a cent away from zero. What an entry
-- then lacks to balance is posted to the account of exchange gains and losses.
--
-- Grain: one row a posting.
--
-- Columns:
--   posting_id VARCHAR: The document, the role and the place in it (Invoice:130:line:2); unique
--     within a company.
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: The entity of the document.
--   txn_id VARCHAR: The document's Id.
--   txn_date DATE: The day it is posted on.
--   doc_number VARCHAR: The number people see on the document.
--   role VARCHAR: What it stands for: control (the account at the document's head), line, discount,
--     tax, cash_back, cost and stock (what goods cost, which no document shows) or exchange (gains
--     and losses of foreign currencies, and roundings).
--   line_position BIGINT: The place, from 0, of the document's line, or of its tax line where the
--     role is tax.
--   inner_position BIGINT: The place, from 0, within the line of a bundle.
--   account_id VARCHAR: The account; empty where no entity tells which.
--   amount DECIMAL(38,10): In the company's home currency, a debit positive.
--   currency VARCHAR: The document's currency.
--   exchange_rate DECIMAL(38,10): Home currency per unit of it; empty where the document has none.
--   foreign_amount DECIMAL(38,10): In the document's currency, a debit positive; empty for the cost
--     of goods on a document in a foreign currency.
--   customer_id VARCHAR: The customer, of the line or else of the document.
--   vendor_id VARCHAR: The vendor.
--   employee_id VARCHAR: The employee.
--   item_id VARCHAR: The product or service of the line.
--   quantity DECIMAL(38,10): Of the line; of a posting to the stock what came in less what went
--     out.
--   class_id VARCHAR: The class, of the line or else of the document.
--   department_id VARCHAR: The location, of the line or else of the document.
--   tax_rate_id VARCHAR: The rate of a tax line.
--   description VARCHAR: The description of the line, or the memo of the document.

WITH default_account AS MATERIALIZED (
{default_account}
),

tax_account AS MATERIALIZED (
{tax_account}
),

payment_link AS (
{payment_link}
),

settlement AS MATERIALIZED (
{settlement}
)

SELECT
    CAST(
        document.txn_type || ':' || document.txn_id || ':' || document.role
        || coalesce(':' || CAST(document.line_position AS VARCHAR), '')
        || coalesce(':' || CAST(document.inner_position AS VARCHAR), '') AS VARCHAR
    ) AS posting_id,
    document._company,
    document.txn_type,
    document.txn_id,
    document.txn_date,
    document.doc_number,
    document.role,
    CAST(document.line_position AS BIGINT) AS line_position,
    CAST(document.inner_position AS BIGINT) AS inner_position,
    document.account_id,
    CAST(
        CASE
            WHEN document.home_amount IS NOT NULL THEN document.home_amount
            WHEN coalesce(document.exchange_rate, 1) = 1 THEN document.foreign_amount
            ELSE round(document.foreign_amount * document.exchange_rate, 2)
        END AS DECIMAL(38, 10)
    ) AS amount,
    document.currency,
    CAST(document.exchange_rate AS DECIMAL(38, 10)) AS exchange_rate,
    CAST(document.foreign_amount AS DECIMAL(38, 10)) AS foreign_amount,
    document.customer_id,
    CAST(document.vendor_id AS VARCHAR) AS vendor_id,
    CAST(document.employee_id AS VARCHAR) AS employee_id,
    CAST(document.item_id AS VARCHAR) AS item_id,
    CAST(document.quantity AS DECIMAL(38, 10)) AS quantity,
    CAST(document.class_id AS VARCHAR) AS class_id,
    document.department_id,
    CAST(document.tax_rate_id AS VARCHAR) AS tax_rate_id,
    document.description
FROM (
{documents}
) AS document
