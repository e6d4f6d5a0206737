-- The quantity and the value of every item at the end of every month are those of the
-- InventoryValuationSummary report, and the value of all items is the balance of their accounts.
WITH fetched AS (
    SELECT _company, month
    FROM reports.snapshot
    WHERE report = 'inventory_valuation_summary' AND current
),

ours AS (
    SELECT
        moved._company, fetched.month, moved.item_id, sides.column_key,
        sum(CASE sides.column_key WHEN 'quantity' THEN moved.quantity ELSE moved.value END)
            AS amount
    FROM fetched
    JOIN books.inventory_movements AS moved
        ON moved._company = fetched._company AND moved.txn_date <= last_day(fetched.month)
    CROSS JOIN (VALUES ('quantity'), ('asset_value')) AS sides (column_key)
    GROUP BY moved._company, fetched.month, moved.item_id, sides.column_key
),

theirs AS (
    SELECT _company, month, row_id AS item_id, column_key, sum(amount) AS amount
    FROM reports.inventory_valuation_summary
    WHERE
        row_kind IN ('data', 'header')
        AND column_key IN ('quantity', 'asset_value')
        AND amount IS NOT NULL
    GROUP BY _company, month, row_id, column_key
),

accounts AS (
    SELECT DISTINCT _company, account_id FROM books.inventory_movements
),

balances AS (
    SELECT held._company, held.month, sum(held.balance) AS amount
    FROM books.trial_balance AS held
    SEMI JOIN accounts
        ON accounts._company = held._company AND accounts.account_id = held.account_id
    SEMI JOIN fetched ON fetched._company = held._company AND fetched.month = held.month
    WHERE held.accounting_method = 'Accrual'
    GROUP BY held._company, held.month
),

whole AS (
    SELECT _company, month, sum(amount) AS amount
    FROM reports.inventory_valuation_summary
    WHERE row_kind IN ('data', 'header') AND column_key = 'asset_value'
    GROUP BY _company, month
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    'item ' || coalesce(ours.item_id, theirs.item_id, '') || ', '
        || replace(coalesce(ours.column_key, theirs.column_key), '_', ' ') AS subject,
    NULL AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.month = ours.month
        AND theirs.item_id IS NOT DISTINCT FROM ours.item_id
        AND theirs.column_key = ours.column_key
UNION ALL
SELECT
    coalesce(balances._company, whole._company), 'accounts of the stock', NULL,
    last_day(coalesce(balances.month, whole.month)), coalesce(balances.amount, 0),
    coalesce(whole.amount, 0), NULL
FROM balances
FULL JOIN whole ON whole._company = balances._company AND whole.month = balances.month
