-- What is open in the end of each {person}'s transactions is the balance that QuickBooks says of
-- the {person}, in the currency of the transactions.
WITH ours AS (
    SELECT _company, {person}_id AS id, sum(open_amount) AS amount
    FROM books.open_item
    WHERE kind = '{kind}' AND last_day > DATE '9999-01-01' AND {person}_id IS NOT NULL
    GROUP BY _company, {person}_id
),

reached AS (
    SELECT DISTINCT _company FROM books.general_ledger WHERE accounting_method = 'Accrual'
)

SELECT
    person._company,
    '{person} ' || person.id AS subject,
    NULL AS account_id,
    CAST(NULL AS DATE) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    person.balance AS theirs,
    NULL AS txn_ids
FROM quickbooks.{person} AS person
SEMI JOIN reached ON reached._company = person._company
LEFT JOIN ours ON ours._company = person._company AND ours.id = person.id
WHERE NOT person._deleted AND person.balance IS NOT NULL
