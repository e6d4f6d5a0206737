-- What was sold, line by line: of bundles the lines within, and discounts as lines of their own.
--
-- Grain: one row a company, document and line that posts.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: Invoice, SalesReceipt, CreditMemo or RefundReceipt.
--   txn_id VARCHAR: The document.
--   line_position BIGINT: The line's place in the document, from 0.
--   inner_position BIGINT: Its place in the bundle, from 0; empty outside of one.
--   txn_date DATE: The day of the document.
--   month DATE: The first day of its month.
--   doc_number VARCHAR: The number people see.
--   customer_id VARCHAR: The customer.
--   item_id VARCHAR: The product or service; empty for a discount.
--   bundle_id VARCHAR: The bundle that it was sold in.
--   account_id VARCHAR: The account of the income: the line's, else the item's of today, or the
--     discount's.
--   class_id VARCHAR: The class, of the line or else the document.
--   department_id VARCHAR: The location.
--   is_discount BOOLEAN: Whether the line is a discount.
--   description VARCHAR: What the line says.
--   service_date DATE: The day of the service.
--   tax_code_id VARCHAR: How it is taxed.
--   quantity DECIMAL(38,10): How many; negative for what came back.
--   unit_price DECIMAL(38,10): The price of one.
--   amount DECIMAL(38,10): What it adds to sales, in the document's currency: discounts, credits
--     and refunds are negative.
--   home_amount DECIMAL(38,10): The same in home currency.
--   currency VARCHAR: The document's currency.

