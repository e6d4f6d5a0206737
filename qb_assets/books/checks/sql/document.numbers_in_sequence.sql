-- No number is missing between the numbers of invoices, and likewise of sales receipts, credit
-- memos and refunds, unless another kind of sales form has it, as QuickBooks counts them together;
-- and none was given twice to documents of a kind. Numbers with anything but digits are not looked
-- at, and a step of more than 100 is a new series.
WITH forms AS (
    SELECT _company, txn_type, txn_id, doc_number, txn_date
    FROM books.document
    WHERE txn_type IN ('Invoice', 'SalesReceipt', 'CreditMemo', 'RefundReceipt')
    UNION ALL
    SELECT _company, 'Estimate', id, doc_number, txn_date
    FROM quickbooks.estimate
    WHERE NOT _deleted
),

numbered AS (
    SELECT *, CAST(doc_number AS HUGEINT) AS number
    FROM forms
    WHERE regexp_full_match(doc_number, '[0-9]{{1,18}}')
),

placed AS (
    SELECT
        *,
        lag(number) OVER in_order AS before,
        lag(txn_type || ':' || txn_id) OVER in_order AS txn_id_before
    FROM numbered
    WHERE txn_type <> 'Estimate'
    WINDOW in_order AS (PARTITION BY _company, txn_type ORDER BY number)
),

gap AS (
    SELECT * FROM placed WHERE number - before BETWEEN 2 AND 101
),

filled AS (
    SELECT gap._company, gap.txn_type, gap.number, count(DISTINCT other.number) AS numbers
    FROM gap
    JOIN numbered AS other
        ON
            other._company = gap._company
            AND other.number > gap.before
            AND other.number < gap.number
    GROUP BY gap._company, gap.txn_type, gap.number
)

SELECT
    _company, txn_type || ' number ' || CAST(number AS VARCHAR) AS subject, NULL AS account_id,
    min(txn_date) AS as_of, count(*) AS ours, 1 AS theirs,
    string_agg(txn_type || ':' || txn_id, ', ' ORDER BY txn_id) AS txn_ids
FROM numbered
GROUP BY _company, txn_type, number
UNION ALL
SELECT
    gap._company,
    gap.txn_type || ' numbers from ' || CAST(gap.before + 1 AS VARCHAR) || ' to '
    || CAST(gap.number - 1 AS VARCHAR),
    NULL, gap.txn_date, coalesce(filled.numbers, 0), gap.number - gap.before - 1,
    gap.txn_id_before || ', ' || gap.txn_type || ':' || gap.txn_id
FROM gap
LEFT JOIN filled
    ON
        filled._company = gap._company
        AND filled.txn_type = gap.txn_type
        AND filled.number = gap.number
