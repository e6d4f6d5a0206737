-- Where the postings that are derived from documents and those of the ledger of record differ, and
-- why. Both sides are on the accrual basis, in home currency.
--
-- Postings are held against each other by transaction, day and account. Where the sums agree there
-- is no difference; where they do not, postings of the same amount cancel each other, and what is
-- left stands here, the derived beside the recorded in the order of their amounts.
--
-- Reasons, the first that holds:
-- not_exposed: no entity of the API carries the transaction, or which account its tax is owed on.
-- timing: the document changed after the ledger was fetched, or no ledger was fetched of the month.
-- exchange: gains and losses of foreign currencies, and what they leave on A/R and A/P.
-- rounding: a document in a foreign currency, within a cent a posting.
-- unexplained: anything else.
--
-- Grain: one row a posting, or a pair of them, without its like on the other side.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   txn_type VARCHAR: The entity; what the report calls the transaction if no entity holds it.
--   txn_id VARCHAR: The transaction.
--   txn_date DATE: The day of the posting.
--   account_id VARCHAR: The account; empty where the documents do not tell which.
--   derived DECIMAL(38,10): What the documents imply, debit positive; empty if there is nothing.
--   recorded DECIMAL(38,10): What the ledger of record says; empty if there is nothing.
--   difference DECIMAL(38,10): derived less recorded.
--   reason VARCHAR: not_exposed, timing, exchange, rounding or unexplained.
--   detail VARCHAR: The reason in a sentence.

WITH derived AS (
    SELECT
        _company, txn_type, txn_id, txn_date, coalesce(account_id, '') AS account_id, amount,
        foreign_amount, role, coalesce(exchange_rate, 1) <> 1 AS is_foreign
    FROM books.posting
    WHERE amount <> 0
),

recorded AS (
    SELECT
        _company, coalesce(txn_type, '') AS txn_type, coalesce(txn_id, '') AS txn_id, txn_date,
        coalesce(account_id, '') AS account_id, amount, foreign_amount
    FROM books.general_ledger
    WHERE accounting_method = 'Accrual' AND amount <> 0
),

-- What is posted to an account by a transaction on a day, where both sides do not agree on it.
differing AS (
    SELECT _company, txn_type, txn_id, txn_date, account_id
    FROM (
        SELECT _company, txn_type, txn_id, txn_date, account_id, amount FROM derived
        UNION ALL
        SELECT _company, txn_type, txn_id, txn_date, account_id, -amount FROM recorded
    ) AS both_sides
    GROUP BY _company, txn_type, txn_id, txn_date, account_id
    HAVING sum(amount) <> 0
),

-- Of several postings alike each cancels one.
derived_left AS (
    SELECT
        derived.*,
        row_number() OVER (
            PARTITION BY
                derived._company, derived.txn_type, derived.txn_id, derived.txn_date,
                derived.account_id, derived.amount
            ORDER BY derived.foreign_amount
        ) AS occurrence
    FROM derived
    SEMI JOIN differing
        ON
            differing._company = derived._company
            AND differing.txn_type = derived.txn_type
            AND differing.txn_id = derived.txn_id
            AND differing.txn_date = derived.txn_date
            AND differing.account_id = derived.account_id
),

recorded_left AS (
    SELECT
        recorded.*,
        row_number() OVER (
            PARTITION BY
                recorded._company, recorded.txn_type, recorded.txn_id, recorded.txn_date,
                recorded.account_id, recorded.amount
            ORDER BY recorded.foreign_amount
        ) AS occurrence
    FROM recorded
    SEMI JOIN differing
        ON
            differing._company = recorded._company
            AND differing.txn_type = recorded.txn_type
            AND differing.txn_id = recorded.txn_id
            AND differing.txn_date = recorded.txn_date
            AND differing.account_id = recorded.account_id
),

derived_alone AS (
    SELECT
        one.*,
        row_number() OVER (
            PARTITION BY one._company, one.txn_type, one.txn_id, one.txn_date, one.account_id
            ORDER BY one.amount
        ) AS place
    FROM derived_left AS one
    ANTI JOIN recorded_left AS other
        ON
            other._company = one._company
            AND other.txn_type = one.txn_type
            AND other.txn_id = one.txn_id
            AND other.txn_date = one.txn_date
            AND other.account_id = one.account_id
            AND other.amount = one.amount
            AND other.occurrence = one.occurrence
),