WITH lines AS (
    SELECT
        _company, 'Invoice' AS txn_type, invoice_id AS txn_id, position AS line_position,
        CAST(NULL AS BIGINT) AS inner_position, CAST(NULL AS VARCHAR) AS bundle_id, 1 AS sign,
        detail_type, description, amount,
        sales_item_line_detail_item_id AS item_id,
        sales_item_line_detail_item_account_id AS item_account_id,
        discount_line_detail_discount_account_id AS discount_account_id,
        coalesce(sales_item_line_detail_class_id, discount_line_detail_class_id) AS class_id,
        sales_item_line_detail_service_date AS service_date,
        coalesce(sales_item_line_detail_tax_code_id, discount_line_detail_tax_code_id)
            AS tax_code_id,
        sales_item_line_detail_qty AS quantity,
        sales_item_line_detail_unit_price AS unit_price
    FROM quickbooks.invoice_line
    WHERE NOT _deleted AND detail_type IN ('SalesItemLineDetail', 'DiscountLineDetail')
    UNION ALL
    SELECT
        part._company, 'Invoice', part.invoice_id, part.line_position,
        part.position, bundle.group_line_detail_group_item_id, 1,
        part.detail_type, part.description, part.amount,
        part.sales_item_line_detail_item_id,
        part.sales_item_line_detail_item_account_id,
        NULL,
        part.sales_item_line_detail_class_id,
        part.sales_item_line_detail_service_date,
        part.sales_item_line_detail_tax_code_id,
        part.sales_item_line_detail_qty,
        part.sales_item_line_detail_unit_price
    FROM quickbooks.invoice_line_line AS part
    JOIN quickbooks.invoice_line AS bundle
        ON
            bundle._company = part._company
            AND bundle.invoice_id = part.invoice_id
            AND bundle.position = part.line_position
    WHERE NOT part._deleted AND part.detail_type = 'SalesItemLineDetail'
    UNION ALL
    SELECT
        _company, 'SalesReceipt' AS txn_type, sales_receipt_id AS txn_id, position AS line_position,
        CAST(NULL AS BIGINT) AS inner_position, CAST(NULL AS VARCHAR) AS bundle_id, 1 AS sign,
        detail_type, description, amount,
        sales_item_line_detail_item_id AS item_id,
        sales_item_line_detail_item_account_id AS item_account_id,
        discount_line_detail_discount_account_id AS discount_account_id,
        coalesce(sales_item_line_detail_class_id, discount_line_detail_class_id) AS class_id,
        sales_item_line_detail_service_date AS service_date,
        coalesce(sales_item_line_detail_tax_code_id, discount_line_detail_tax_code_id)
            AS tax_code_id,
        sales_item_line_detail_qty AS quantity,
        sales_item_line_detail_unit_price AS unit_price
    FROM quickbooks.sales_receipt_line
    WHERE NOT _deleted AND detail_type IN ('SalesItemLineDetail', 'DiscountLineDetail')
    UNION ALL
    SELECT
        part._company, 'SalesReceipt', part.sales_receipt_id, part.line_position,
        part.position, bundle.group_line_detail_group_item_id, 1,
        part.detail_type, part.description, part.amount,
        part.sales_item_line_detail_item_id,
        part.sales_item_line_detail_item_account_id,
        NULL,
        part.sales_item_line_detail_class_id,
        part.sales_item_line_detail_service_date,
        part.sales_item_line_detail_tax_code_id,
        part.sales_item_line_detail_qty,
        part.sales_item_line_detail_unit_price
    FROM quickbooks.sales_receipt_line_line AS part
    JOIN quickbooks.sales_receipt_line AS bundle
        ON
            bundle._company = part._company
            AND bundle.sales_receipt_id = part.sales_receipt_id
            AND bundle.position = part.line_position
    WHERE NOT part._deleted AND part.detail_type = 'SalesItemLineDetail'
    UNION ALL
    SELECT
        _company, 'CreditMemo' AS txn_type, credit_memo_id AS txn_id, position AS line_position,
        CAST(NULL AS BIGINT) AS inner_position, CAST(NULL AS VARCHAR) AS bundle_id, -1 AS sign,
        detail_type, description, amount,
        sales_item_line_detail_item_id AS item_id,
        sales_item_line_detail_item_account_id AS item_account_id,
        discount_line_detail_discount_account_id AS discount_account_id,
        coalesce(sales_item_line_detail_class_id, discount_line_detail_class_id) AS class_id,
        sales_item_line_detail_service_date AS service_date,
        coalesce(sales_item_line_detail_tax_code_id, discount_line_detail_tax_code_id)
            AS tax_code_id,
        sales_item_line_detail_qty AS quantity,
        sales_item_line_detail_unit_price AS unit_price
    FROM quickbooks.credit_memo_line
    WHERE NOT _deleted AND detail_type IN ('SalesItemLineDetail', 'DiscountLineDetail')
    UNION ALL
    SELECT
        part._company, 'CreditMemo', part.credit_memo_id, part.line_position,
        part.position, bundle.group_line_detail_group_item_id, -1,
        part.detail_type, part.description, part.amount,
        part.sales_item_line_detail_item_id,
        part.sales_item_line_detail_item_account_id,
        NULL,
        part.sales_item_line_detail_class_id,
        part.sales_item_line_detail_service_date,
        part.sales_item_line_detail_tax_code_id,
        part.sales_item_line_detail_qty,
        part.sales_item_line_detail_unit_price
    FROM quickbooks.credit_memo_line_line AS part
    JOIN quickbooks.credit_memo_line AS bundle
        ON
            bundle._company = part._company
            AND bundle.credit_memo_id = part.credit_memo_id
            AND bundle.position = part.line_position
    WHERE NOT part._deleted AND part.detail_type = 'SalesItemLineDetail'
    UNION ALL
    SELECT
        _company, 'RefundReceipt' AS txn_type, refund_receipt_id AS txn_id,
        position AS line_position,
        CAST(NULL AS BIGINT) AS inner_position, CAST(NULL AS VARCHAR) AS bundle_id, -1 AS sign,
        detail_type, description, amount,
        sales_item_line_detail_item_id AS item_id,
        sales_item_line_detail_item_account_id AS item_account_id,
        discount_line_detail_discount_account_id AS discount_account_id,
        coalesce(sales_item_line_detail_class_id, discount_line_detail_class_id) AS class_id,
        sales_item_line_detail_service_date AS service_date,
        coalesce(sales_item_line_detail_tax_code_id, discount_line_detail_tax_code_id)
            AS tax_code_id,
        sales_item_line_detail_qty AS quantity,
        sales_item_line_detail_unit_price AS unit_price
    FROM quickbooks.refund_receipt_line
    WHERE NOT _deleted AND detail_type IN ('SalesItemLineDetail', 'DiscountLineDetail')
    UNION ALL
    SELECT
        part._company, 'RefundReceipt', part.refund_receipt_id, part.line_position,
        part.position, bundle.group_line_detail_group_item_id, -1,
        part.detail_type, part.description, part.amount,
        part.sales_item_line_detail_item_id,
        part.sales_item_line_detail_item_account_id,
        NULL,
        part.sales_item_line_detail_class_id,
        part.sales_item_line_detail_service_date,
        part.sales_item_line_detail_tax_code_id,
        part.sales_item_line_detail_qty,
        part.sales_item_line_detail_unit_price
    FROM quickbooks.refund_receipt_line_line AS part
    JOIN quickbooks.refund_receipt_line AS bundle
        ON
            bundle._company = part._company
            AND bundle.refund_receipt_id = part.refund_receipt_id
            AND bundle.position = part.line_position
    WHERE NOT part._deleted AND part.detail_type = 'SalesItemLineDetail'
),

