-- Where the cash of each month came from and went to, by the indirect method.
--
-- Cash is money in banks and money that is received and not yet deposited. The sum of a month's
-- NetIncome, OperatingAdjustments, InvestingActivities and FinancingActivities is what EndingCash
-- is more than BeginningCash.
--
-- Grain: one row a company, accounting method, month, section, account, class, location, customer
-- and currency.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   accounting_method VARCHAR: Accrual or Cash.
--   month DATE: The first day of the month.
--   section VARCHAR: NetIncome, OperatingAdjustments, InvestingActivities, FinancingActivities,
--     BeginningCash or EndingCash.
--   section_order INTEGER: The place of the section in the statement.
--   account_id VARCHAR: The account; empty for the net income.
--   class_id VARCHAR: The class; empty for none.
--   department_id VARCHAR: The location; empty for none.
--   customer_id VARCHAR: The customer; empty for none.
--   currency VARCHAR: The currency of the transactions; home currency for the net income.
--   amount DECIMAL(38,10): Home currency; what brings cash is positive.
--   foreign_amount DECIMAL(38,10): The amount in that currency.

WITH changes AS (
    SELECT
        moved._company, moved.accounting_method, moved.month,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN 'NetIncome'
            WHEN chart.cash_flow_section = 'operating' THEN 'OperatingAdjustments'
            WHEN chart.cash_flow_section = 'investing' THEN 'InvestingActivities'
            ELSE 'FinancingActivities'
        END AS section,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN 1
            WHEN chart.cash_flow_section = 'operating' THEN 2
            WHEN chart.cash_flow_section = 'investing' THEN 3
            ELSE 4
        END AS section_order,
        CASE WHEN chart.statement = 'balance_sheet' THEN moved.account_id END AS account_id,
        moved.class_id, moved.department_id, moved.customer_id,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN company.home_currency
            ELSE moved.currency
        END AS currency,
        -moved.amount AS amount,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN -moved.amount
            ELSE -moved.foreign_amount
        END AS foreign_amount
    FROM books.ledger_month AS moved
    JOIN books.company AS company ON company._company = moved._company
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = moved._company AND chart.account_id = moved.account_id
    WHERE coalesce(chart.cash_flow_section, '') <> 'cash'
)

SELECT
    _company, accounting_method, month, section, section_order, account_id, class_id,
    department_id, customer_id, currency,
    CAST(sum(amount) AS DECIMAL(38, 10)) AS amount,
    CAST(sum(foreign_amount) AS DECIMAL(38, 10)) AS foreign_amount
FROM changes
GROUP BY
    _company, accounting_method, month, section, section_order, account_id, class_id,
    department_id, customer_id, currency

UNION ALL

SELECT
    held._company, held.accounting_method, held.month, ends.section, ends.section_order,
    held.account_id, held.class_id, held.department_id, held.customer_id, held.currency,
    CASE WHEN ends.section = 'EndingCash' THEN held.balance ELSE held.opening_balance END,
    CASE
        WHEN ends.section = 'EndingCash' THEN held.foreign_balance
        ELSE held.foreign_balance - held.foreign_amount
    END
FROM books.trial_balance AS held
JOIN books.chart_of_accounts AS chart
    ON
        chart._company = held._company
        AND chart.account_id = held.account_id
        AND chart.cash_flow_section = 'cash'
CROSS JOIN (VALUES ('BeginningCash', 5), ('EndingCash', 6)) AS ends (section, section_order)