recorded_alone AS (
    SELECT
        one.*,
        row_number() OVER (
            PARTITION BY one._company, one.txn_type, one.txn_id, one.txn_date, one.account_id
            ORDER BY one.amount
        ) AS place
    FROM recorded_left AS one
    ANTI JOIN derived_left AS other
        ON
            other._company = one._company
            AND other.txn_type = one.txn_type
            AND other.txn_id = one.txn_id
            AND other.txn_date = one.txn_date
            AND other.account_id = one.account_id
            AND other.amount = one.amount
            AND other.occurrence = one.occurrence
),

pairs AS (
    SELECT
        coalesce(ours._company, theirs._company) AS _company,
        coalesce(ours.txn_type, theirs.txn_type) AS txn_type,
        coalesce(ours.txn_id, theirs.txn_id) AS txn_id,
        coalesce(ours.txn_date, theirs.txn_date) AS txn_date,
        nullif(coalesce(ours.account_id, theirs.account_id), '') AS account_id,
        ours.amount AS derived,
        theirs.amount AS recorded,
        coalesce(ours.amount, 0) - coalesce(theirs.amount, 0) AS difference,
        coalesce(ours.foreign_amount, 0) - coalesce(theirs.foreign_amount, 0) AS foreign_difference,
        ours.role
    FROM derived_alone AS ours
    FULL JOIN recorded_alone AS theirs
        ON
            theirs._company = ours._company
            AND theirs.txn_type = ours.txn_type
            AND theirs.txn_id = ours.txn_id
            AND theirs.txn_date = ours.txn_date
            AND theirs.account_id = ours.account_id
            AND theirs.place = ours.place
),

-- Every document there is or was, with when QuickBooks changed it last.
documents AS (
    SELECT _company, 'Invoice' AS txn_type, id AS txn_id, _changed_at FROM quickbooks.invoice
    UNION ALL
    SELECT _company, 'CreditMemo', id, _changed_at FROM quickbooks.credit_memo
    UNION ALL
    SELECT _company, 'SalesReceipt', id, _changed_at FROM quickbooks.sales_receipt
    UNION ALL
    SELECT _company, 'RefundReceipt', id, _changed_at FROM quickbooks.refund_receipt
    UNION ALL
    SELECT _company, 'Payment', id, _changed_at FROM quickbooks.payment
    UNION ALL
    SELECT _company, 'Bill', id, _changed_at FROM quickbooks.bill
    UNION ALL
    SELECT _company, 'VendorCredit', id, _changed_at FROM quickbooks.vendor_credit
    UNION ALL
    SELECT _company, 'BillPayment', id, _changed_at FROM quickbooks.bill_payment
    UNION ALL
    SELECT _company, 'Purchase', id, _changed_at FROM quickbooks.purchase
    UNION ALL
    SELECT _company, 'Deposit', id, _changed_at FROM quickbooks.deposit
    UNION ALL
    SELECT _company, 'Transfer', id, _changed_at FROM quickbooks.transfer
    UNION ALL
    SELECT _company, 'JournalEntry', id, _changed_at FROM quickbooks.journal_entry
    UNION ALL
    SELECT _company, 'CreditCardPayment', id, _changed_at FROM quickbooks.credit_card_payment
    UNION ALL
    SELECT _company, 'InventoryAdjustment', id, _changed_at FROM quickbooks.inventory_adjustment
),

-- The cost of goods follows from all documents of the company, whichever changed last.
last_changes AS (
    SELECT _company, max(_changed_at) AS changed_at FROM documents GROUP BY _company
),

-- What is left of a whole transaction.
transactions AS (
    SELECT
        pairs._company, pairs.txn_type, pairs.txn_id,
        sum(pairs.difference) AS difference,
        coalesce(bool_or(pairs.account_id IS NULL AND pairs.role = 'tax'), FALSE) AS unknown_tax,
        coalesce(bool_or(chart.account_sub_type = 'ExchangeGainOrLoss'), FALSE)
        AND bool_and(
            coalesce(chart.account_sub_type = 'ExchangeGainOrLoss', FALSE)
            OR (
                coalesce(
                    chart.account_type IN ('Accounts Receivable', 'Accounts Payable'), FALSE
                )
                AND pairs.foreign_difference = 0
            )
        ) AS only_exchange
    FROM pairs
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = pairs._company AND chart.account_id = pairs.account_id
    GROUP BY pairs._company, pairs.txn_type, pairs.txn_id
),

