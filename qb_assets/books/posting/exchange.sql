-- What entries in a foreign currency lack to balance in the home currency: the gain or loss of
-- settling a charge at another rate than its own, and roundings.
--
-- Entries that do not balance in their own currency, either, lack more than that and get nothing.
WITH default_account AS (
{default_account}
)

SELECT
    entry.txn_type || ':' || entry.txn_id || ':exchange' AS posting_id,
    entry._company,
    entry.txn_type,
    entry.txn_id,
    entry.txn_date,
    entry.doc_number,
    'exchange' AS role,
    NULL AS line_position,
    NULL AS inner_position,
    account.account_id,
    -entry.amount AS amount,
    entry.currency,
    entry.exchange_rate,
    0 AS foreign_amount,
    entry.customer_id,
    entry.vendor_id,
    NULL AS employee_id,
    NULL AS item_id,
    NULL AS quantity,
    NULL AS class_id,
    entry.department_id,
    NULL AS tax_rate_id,
    NULL AS description
FROM (
    SELECT
        _company,
        txn_type,
        txn_id,
        max(txn_date) AS txn_date,
        max(doc_number) AS doc_number,
        max(currency) AS currency,
        max(exchange_rate) AS exchange_rate,
        max(customer_id) AS customer_id,
        max(vendor_id) AS vendor_id,
        max(department_id) AS department_id,
        sum(amount) AS amount
    FROM books.posting
    WHERE exchange_rate <> 1
    GROUP BY _company, txn_type, txn_id
    HAVING sum(amount) <> 0 AND sum(foreign_amount) = 0
) AS entry
LEFT JOIN default_account AS account
    ON account._company = entry._company AND account.purpose = 'exchange'
