-- Each customer with what was sold, paid and is open, as of the last month of the books.
--
-- Grain: one row a company and customer.
--
-- Columns:
--   _company VARCHAR <- quickbooks.customer._company: The realm Id.
--   customer_id VARCHAR <- quickbooks.customer.id: The customer.
--   name VARCHAR <- quickbooks.customer.fully_qualified_name: The name, after those of the
--     customers above it.
--   parent_id VARCHAR <- quickbooks.customer.parent_id: The customer whose job or sub-customer it
--     is.
--   active BOOLEAN: Whether it can be used.
--   currency VARCHAR: The currency it pays in.
--   as_of DATE: The last day of the last month of the books.
--   first_sale DATE: The day of the first sale.
--   last_sale DATE: The day of the last sale.
--   sales_documents BIGINT: How many invoices and sales receipts.
--   sales DECIMAL(38,10): All sales less discounts, credits and refunds, without tax, home
--     currency.
--   sales_last_year DECIMAL(38,10): Those of the twelve months until as_of.
--   payments BIGINT: How many payments.
--   last_payment DATE: The day of the last payment.
--   days_to_pay DECIMAL(18,2): The average number of days from an invoice to its payment, weighted
--     by amount.
--   open_balance DECIMAL(38,10): What it owes, less its credits, home currency.
--   overdue_balance DECIMAL(38,10): What of it is past due on that day.
--   quickbooks_balance DECIMAL(38,10) <- quickbooks.customer.balance: QuickBooks' own figure, in
--     the customer's currency.

WITH ends AS (
    SELECT _company, max(month_end) AS as_of
    FROM books.fiscal_month
    GROUP BY _company
),

sales AS (
    SELECT
        lines._company, lines.customer_id,
        min(lines.txn_date) AS first_sale,
        max(lines.txn_date) AS last_sale,
        count(DISTINCT CASE
            WHEN lines.txn_type IN ('Invoice', 'SalesReceipt')
                THEN lines.txn_type || ':' || lines.txn_id
        END) AS sales_documents,
        sum(lines.home_amount) AS sales,
        sum(CASE
            WHEN lines.txn_date > ends.as_of - INTERVAL '1 year' THEN lines.home_amount
            ELSE 0
        END) AS sales_last_year
    FROM books.sales_lines AS lines
    LEFT JOIN ends ON ends._company = lines._company
    GROUP BY lines._company, lines.customer_id
),

payments AS (
    SELECT _company, customer_id, count(*) AS payments, max(txn_date) AS last_payment
    FROM books.document
    WHERE txn_type = 'Payment' AND total > 0
    GROUP BY _company, customer_id
),

paid AS (
    SELECT
        _company, customer_id,
        sum(amount * (effective_date - applied_date)) / sum(amount) AS days_to_pay
    FROM books.payment_application
    WHERE applied_type = 'Invoice' AND amount > 0 AND applied_date IS NOT NULL
    GROUP BY _company, customer_id
),

balances AS (
    SELECT
        item._company, item.customer_id,
        sum(item.open_balance) AS open_balance,
        sum(CASE WHEN item.due_date < ends.as_of THEN item.open_balance ELSE 0 END)
            AS overdue_balance
    FROM books.open_item AS item
    JOIN ends
        ON ends._company = item._company AND ends.as_of BETWEEN item.first_day AND item.last_day
    WHERE item.kind = 'receivable'
    GROUP BY item._company, item.customer_id
)

SELECT
    customer._company,
    customer.id AS customer_id,
    coalesce(customer.fully_qualified_name, customer.display_name) AS name,
    customer.parent_id,
    coalesce(customer.active, TRUE) AND NOT customer._deleted AS active,
    coalesce(customer.currency_id, company.home_currency) AS currency,
    ends.as_of,
    sales.first_sale,
    sales.last_sale,
    coalesce(sales.sales_documents, 0) AS sales_documents,
    CAST(coalesce(sales.sales, 0) AS DECIMAL(38, 10)) AS sales,
    CAST(coalesce(sales.sales_last_year, 0) AS DECIMAL(38, 10)) AS sales_last_year,
    coalesce(payments.payments, 0) AS payments,
    payments.last_payment,
    CAST(paid.days_to_pay AS DECIMAL(18, 2)) AS days_to_pay,
    CAST(coalesce(balances.open_balance, 0) AS DECIMAL(38, 10)) AS open_balance,
    CAST(coalesce(balances.overdue_balance, 0) AS DECIMAL(38, 10)) AS overdue_balance,
    customer.balance AS quickbooks_balance
FROM quickbooks.customer AS customer
LEFT JOIN books.company AS company ON company._company = customer._company
LEFT JOIN ends ON ends._company = customer._company
LEFT JOIN sales ON sales._company = customer._company AND sales.customer_id = customer.id
LEFT JOIN payments
    ON payments._company = customer._company AND payments.customer_id = customer.id
LEFT JOIN paid ON paid._company = customer._company AND paid.customer_id = customer.id
LEFT JOIN balances
    ON balances._company = customer._company AND balances.customer_id = customer.id