classes AS (
    SELECT _company, 'Invoice' AS txn_type, id AS txn_id, class_id
    FROM quickbooks.invoice
    WHERE class_id IS NOT NULL
    UNION ALL
    SELECT _company, 'SalesReceipt' AS txn_type, id AS txn_id, class_id
    FROM quickbooks.sales_receipt
    WHERE class_id IS NOT NULL
    UNION ALL
    SELECT _company, 'CreditMemo' AS txn_type, id AS txn_id, class_id
    FROM quickbooks.credit_memo
    WHERE class_id IS NOT NULL
    UNION ALL
    SELECT _company, 'RefundReceipt' AS txn_type, id AS txn_id, class_id
    FROM quickbooks.refund_receipt
    WHERE class_id IS NOT NULL
)

SELECT
    lines._company,
    lines.txn_type,
    lines.txn_id,
    lines.line_position,
    lines.inner_position,
    document.txn_date,
    CAST(date_trunc('month', document.txn_date) AS DATE) AS month,
    document.doc_number,
    document.customer_id,
    lines.item_id,
    lines.bundle_id,
    coalesce(lines.item_account_id, lines.discount_account_id, item.income_account_id)
        AS account_id,
    coalesce(lines.class_id, classes.class_id) AS class_id,
    document.department_id,
    lines.detail_type = 'DiscountLineDetail' AS is_discount,
    lines.description,
    lines.service_date,
    lines.tax_code_id,
    lines.sign * lines.quantity AS quantity,
    lines.unit_price,
    CASE
        WHEN lines.detail_type = 'DiscountLineDetail' THEN -lines.sign * lines.amount
        ELSE lines.sign * lines.amount
    END AS amount,
    CAST(round(
        CASE
            WHEN lines.detail_type = 'DiscountLineDetail' THEN -lines.sign * lines.amount
            ELSE lines.sign * lines.amount
        END * document.exchange_rate, 2
    ) AS DECIMAL(38, 10)) AS home_amount,
    document.currency
FROM lines
JOIN books.document AS document
    ON
        document._company = lines._company
        AND document.txn_type = lines.txn_type
        AND document.txn_id = lines.txn_id
LEFT JOIN quickbooks.item AS item
    ON item._company = lines._company AND item.id = lines.item_id
LEFT JOIN classes
    ON
        classes._company = lines._company
        AND classes.txn_type = lines.txn_type
        AND classes.txn_id = lines.txn_id
