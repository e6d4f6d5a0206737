-- What moves of the stock post that no document shows: the cost of what is sold, of what customers
-- bring back, and of what a count corrects.
--
-- Stock goes out first in, first out, whether it had come in by then or not: QuickBooks works the
-- cost of earlier sales out anew when a purchase is entered late. All that has gone out up to and
-- with a move is worth the layers it used up and its share of the layer it began, rounded to cents;
-- the move costs by how much that is more than before it. So a layer that is used up has gone out
-- at what it came in at, to the cent.
WITH stock_movement AS MATERIALIZED (
{stock_movement}
),

stock_layer AS MATERIALIZED (
{stock_layer}
),

issue AS (
    SELECT
        _company, item_id, number,
        sum(-quantity) OVER (
            PARTITION BY _company, item_id ORDER BY number ROWS UNBOUNDED PRECEDING
        ) AS quantity_out
    FROM stock_movement
    WHERE quantity < 0
),

-- Layers and issues on one axis: how much has gone out.
point AS (
    SELECT _company, item_id, NULL AS number, quantity_before AS quantity_out, place
    FROM stock_layer
    UNION ALL
    SELECT _company, item_id, number, quantity_out, NULL
    FROM issue
),

reached AS (
    SELECT
        _company, item_id, number, quantity_out,
        max(place) OVER (
            PARTITION BY _company, item_id
            ORDER BY quantity_out, CASE WHEN number IS NULL THEN 0 ELSE 1 END
            ROWS UNBOUNDED PRECEDING
        ) AS layer_place
    FROM point
),

-- The share in whole numbers of 10^-10: decimals would be divided as floats.
share AS (
    SELECT
        reached._company, reached.item_id, reached.number, layer.worth_before,
        CAST(layer.worth * 10000000000 AS HUGEINT) AS worth,
        CAST((reached.quantity_out - layer.quantity_before) * 10000000000 AS HUGEINT) AS taken,
        CAST(layer.quantity * 10000000000 AS HUGEINT) AS whole
    FROM reached
    INNER JOIN stock_layer AS layer
        ON
            layer._company = reached._company
            AND layer.item_id = reached.item_id
            AND layer.place = reached.layer_place
    WHERE reached.number IS NOT NULL
),

gone AS (
    SELECT
        _company, item_id, number,
        worth_before + 0.01 * CAST(
            (2 * worth * taken + 100000000 * whole) // (200000000 * whole) AS DECIMAL(20, 0)
        ) AS worth_out
    FROM share
),

change AS (
    SELECT
        number,
        lag(worth_out, 1, 0) OVER (PARTITION BY _company, item_id ORDER BY number) - worth_out
            AS amount
    FROM gone
    UNION ALL
    SELECT movement.number, layer.worth
    FROM stock_movement AS movement
    INNER JOIN stock_layer AS layer
        ON
            layer._company = movement._company
            AND layer.item_id = movement.item_id
            AND layer.number = movement.number
)

SELECT
    movement.txn_type || ':' || movement.txn_id || ':' || side.role
    || ':' || CAST(movement.line_position AS VARCHAR)
    || coalesce(':' || CAST(movement.inner_position AS VARCHAR), '') AS posting_id,
    movement._company,
    movement.txn_type,
    movement.txn_id,
    movement.txn_date,
    movement.doc_number,
    side.role,
    movement.line_position,
    movement.inner_position,
    CASE side.role
        WHEN 'stock' THEN movement.asset_account_id
        ELSE coalesce(movement.against_account_id, movement.expense_account_id)
    END AS account_id,
    side.sign * change.amount AS amount,
    movement.currency,
    movement.exchange_rate,
    CASE WHEN coalesce(movement.exchange_rate, 1) = 1 THEN side.sign * change.amount END
        AS foreign_amount,
    movement.customer_id,
    NULL AS vendor_id,
    NULL AS employee_id,
    movement.item_id,
    CASE side.role WHEN 'stock' THEN movement.quantity END AS quantity,
    movement.class_id,
    movement.department_id,
    NULL AS tax_rate_id,
    movement.description
FROM stock_movement AS movement
INNER JOIN change ON change.number = movement.number
CROSS JOIN (VALUES ('cost', -1), ('stock', 1)) AS side (role, sign)
WHERE movement.costed
