-- What documents of the kind {entity} post, which move one amount between two accounts.
SELECT
    doc._company,
    '{entity}' AS txn_type,
    doc.id AS txn_id,
    doc.txn_date,
    doc.doc_number,
    side.role,
    NULL AS line_position,
    NULL AS inner_position,
    CASE side.role WHEN 'control' THEN {to_id} ELSE {from_id} END AS account_id,
    side.sign * doc.amount AS foreign_amount,
    NULL AS home_amount,
    doc.currency_id AS currency,
    doc.exchange_rate,
    NULL AS customer_id,
    {vendor_id} AS vendor_id,
    NULL AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    {class_id} AS class_id,
    doc.department_id,
    NULL AS tax_rate_id,
    doc.private_note AS description
FROM quickbooks.{table} AS doc
CROSS JOIN (VALUES ('control', 1), ('line', -1)) AS side (role, sign)
WHERE NOT doc._deleted
