-- What came into stock and went out, with its value, as the ledger of record has it.
--
-- Grain: one row a company and posting to an account of stock.
--
-- Columns:
--   _company VARCHAR <- books.general_ledger._company: The realm Id.
--   posting_id VARCHAR <- books.general_ledger.posting_id: The posting.
--   item_id VARCHAR <- books.general_ledger.item_id: The item; empty where the ledger names none.
--   account_id VARCHAR <- books.general_ledger.account_id: The account of the stock.
--   txn_date DATE <- books.general_ledger.txn_date: The day.
--   txn_type VARCHAR <- books.general_ledger.txn_type: The entity of the transaction.
--   txn_id VARCHAR <- books.general_ledger.txn_id: The transaction.
--   line_position BIGINT <- books.general_ledger.line_position: The line of it.
--   quantity DECIMAL(38,10): How many came in; negative for what went out.
--   value DECIMAL(38,10) <- books.general_ledger.amount: What they cost, home currency, signed
--     alike.
--   unit_cost DECIMAL(38,10): The cost of one, rounded to seven decimals.
--   quantity_on_hand DECIMAL(38,10): How many of the item there are after it.
--   value_on_hand DECIMAL(38,10): What all of the item there is after it cost.

WITH movements AS (
    SELECT
        ledger._company, ledger.posting_id, ledger.item_id, ledger.account_id, ledger.txn_date,
        ledger.txn_type, ledger.txn_id, ledger.line_position, ledger.row_number,
        CASE
            WHEN ledger.amount < 0 THEN -abs(ledger.quantity)
            WHEN ledger.amount > 0 THEN abs(ledger.quantity)
            ELSE ledger.quantity
        END AS quantity,
        ledger.amount AS value
    FROM books.general_ledger AS ledger
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = ledger._company AND chart.account_id = ledger.account_id
    WHERE
        ledger.accounting_method = 'Accrual'
        AND (
            chart.account_sub_type = 'Inventory'
            OR (ledger._company, ledger.account_id) IN (
                SELECT (_company, asset_account_id) FROM quickbooks.item WHERE type = 'Inventory'
            )
        )
)

SELECT
    _company,
    posting_id,
    item_id,
    account_id,
    txn_date,
    txn_type,
    txn_id,
    line_position,
    quantity,
    value,
    CAST(round(value / nullif(quantity, 0), 7) AS DECIMAL(38, 10)) AS unit_cost,
    CAST(sum(quantity) OVER so_far AS DECIMAL(38, 10)) AS quantity_on_hand,
    CAST(sum(value) OVER so_far AS DECIMAL(38, 10)) AS value_on_hand
FROM movements
WINDOW so_far AS (
    PARTITION BY _company, item_id
    ORDER BY txn_date, row_number, posting_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
)
