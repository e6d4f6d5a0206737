-- Assets, liabilities and equity at the end of each month.
--
-- Retained earnings hold the income of the fiscal years that have ended; the income of the year so
-- far is in rows of its own, without an account. Assets equal liabilities and equity.
--
-- Grain: one row a company, accounting method, month, account (or the net income), class, location,
-- customer and currency.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   accounting_method VARCHAR: Accrual or Cash.
--   month DATE: The first day of the month.
--   month_end DATE: The last day of the month, which the balance is of.
--   classification VARCHAR: Asset, Liability or Equity.
--   section VARCHAR: The group of rows in QuickBooks' report: BankAccounts, AR, OtherCurrentAssets,
--     FixedAssets, OtherAssets, AP, CreditCards, OtherCurrentLiabilities, LongTermLiabilities,
--     Equity or NetIncome.
--   section_order INTEGER: The place of the section in the statement.
--   account_id VARCHAR: The account; empty for the net income.
--   class_id VARCHAR: The class; empty for none.
--   department_id VARCHAR: The location; empty for none.
--   customer_id VARCHAR: The customer; empty for none.
--   currency VARCHAR: The currency of the transactions; home currency for the net income.
--   amount DECIMAL(38,10): Home currency, as the statement tells it: what is owned, owed and equity
--     are positive.
--   foreign_amount DECIMAL(38,10): The amount in that currency.

WITH balances AS (
    SELECT
        held.*,
        coalesce(chart.statement, 'balance_sheet') AS statement,
        coalesce(chart.classification, 'Equity') AS classification,
        coalesce(chart.section, 'Equity') AS section,
        coalesce(chart.section_order, 10) AS section_order,
        coalesce(chart.sign, -1) AS sign
    FROM books.trial_balance AS held
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = held._company AND chart.account_id = held.account_id
)

SELECT
    _company,
    accounting_method,
    month,
    month_end,
    classification,
    section,
    section_order,
    account_id,
    class_id,
    department_id,
    customer_id,
    currency,
    sign * balance AS amount,
    sign * foreign_balance AS foreign_amount
FROM balances
WHERE statement = 'balance_sheet'

UNION ALL

SELECT
    year._company,
    year.accounting_method,
    year.month,
    year.month_end,
    'Equity',
    'NetIncome',
    11,
    NULL,
    year.class_id,
    year.department_id,
    year.customer_id,
    company.home_currency,
    CAST(-sum(year.balance) AS DECIMAL(38, 10)),
    CAST(-sum(year.balance) AS DECIMAL(38, 10))
FROM balances AS year
JOIN books.company AS company ON company._company = year._company
WHERE year.statement = 'profit_and_loss'
GROUP BY
    year._company, year.accounting_method, year.month, year.month_end, year.class_id,
    year.department_id, year.customer_id, company.home_currency
