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

SELECT
    held._company,
    held.accounting_method,
    held.month,
    held.month_end,
    coalesce(chart.classification, 'Equity') AS classification,
    coalesce(chart.section, 'Equity') AS section,
    coalesce(chart.section_order, 10) AS section_order,
    held.account_id,
    held.class_id,
    held.department_id,
    held.customer_id,
    held.currency,
    coalesce(chart.sign, -1) * held.balance AS amount,
    coalesce(chart.sign, -1) * held.foreign_balance AS foreign_amount
FROM books.trial_balance AS held
LEFT JOIN books.chart_of_accounts AS chart
    ON chart._company = held._company AND chart.account_id = held.account_id
WHERE coalesce(chart.statement, 'balance_sheet') = 'balance_sheet'

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
    CAST(-year.balance AS DECIMAL(38, 10)),
    CAST(-year.balance AS DECIMAL(38, 10))
FROM (
    SELECT
        held._company, held.accounting_method, held.month, held.month_end, held.class_id,
        held.department_id, held.customer_id, sum(held.balance) AS balance
    FROM books.trial_balance AS held
    JOIN books.chart_of_accounts AS chart
        ON
            chart._company = held._company
            AND chart.account_id = held.account_id
            AND chart.statement = 'profit_and_loss'
    GROUP BY
        held._company, held.accounting_method, held.month, held.month_end, held.class_id,
        held.department_id, held.customer_id
) AS year
LEFT JOIN books.company AS company ON company._company = year._company
