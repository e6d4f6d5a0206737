-- The sum of the derived postings of each account of the balance sheet beside the balance that
-- QuickBooks says, and what makes the two differ where they do.
--
-- No entity carries payroll, payments of sales tax, and what the stock of an item started at, which
-- stands against Opening Balance Equity. An account that was changed on a later day than all its
-- postings are of was changed by what is not loaded, or not yet.
--
-- Grain: one row an account of the balance sheet.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   account_id VARCHAR: The account's Id.
--   derived DECIMAL(38,10): The sum of its postings in the account's currency, a debit positive.
--   recorded DECIMAL(38,10): Account.CurrentBalance, which has the same sign.
--   cause VARCHAR: stock (what inventory started at), tax (payments of it), payroll, money (what
--     was paid for the two), later or unexplained; empty where there is no difference.
--   changed_on DATE: When QuickBooks changed the account last.
--   last_date DATE: The date of the account's newest posting.

WITH stock_movement AS MATERIALIZED (
{stock_movement}
),

stock_layer AS MATERIALIZED (
{stock_layer}
),

started AS (
    SELECT layer._company, item.asset_account_id AS account_id, sum(layer.worth) AS worth
    FROM stock_layer AS layer
    INNER JOIN quickbooks.item AS item
        ON item._company = layer._company AND item.id = layer.item_id
    WHERE layer.stage = 0
    GROUP BY layer._company, item.asset_account_id
),

home AS (
    SELECT _company, max(currency_prefs_home_currency_id) AS currency
    FROM quickbooks.preferences
    WHERE NOT _deleted
    GROUP BY _company
),

posted AS (
    SELECT
        posting._company, posting.account_id, max(posting.txn_date) AS last_date,
        sum(
            CASE
                WHEN account.currency_id <> home.currency THEN posting.foreign_amount
                ELSE posting.amount
            END
        ) AS derived
    FROM books.posting AS posting
    INNER JOIN quickbooks.account AS account
        ON account._company = posting._company AND account.id = posting.account_id
    LEFT JOIN home ON home._company = posting._company
    GROUP BY posting._company, posting.account_id
),

balance AS (
    SELECT
        account._company,
        account.id AS account_id,
        coalesce(posted.derived, 0) AS derived,
        coalesce(account.current_balance, 0) AS recorded,
        CASE
            WHEN account.account_sub_type = 'OpeningBalanceEquity' THEN -whole.worth
            ELSE started.worth
        END AS start,
        CASE
            WHEN account.account_sub_type IN ('GlobalTaxPayable', 'SalesTaxPayable') THEN 'tax'
            WHEN account.account_sub_type LIKE 'Payroll%' THEN 'payroll'
            WHEN account.account_type IN ('Bank', 'Credit Card') THEN 'money'
        END AS use,
        CAST(account._changed_at AS DATE) AS changed_on,
        posted.last_date
    FROM quickbooks.account AS account
    LEFT JOIN posted ON posted._company = account._company AND posted.account_id = account.id
    LEFT JOIN started ON started._company = account._company AND started.account_id = account.id
    LEFT JOIN (
        SELECT _company, sum(worth) AS worth FROM started GROUP BY _company
    ) AS whole ON whole._company = account._company
    WHERE NOT account._deleted AND account.classification IN ('Asset', 'Liability', 'Equity')
),

-- What is unknown of a company by the use of its accounts.
unseen AS (
    SELECT
        _company,
        sum(CASE WHEN use = 'tax' THEN derived - recorded ELSE 0 END) AS tax,
        sum(CASE WHEN use = 'payroll' THEN abs(derived - recorded) ELSE 0 END) AS payroll,
        sum(CASE WHEN use = 'money' THEN derived - recorded ELSE 0 END) AS money
    FROM balance
    GROUP BY _company
)

SELECT
    balance._company,
    balance.account_id,
    balance.derived,
    balance.recorded,
    CASE
        WHEN balance.derived = balance.recorded THEN NULL
        WHEN balance.derived + balance.start = balance.recorded THEN 'stock'
        WHEN balance.use IN ('tax', 'payroll') THEN balance.use
        WHEN balance.use = 'money' AND (unseen.payroll <> 0 OR unseen.money = -unseen.tax)
            THEN 'money'
        WHEN balance.changed_on > coalesce(balance.last_date, DATE '1900-01-01') THEN 'later'
        ELSE 'unexplained'
    END AS cause,
    balance.changed_on,
    balance.last_date
FROM balance
INNER JOIN unseen ON unseen._company = balance._company
