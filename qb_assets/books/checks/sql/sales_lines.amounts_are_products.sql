-- What each line sells is its quantity times its price, to the cent. QuickBooks refuses a line of
-- which that is not so (its error 6070), and gives a price at most seven decimals. Prices of
-- documents with included tax may hold the tax, so these are not looked at.
WITH inclusive AS (
    SELECT _company, 'Invoice' AS txn_type, id AS txn_id
    FROM quickbooks.invoice
    WHERE global_tax_calculation = 'TaxInclusive'
    UNION ALL
    SELECT _company, 'SalesReceipt', id
    FROM quickbooks.sales_receipt
    WHERE global_tax_calculation = 'TaxInclusive'
    UNION ALL
    SELECT _company, 'CreditMemo', id
    FROM quickbooks.credit_memo
    WHERE global_tax_calculation = 'TaxInclusive'
    UNION ALL
    SELECT _company, 'RefundReceipt', id
    FROM quickbooks.refund_receipt
    WHERE global_tax_calculation = 'TaxInclusive'
),

lines AS (
    SELECT
        line._company, line.txn_type, line.txn_id, line.line_position, line.inner_position,
        line.txn_date, line.amount, line.quantity * line.unit_price AS product,
        0.005 + abs(line.quantity) * 0.00000005 AS rounded
    FROM books.sales_lines AS line
    ANTI JOIN inclusive
        ON
            inclusive._company = line._company
            AND inclusive.txn_type = line.txn_type
            AND inclusive.txn_id = line.txn_id
    WHERE NOT line.is_discount AND line.quantity IS NOT NULL AND line.unit_price IS NOT NULL
)

SELECT
    _company,
    txn_type || ':' || txn_id || ', line ' || line_position
        || coalesce('.' || inner_position, '') AS subject,
    NULL AS account_id,
    txn_date AS as_of,
    amount AS ours,
    CASE WHEN abs(product - amount) <= rounded THEN amount ELSE round(product, 2) END AS theirs,
    txn_type || ':' || txn_id AS txn_ids
FROM lines