foreign_documents AS (
    SELECT _company, txn_type, txn_id, count(*) AS postings
    FROM derived
    WHERE is_foreign
    GROUP BY _company, txn_type, txn_id
),

account_sums AS (
    SELECT
        _company, txn_type, txn_id, txn_date, account_id, sum(difference) AS difference,
        sum(foreign_difference) AS foreign_difference
    FROM pairs
    GROUP BY _company, txn_type, txn_id, txn_date, account_id
),

facts AS (
    SELECT
        pairs.*,
        -- Of these QuickBooks gives the total in home currency, so neither excuse holds.
        pairs.txn_type IN ('Invoice', 'CreditMemo', 'SalesReceipt', 'RefundReceipt', 'Deposit')
            AS says_home_total,
        types.txn_type IS NULL AS no_entity,
        whole.unknown_tax AND whole.difference = 0 AS unknown_tax,
        whole.only_exchange AND whole.difference = 0 AND abroad.postings IS NOT NULL
        AND NOT says_home_total AS only_exchange,
        CASE WHEN pairs.role IN ('cost', 'stock') THEN any_document.changed_at
            ELSE document._changed_at
        END AS changed_at,
        fetched.seen_at,
        abs(account.difference) <= 0.01 * abroad.postings AND account.foreign_difference = 0
        AND NOT (says_home_total AND coalesce(pairs.role = 'control', FALSE)) AS rounded
    FROM pairs
    JOIN transactions AS whole
        ON
            whole._company = pairs._company
            AND whole.txn_type = pairs.txn_type
            AND whole.txn_id = pairs.txn_id
    JOIN account_sums AS account
        ON
            account._company = pairs._company
            AND account.txn_type = pairs.txn_type
            AND account.txn_id = pairs.txn_id
            AND account.txn_date = pairs.txn_date
            AND account.account_id IS NOT DISTINCT FROM pairs.account_id
    LEFT JOIN (
        SELECT DISTINCT txn_type FROM books.transaction_type WHERE txn_type IS NOT NULL
    ) AS types ON types.txn_type = pairs.txn_type
    LEFT JOIN foreign_documents AS abroad
        ON
            abroad._company = pairs._company
            AND abroad.txn_type = pairs.txn_type
            AND abroad.txn_id = pairs.txn_id
    LEFT JOIN documents AS document
        ON
            document._company = pairs._company
            AND document.txn_type = pairs.txn_type
            AND document.txn_id = pairs.txn_id
    LEFT JOIN last_changes AS any_document ON any_document._company = pairs._company
    LEFT JOIN books.ledger_window AS fetched
        ON
            fetched._company = pairs._company
            AND pairs.txn_date BETWEEN fetched.first_day AND fetched.last_day
),

reasons AS (
    SELECT
        *,
        CASE
            WHEN no_entity OR unknown_tax THEN 'not_exposed'
            WHEN recorded IS NULL AND seen_at IS NULL THEN 'timing'
            WHEN changed_at > seen_at THEN 'timing'
            WHEN only_exchange THEN 'exchange'
            WHEN rounded THEN 'rounding'
            ELSE 'unexplained'
        END AS reason
    FROM facts
)

SELECT
    _company,
    txn_type,
    txn_id,
    txn_date,
    account_id,
    derived,
    recorded,
    CAST(difference AS DECIMAL(38, 10)) AS difference,
    reason,
    CASE
        WHEN no_entity THEN 'No entity of the API carries this transaction.'
        WHEN unknown_tax THEN 'No tax rate is loaded that tells which account the tax is owed on.'
        WHEN reason = 'timing' AND seen_at IS NULL
            THEN 'No ledger report was fetched of this month.'
        WHEN reason = 'timing' AND role IN ('cost', 'stock')
            THEN 'A document was changed after the ledger report was fetched, and costs with it.'
        WHEN reason = 'timing'
            THEN 'The document was changed after the ledger report was fetched.'
        WHEN reason = 'exchange' THEN 'The gain or loss of settling at another exchange rate.'
        WHEN reason = 'rounding' THEN 'The home amounts of foreign lines are rounded one by one.'
        WHEN derived IS NULL THEN 'The ledger has it, and the document does not imply it.'
        WHEN recorded IS NULL THEN 'The document implies it, and the ledger has it not.'
        ELSE 'The ledger has another amount than the document implies.'
    END AS detail
FROM reasons
