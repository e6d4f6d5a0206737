-- Every account, with its place in the hierarchy and in the statements.
--
-- An account that the ledger names and that QuickBooks does not list stands at the top of the
-- chart, without a type, as if it were equity, so that no posting is left out.
--
-- Grain: one row a company and account.
--
-- Columns:
--   _company VARCHAR <- quickbooks.account._company: The realm Id.
--   account_id VARCHAR <- quickbooks.account.id: The account.
--   name VARCHAR <- quickbooks.account.name: Its own name.
--   number VARCHAR <- quickbooks.account.acct_num: Its number, where the company uses numbers.
--   path VARCHAR: The names from the top of the chart down, with colons.
--   parent_id VARCHAR <- quickbooks.account.parent_id: The account above it.
--   root_id VARCHAR: The account at the top of its branch.
--   depth INTEGER: How many accounts are above it.
--   is_leaf BOOLEAN: Whether no account is below it.
--   account_type VARCHAR <- quickbooks.account.account_type: QuickBooks' type.
--   account_sub_type VARCHAR <- quickbooks.account.account_sub_type: QuickBooks' detail type.
--   classification VARCHAR: Asset, Liability, Equity, Revenue or Expense.
--   statement VARCHAR: The statement it stands in: balance_sheet or profit_and_loss.
--   section VARCHAR: The part of the statement, named as the group of rows in QuickBooks' report.
--   section_order INTEGER: The place of the part in its statement, from 1.
--   cash_flow_section VARCHAR: cash, operating, investing or financing; money that is received and
--     not yet deposited is cash.
--   normal_side VARCHAR: The side its balance is on: debit or credit.
--   sign INTEGER: 1 or -1: what a debit is multiplied with to be told as the statements do.
--   is_retained_earnings BOOLEAN: Whether the income of past fiscal years is told in it.
--   currency VARCHAR <- quickbooks.account.currency_id: The currency it is kept in.
--   active BOOLEAN: Whether it can be used.
--   current_balance DECIMAL(38,10) <- quickbooks.account.current_balance: QuickBooks' own figure.
--   is_listed BOOLEAN: Whether QuickBooks lists it.

WITH RECURSIVE accounts AS (
    SELECT
        _company, id AS account_id, name, acct_num AS number, fully_qualified_name,
        parent_id, account_type, account_sub_type, classification, currency_id AS currency,
        coalesce(active, TRUE) AND NOT _deleted AS active, current_balance, TRUE AS is_listed
    FROM quickbooks.account
    UNION ALL
    SELECT
        _company, account_id, coalesce(max(account_name), account_id), NULL, NULL,
        NULL, NULL, NULL, NULL, NULL,
        FALSE, NULL, FALSE
    FROM reports.general_ledger AS ledger
    WHERE
        account_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM quickbooks.account AS listed
            WHERE listed._company = ledger._company AND listed.id = ledger.account_id
        )
    GROUP BY _company, account_id
),

tree AS (
    SELECT
        accounts._company, accounts.account_id, accounts.account_id AS root_id, 0 AS depth,
        coalesce(accounts.name, accounts.account_id) AS path
    FROM accounts
    LEFT JOIN accounts AS above
        ON above._company = accounts._company AND above.account_id = accounts.parent_id
    WHERE above.account_id IS NULL
    UNION ALL
    SELECT
        below._company, below.account_id, tree.root_id, tree.depth + 1,
        tree.path || ':' || coalesce(below.name, below.account_id)
    FROM tree
    JOIN accounts AS below
        ON below._company = tree._company AND below.parent_id = tree.account_id
),

retained AS (
    SELECT _company, min(account_id) AS account_id
    FROM accounts
    WHERE account_sub_type = 'RetainedEarnings'
    GROUP BY _company
)

SELECT
    accounts._company,
    accounts.account_id,
    accounts.name,
    accounts.number,
    coalesce(tree.path, accounts.fully_qualified_name, accounts.name) AS path,
    accounts.parent_id,
    coalesce(tree.root_id, accounts.account_id) AS root_id,
    coalesce(tree.depth, 0) AS depth,
    NOT EXISTS (
        SELECT 1 FROM accounts AS below
        WHERE below._company = accounts._company AND below.parent_id = accounts.account_id
    ) AS is_leaf,
    accounts.account_type,
    accounts.account_sub_type,
    coalesce(types.classification, accounts.classification) AS classification,
    coalesce(types.statement, 'balance_sheet') AS statement,
    coalesce(types.section, 'Equity') AS section,
    coalesce(types.section_order, 10) AS section_order,
    CASE
        WHEN accounts.account_sub_type = 'UndepositedFunds' THEN 'cash'
        WHEN types.account_type IS NULL THEN 'financing'
        ELSE types.cash_flow_section
    END AS cash_flow_section,
    coalesce(types.normal_side, 'credit') AS normal_side,
    CASE WHEN types.normal_side = 'debit' THEN 1 ELSE -1 END AS sign,
    retained.account_id IS NOT NULL AS is_retained_earnings,
    accounts.currency,
    accounts.active,
    accounts.current_balance,
    accounts.is_listed
FROM accounts
LEFT JOIN tree
    ON tree._company = accounts._company AND tree.account_id = accounts.account_id
LEFT JOIN retained
    ON retained._company = accounts._company AND retained.account_id = accounts.account_id
LEFT JOIN books.account_type AS types ON types.account_type = accounts.account_type
