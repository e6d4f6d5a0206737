-- What documents of the kind {entity} post: each line to its account, or to the stock or the
-- expense account of its item, the tax of each rate, and the total against {control}.
WITH document AS (
    SELECT
        doc._company, doc.id, doc.txn_date, doc.doc_number, doc.currency_id, doc.exchange_rate,
        doc.department_id, doc.total_amt, doc.private_note, doc._state,
        {sign} AS sign,
        {customer_id} AS customer_id,
        {vendor_id} AS vendor_id,
        {employee_id} AS employee_id,
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

part AS (
    SELECT
        _company, id, 'control' AS role, NULL AS line_position,
        control_account_id AS account_id, -total_amt AS amount,
        NULL AS customer_id, NULL AS item_id, NULL AS quantity, NULL AS class_id,
        NULL AS tax_rate_id, private_note AS description
    FROM document
    UNION ALL
    SELECT
        line._company, line.{table}_id, 'line', line.position,
        coalesce(
            line.account_based_expense_line_detail_account_id,
            line.tds_line_detail_tds_account_id,
            CASE WHEN item.type = 'Inventory' THEN item.asset_account_id END,
            item.expense_account_id
        ),
        line.amount,
        coalesce(
            line.account_based_expense_line_detail_customer_id,
            line.item_based_expense_line_detail_customer_id
        ),
        line.item_based_expense_line_detail_item_id,
        line.item_based_expense_line_detail_qty,
        coalesce(
            line.account_based_expense_line_detail_class_id,
            line.item_based_expense_line_detail_class_id
        ),
        NULL, line.description
    FROM quickbooks.{table}_line AS line
    LEFT JOIN quickbooks.item AS item
        ON
            item._company = line._company
            AND item.id = line.item_based_expense_line_detail_item_id
    WHERE
        line.detail_type IN (
            'AccountBasedExpenseLineDetail', 'ItemBasedExpenseLineDetail', 'TDSLineDetail'
        )
    UNION ALL
    SELECT
        tax._company, tax.{table}_id, 'tax', tax.position,
        coalesce(agency.purchase_account_id, fallback.account_id),
        tax.amount, NULL, NULL, NULL, NULL, tax.tax_line_detail_tax_rate_id, tax.description
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
    NULL AS inner_position,
    part.account_id,
    document.sign * part.amount AS foreign_amount,
    NULL AS home_amount,
    document.currency_id AS currency,
    document.exchange_rate,
    coalesce(part.customer_id, document.customer_id) AS customer_id,
    document.vendor_id,
    document.employee_id,
    part.item_id,
    CASE WHEN document._state = 'voided' THEN 0 ELSE part.quantity END AS quantity,
    part.class_id,
    document.department_id,
    part.tax_rate_id,
    part.description
FROM document
INNER JOIN part ON part._company = document._company AND part.id = document.id
