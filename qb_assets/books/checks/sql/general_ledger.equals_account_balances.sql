-- The postings to each account of the balance sheet add up to Account.CurrentBalance, in the
-- account's currency. Where a document that posts to the account was changed after the account was
-- fetched, or the account after the ledger, the two are not of the same moment and are left out.
WITH whole AS (
    SELECT _company, min(seen_at) AS seen_at
    FROM books.ledger_window
    GROUP BY _company
    HAVING min(first_day) = DATE '0001-01-01'
),

ledger AS (
    SELECT
        posting._company, posting.account_id, max(posting.txn_date) AS last_date,
        sum(
            CASE
                WHEN account.currency_id <> company.home_currency THEN posting.foreign_amount
                ELSE posting.amount
            END
        ) AS amount
    FROM books.general_ledger AS posting
    JOIN quickbooks.account AS account
        ON account._company = posting._company AND account.id = posting.account_id
    JOIN books.company AS company ON company._company = posting._company
    WHERE posting.accounting_method = 'Accrual'
    GROUP BY posting._company, posting.account_id
)

SELECT
    account._company,
    'account ' || account.id AS subject,
    account.id AS account_id,
    ledger.last_date AS as_of,
    coalesce(ledger.amount, 0) AS ours,
    coalesce(account.current_balance, 0) AS theirs,
    NULL AS txn_ids
FROM quickbooks.account AS account
JOIN whole ON whole._company = account._company
LEFT JOIN ledger ON ledger._company = account._company AND ledger.account_id = account.id
WHERE
    NOT account._deleted
    AND account.classification IN ('Asset', 'Liability', 'Equity')
    AND account._changed_at <= whole.seen_at
