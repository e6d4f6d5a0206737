-- What deposits post: the total to the bank, the cash back to its account on top of that, and each
-- line against its account, or against Undeposited Funds where it brings in an earlier receipt.
WITH received AS (
    SELECT DISTINCT _company, deposit_id, line_position
    FROM quickbooks.deposit_line_linked_txn
),

part AS (
    SELECT
        _company, id, 'control' AS role, NULL AS line_position,
        deposit_to_account_id AS account_id, total_amt AS amount, home_total_amt AS home_amount,
        NULL AS name_type, NULL AS name_id, NULL AS class_id, NULL AS tax_rate_id,
        private_note AS description
    FROM quickbooks.deposit
    UNION ALL
    SELECT
        _company, id, 'cash_back', NULL, cash_back_account_id, cash_back_amount, NULL,
        NULL, NULL, NULL, NULL, cash_back_memo
    FROM quickbooks.deposit
    WHERE cash_back_amount IS NOT NULL
    UNION ALL
    SELECT
        line._company, line.deposit_id, 'line', line.position,
        CASE
            WHEN received.deposit_id IS NULL THEN line.deposit_line_detail_account_id
            ELSE undeposited.account_id
        END,
        -line.amount, NULL,
        line.deposit_line_detail_entity_type, line.deposit_line_detail_entity_id,
        line.deposit_line_detail_class_id, NULL, line.description
    FROM quickbooks.deposit_line AS line
    LEFT JOIN received
        ON
            received._company = line._company
            AND received.deposit_id = line.deposit_id
            AND received.line_position = line.position
    LEFT JOIN default_account AS undeposited
        ON undeposited._company = line._company AND undeposited.purpose = 'undeposited'
    UNION ALL
    SELECT
        tax._company, tax.deposit_id, 'tax', tax.position,
        coalesce(agency.sales_account_id, fallback.account_id),
        -tax.amount, NULL, NULL, NULL, NULL, tax.tax_line_detail_tax_rate_id, tax.description
    FROM quickbooks.deposit_tax_line AS tax
    LEFT JOIN tax_account AS agency
        ON
            agency._company = tax._company
            AND agency.tax_rate_id = tax.tax_line_detail_tax_rate_id
    LEFT JOIN default_account AS fallback
        ON fallback._company = tax._company AND fallback.purpose = 'tax'
)

SELECT
    doc._company,
    'Deposit' AS txn_type,
    doc.id AS txn_id,
    doc.txn_date,
    doc.doc_number,
    part.role,
    part.line_position,
    NULL AS inner_position,
    part.account_id,
    part.amount AS foreign_amount,
    part.home_amount,
    doc.currency_id AS currency,
    doc.exchange_rate,
    CASE WHEN upper(part.name_type) = 'CUSTOMER' THEN part.name_id END AS customer_id,
    CASE WHEN upper(part.name_type) = 'VENDOR' THEN part.name_id END AS vendor_id,
    CASE WHEN upper(part.name_type) = 'EMPLOYEE' THEN part.name_id END AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    part.class_id,
    doc.department_id,
    part.tax_rate_id,
    part.description
FROM quickbooks.deposit AS doc
INNER JOIN part ON part._company = doc._company AND part.id = doc.id
WHERE NOT doc._deleted
