-- What journal entries post: each line on its side, and tax on the side that the lines lack, since
-- a tax line does not say its own. Entries that only adjust the home value of a foreign currency
-- hold home amounts.
WITH line AS (
    SELECT
        line.*,
        CASE line.journal_entry_line_detail_posting_type
            WHEN 'Debit' THEN line.amount ELSE -line.amount
        END AS debit
    FROM quickbooks.journal_entry_line AS line
    WHERE line.detail_type = 'JournalEntryLineDetail'
),

part AS (
    SELECT
        _company, journal_entry_id AS id, 'line' AS role, position AS line_position,
        journal_entry_line_detail_account_id AS account_id, debit AS amount,
        journal_entry_line_detail_entity_type AS name_type,
        journal_entry_line_detail_entity_entity_id AS name_id,
        journal_entry_line_detail_class_id AS class_id,
        journal_entry_line_detail_department_id AS department_id,
        journal_entry_line_detail_tax_rate_id AS tax_rate_id,
        description
    FROM line
    UNION ALL
    SELECT
        tax._company, tax.journal_entry_id, 'tax', tax.position,
        coalesce(agency.sales_account_id, fallback.account_id),
        CASE WHEN sums.debit > 0 THEN -tax.amount ELSE tax.amount END,
        NULL, NULL, NULL, NULL, tax.tax_line_detail_tax_rate_id, tax.description
    FROM quickbooks.journal_entry_tax_line AS tax
    INNER JOIN (
        SELECT _company, journal_entry_id, sum(debit) AS debit
        FROM line GROUP BY _company, journal_entry_id
    ) AS sums
        ON sums._company = tax._company AND sums.journal_entry_id = tax.journal_entry_id
    LEFT JOIN tax_account AS agency
        ON
            agency._company = tax._company
            AND agency.tax_rate_id = tax.tax_line_detail_tax_rate_id
    LEFT JOIN default_account AS fallback
        ON fallback._company = tax._company AND fallback.purpose = 'tax'
)

SELECT
    doc._company,
    'JournalEntry' AS txn_type,
    doc.id AS txn_id,
    doc.txn_date,
    doc.doc_number,
    part.role,
    part.line_position,
    NULL AS inner_position,
    part.account_id,
    CASE WHEN doc.home_currency_adjustment THEN 0 ELSE part.amount END AS foreign_amount,
    CASE WHEN doc.home_currency_adjustment THEN part.amount END AS home_amount,
    doc.currency_id AS currency,
    doc.exchange_rate,
    CASE WHEN part.name_type = 'Customer' THEN part.name_id END AS customer_id,
    CASE WHEN part.name_type = 'Vendor' THEN part.name_id END AS vendor_id,
    CASE WHEN part.name_type = 'Employee' THEN part.name_id END AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    part.class_id,
    coalesce(part.department_id, doc.department_id) AS department_id,
    part.tax_rate_id,
    coalesce(part.description, doc.private_note) AS description
FROM quickbooks.journal_entry AS doc
INNER JOIN part ON part._company = doc._company AND part.id = doc.id
WHERE NOT doc._deleted
