-- What was spent, line by line, on accounts and on products and services.
--
-- Grain: one row a company, document and line.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: Bill, Purchase or VendorCredit.
--   txn_id VARCHAR: The document.
--   line_position BIGINT: The line's place in the document, from 0.
--   txn_date DATE: The day of the document.
--   month DATE: The first day of its month.
--   doc_number VARCHAR: The number people see.
--   vendor_id VARCHAR: The vendor.
--   employee_id VARCHAR: The employee who was paid.
--   item_id VARCHAR: The product or service; empty for a line straight to an account.
--   account_id VARCHAR: The account: the line's, else the item's: of stock its asset account.
--   customer_id VARCHAR: The customer it was spent for.
--   billable_status VARCHAR: Billable, NotBillable or HasBeenBilled.
--   class_id VARCHAR: The class.
--   department_id VARCHAR: The location.
--   description VARCHAR: What the line says.
--   tax_code_id VARCHAR: How it is taxed.
--   quantity DECIMAL(38,10): How many; negative for what went back.
--   unit_price DECIMAL(38,10): The price of one.
--   amount DECIMAL(38,10): What it adds to spending, in the document's currency: credits of vendors
--     and refunds to a card are negative.
--   home_amount DECIMAL(38,10): The same in home currency.
--   currency VARCHAR: The document's currency.

WITH lines AS (
    SELECT
        _company, 'Bill' AS txn_type, bill_id AS txn_id, position AS line_position,
        1 AS sign,
        description, amount,
        item_based_expense_line_detail_item_id AS item_id,
        coalesce(
            account_based_expense_line_detail_account_id,
            item_based_expense_line_detail_item_account_id
        ) AS account_id,
        coalesce(
            account_based_expense_line_detail_customer_id,
            item_based_expense_line_detail_customer_id
        ) AS customer_id,
        coalesce(
            account_based_expense_line_detail_billable_status,
            item_based_expense_line_detail_billable_status
        ) AS billable_status,
        coalesce(
            account_based_expense_line_detail_class_id,
            item_based_expense_line_detail_class_id
        ) AS class_id,
        coalesce(
            account_based_expense_line_detail_tax_code_id,
            item_based_expense_line_detail_tax_code_id
        ) AS tax_code_id,
        item_based_expense_line_detail_qty AS quantity,
        item_based_expense_line_detail_unit_price AS unit_price
    FROM quickbooks.bill_line
    WHERE
        NOT _deleted
        AND detail_type IN ('AccountBasedExpenseLineDetail', 'ItemBasedExpenseLineDetail')
    UNION ALL
    SELECT
        _company, 'Purchase' AS txn_type, purchase_id AS txn_id, position AS line_position,
        1 AS sign,
        description, amount,
        item_based_expense_line_detail_item_id AS item_id,
        coalesce(
            account_based_expense_line_detail_account_id,
            item_based_expense_line_detail_item_account_id
        ) AS account_id,
        coalesce(
            account_based_expense_line_detail_customer_id,
            item_based_expense_line_detail_customer_id
        ) AS customer_id,
        coalesce(
            account_based_expense_line_detail_billable_status,
            item_based_expense_line_detail_billable_status
        ) AS billable_status,
        coalesce(
            account_based_expense_line_detail_class_id,
            item_based_expense_line_detail_class_id
        ) AS class_id,
        coalesce(
            account_based_expense_line_detail_tax_code_id,
            item_based_expense_line_detail_tax_code_id
        ) AS tax_code_id,
        item_based_expense_line_detail_qty AS quantity,
        item_based_expense_line_detail_unit_price AS unit_price
    FROM quickbooks.purchase_line
    WHERE
        NOT _deleted
        AND detail_type IN ('AccountBasedExpenseLineDetail', 'ItemBasedExpenseLineDetail')
    UNION ALL
    SELECT
        _company, 'VendorCredit' AS txn_type, vendor_credit_id AS txn_id, position AS line_position,
        -1 AS sign,
        description, amount,
        item_based_expense_line_detail_item_id AS item_id,
        coalesce(
            account_based_expense_line_detail_account_id,
            item_based_expense_line_detail_item_account_id
        ) AS account_id,
        coalesce(
            account_based_expense_line_detail_customer_id,
            item_based_expense_line_detail_customer_id
        ) AS customer_id,
        coalesce(
            account_based_expense_line_detail_billable_status,
            item_based_expense_line_detail_billable_status
        ) AS billable_status,
        coalesce(
            account_based_expense_line_detail_class_id,
            item_based_expense_line_detail_class_id
        ) AS class_id,
        coalesce(
            account_based_expense_line_detail_tax_code_id,
            item_based_expense_line_detail_tax_code_id
        ) AS tax_code_id,
        item_based_expense_line_detail_qty AS quantity,
        item_based_expense_line_detail_unit_price AS unit_price
    FROM quickbooks.vendor_credit_line
    WHERE
        NOT _deleted
        AND detail_type IN ('AccountBasedExpenseLineDetail', 'ItemBasedExpenseLineDetail')
),

refunds AS (
    SELECT _company, 'Purchase' AS txn_type, id AS txn_id
    FROM quickbooks.purchase
    WHERE credit
),

signed AS (
    SELECT
        lines.*,
        CASE WHEN refunds.txn_id IS NOT NULL THEN -lines.sign ELSE lines.sign END AS direction
    FROM lines
    LEFT JOIN refunds
        ON
            refunds._company = lines._company
            AND refunds.txn_type = lines.txn_type
            AND refunds.txn_id = lines.txn_id
)

SELECT
    signed._company,
    signed.txn_type,
    signed.txn_id,
    signed.line_position,
    document.txn_date,
    CAST(date_trunc('month', document.txn_date) AS DATE) AS month,
    document.doc_number,
    document.vendor_id,
    document.employee_id,
    signed.item_id,
    coalesce(
        signed.account_id,
        CASE WHEN item.type = 'Inventory' THEN item.asset_account_id END,
        item.expense_account_id
    ) AS account_id,
    signed.customer_id,
    signed.billable_status,
    signed.class_id,
    document.department_id,
    signed.description,
    signed.tax_code_id,
    signed.direction * signed.quantity AS quantity,
    signed.unit_price,
    signed.direction * signed.amount AS amount,
    CAST(round(signed.direction * signed.amount * document.exchange_rate, 2) AS DECIMAL(38, 10))
        AS home_amount,
    document.currency
FROM signed
JOIN books.document AS document
    ON
        document._company = signed._company
        AND document.txn_type = signed.txn_type
        AND document.txn_id = signed.txn_id
LEFT JOIN quickbooks.item AS item
    ON item._company = signed._company AND item.id = signed.item_id
