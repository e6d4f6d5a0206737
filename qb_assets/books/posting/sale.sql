-- What documents of the kind {entity} post: the total on one side; on the other the income of
-- each line and of each line within a bundle, and the tax of each rate; discounts on the first.
WITH document AS (
    SELECT
        doc.*,
        coalesce({control_id}, control.account_id, fallback.account_id) AS control_account_id
    FROM quickbooks.{table} AS doc
    LEFT JOIN default_account AS control
        ON
            control._company = doc._company
            AND control.purpose = '{control}'
            AND control.currency = doc.currency_id
    LEFT JOIN default_account AS fallback
        ON
            fallback._company = doc._company
            AND fallback.purpose = '{control}'
            AND fallback.currency = ''
    WHERE NOT doc._deleted
),

sold AS (
    SELECT
        _company, {table}_id AS id, position AS line_position, NULL AS inner_position,
        amount, description,
        sales_item_line_detail_item_id AS item_id,
        sales_item_line_detail_item_account_id AS item_account_id,
        sales_item_line_detail_qty AS quantity,
        sales_item_line_detail_class_id AS class_id
    FROM quickbooks.{table}_line
    WHERE detail_type = 'SalesItemLineDetail'
    UNION ALL
    SELECT
        _company, {table}_id, line_position, position,
        amount, description,
        sales_item_line_detail_item_id,
        sales_item_line_detail_item_account_id,
        sales_item_line_detail_qty,
        sales_item_line_detail_class_id
    FROM quickbooks.{table}_line_line
    WHERE detail_type = 'SalesItemLineDetail'
),

part AS (
    SELECT
        _company, id, 'control' AS role, NULL AS line_position, NULL AS inner_position,
        control_account_id AS account_id, total_amt AS amount, home_total_amt AS home_amount,
        NULL AS item_id, NULL AS quantity, NULL AS class_id, NULL AS tax_rate_id,
        private_note AS description
    FROM document
    UNION ALL
    SELECT
        sold._company, sold.id, 'line', sold.line_position, sold.inner_position,
        coalesce(sold.item_account_id, item.income_account_id, shipping.account_id),
        -sold.amount, NULL, sold.item_id, sold.quantity, sold.class_id, NULL, sold.description
    FROM sold
    LEFT JOIN quickbooks.item AS item
        ON item._company = sold._company AND item.id = sold.item_id
    LEFT JOIN default_account AS shipping
        ON
            shipping._company = sold._company
            AND shipping.purpose = 'shipping'
            AND sold.item_id = 'SHIPPING_ITEM_ID'
    UNION ALL
    SELECT
        line._company, line.{table}_id, 'discount', line.position, NULL,
        coalesce(line.discount_line_detail_discount_account_id, discount.account_id),
        line.amount, NULL, NULL, NULL, line.discount_line_detail_class_id, NULL, line.description
    FROM quickbooks.{table}_line AS line
    LEFT JOIN default_account AS discount
        ON discount._company = line._company AND discount.purpose = 'discount'
    WHERE line.detail_type = 'DiscountLineDetail'
    UNION ALL
    SELECT
        tax._company, tax.{table}_id, 'tax', tax.position, NULL,
        coalesce(agency.sales_account_id, fallback.account_id),
        -tax.amount, NULL, NULL, NULL, NULL, tax.tax_line_detail_tax_rate_id, tax.description
    FROM quickbooks.{table}_tax_line AS tax
    LEFT JOIN tax_account AS agency
        ON
            agency._company = tax._company
            AND agency.tax_rate_id = tax.tax_line_detail_tax_rate_id
    LEFT JOIN default_account AS fallback
        ON fallback._company = tax._company AND fallback.purpose = 'tax'
)

SELECT
    document._company,
    '{entity}' AS txn_type,
    document.id AS txn_id,
    document.txn_date,
    document.doc_number,
    part.role,
    part.line_position,
    part.inner_position,
    part.account_id,
    {sign} * part.amount AS foreign_amount,
    {sign} * part.home_amount AS home_amount,
    document.currency_id AS currency,
    document.exchange_rate,
    document.customer_id,
    NULL AS vendor_id,
    NULL AS employee_id,
    part.item_id,
    CASE WHEN document._state = 'voided' THEN 0 ELSE part.quantity END AS quantity,
    coalesce(part.class_id, document.class_id) AS class_id,
    document.department_id,
    part.tax_rate_id,
    part.description
FROM document
INNER JOIN part ON part._company = document._company AND part.id = document.id
