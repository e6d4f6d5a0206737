-- The layers of stock, first in first: one row an item and layer, with what was before it.
--
-- The first (stage 0) is what the item started with on its InvStartDate: what is on hand today less
-- all that has moved since, at the item's PurchaseCost, since no entity tells what it started at.
-- What customers bring back and what a count finds comes in at that price, too. After the last
-- comes one (stage 2) of a single unit at it: what is sold beyond all that came in costs that.
WITH started AS (
    SELECT
        item._company,
        item.id AS item_id,
        coalesce(item.purchase_cost, 0) AS purchase_cost,
        CASE
            WHEN item._deleted THEN 0  -- merged into another, which has its stock
            ELSE coalesce(item.qty_on_hand, 0) - coalesce(sum(moved.quantity), 0)
        END AS quantity
    FROM quickbooks.item AS item
    LEFT JOIN stock_movement AS moved
        ON moved._company = item._company AND moved.item_id = item.id
    WHERE item.type = 'Inventory'
    GROUP BY item._company, item.id, item.purchase_cost, item.qty_on_hand, item._deleted
),

layer AS (
    SELECT
        _company, item_id, 0 AS stage, quantity, round(quantity * purchase_cost, 2) AS worth,
        0 AS number
    FROM started
    WHERE quantity > 0
    UNION ALL
    SELECT
        _company, item_id, 1, quantity,
        coalesce(worth, round(quantity * purchase_cost, 2), 0), number
    FROM stock_movement
    WHERE quantity > 0
    UNION ALL
    SELECT _company, item_id, 2, 1, purchase_cost, 0
    FROM started
)

SELECT
    _company,
    item_id,
    stage,
    quantity,
    worth,
    number,
    row_number() OVER before_and_self AS place,
    sum(quantity) OVER before_and_self - quantity AS quantity_before,
    sum(worth) OVER before_and_self - worth AS worth_before
FROM layer
WINDOW before_and_self AS (
    PARTITION BY _company, item_id
    ORDER BY stage, number
    ROWS UNBOUNDED PRECEDING
)
