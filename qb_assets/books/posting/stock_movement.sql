-- What came into the stock and what went out, of inventory items and from their InvStartDate on:
-- one row a line of a document.
--
-- quantity is the change, above zero what came in; worth is what it came in at, in home currency,
-- empty where the document does not tell. costed says whether what the change is worth is still to
-- be posted: purchases and vendors' credits have posted their own amounts. number tells movements
-- apart and gives their order: by dates, then by Ids, which count up as documents are made.
WITH line AS (
    SELECT
        _company, txn_type, txn_id, txn_date, line_position, inner_position, item_id,
        CASE
            WHEN txn_type IN ('Invoice', 'SalesReceipt') THEN -quantity
            WHEN txn_type IN ('CreditMemo', 'RefundReceipt') THEN quantity
            WHEN amount < 0 THEN -abs(quantity)
            WHEN amount > 0 THEN abs(quantity)
            WHEN txn_type = 'VendorCredit' THEN -quantity
            ELSE quantity
        END AS quantity,
        CASE WHEN txn_type IN ('Bill', 'Purchase', 'VendorCredit') THEN amount END AS worth,
        txn_type NOT IN ('Bill', 'Purchase', 'VendorCredit') AS costed,
        NULL AS against_account_id,
        doc_number, currency, exchange_rate, customer_id, class_id, department_id, description
    FROM books.posting
    WHERE role = 'line' AND quantity <> 0
    UNION ALL
    SELECT
        doc._company, 'InventoryAdjustment', doc.id, doc.txn_date,
        line.position, NULL, line.item_adjustment_line_detail_item_id,
        line.item_adjustment_line_detail_qty_diff, NULL, TRUE,
        doc.adjust_account_id,
        doc.doc_number, doc.currency_id, doc.exchange_rate, doc.customer_id,
        line.item_adjustment_line_detail_class_id, doc.department_id,
        coalesce(line.description, doc.private_note)
    FROM quickbooks.inventory_adjustment AS doc
    INNER JOIN quickbooks.inventory_adjustment_line AS line
        ON line._company = doc._company AND line.inventory_adjustment_id = doc.id
    WHERE NOT doc._deleted AND line.item_adjustment_line_detail_qty_diff <> 0
)

SELECT
    row_number() OVER (
        ORDER BY
            line._company, line.txn_date, length(line.txn_id), line.txn_id, line.txn_type,
            line.line_position, line.inner_position
    ) AS number,
    line.*,
    item.asset_account_id,
    item.expense_account_id,
    item.purchase_cost
FROM line
INNER JOIN quickbooks.item AS item
    ON item._company = line._company AND item.id = line.item_id
WHERE
    item.type = 'Inventory'
    AND (item.inv_start_date IS NULL OR line.txn_date >= item.inv_start_date)
