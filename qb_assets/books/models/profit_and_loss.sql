-- Income and expense of each month.
--
-- Grain: one row a company, accounting method, month, account, class, location, customer and
-- currency.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   accounting_method VARCHAR: Accrual or Cash.
--   month DATE: The first day of the month.
--   fiscal_year INTEGER: The calendar year in which the fiscal year ends.
--   section VARCHAR: Income, COGS, Expenses, OtherIncome or OtherExpenses, as QuickBooks' report
--     groups its rows.
--   section_order INTEGER: The place of the section in the statement.
--   account_id VARCHAR: The account.
--   class_id VARCHAR: The class; empty for none.
--   department_id VARCHAR: The location; empty for none.
--   customer_id VARCHAR: The customer; empty for none.
--   currency VARCHAR: The currency of the transactions.
--   amount DECIMAL(38,10): Home currency, as the statement tells it: income and expense positive.
--   net_income DECIMAL(38,10): What it adds to the net income; expense is negative.
--   foreign_amount DECIMAL(38,10): The amount in the transactions' currency.

SELECT
    moved._company,
    moved.accounting_method,
    moved.month,
    months.fiscal_year,
    chart.section,
    chart.section_order,
    moved.account_id,
    moved.class_id,
    moved.department_id,
    moved.customer_id,
    moved.currency,
    chart.sign * moved.amount AS amount,
    -moved.amount AS net_income,
    chart.sign * moved.foreign_amount AS foreign_amount
FROM books.ledger_month AS moved
JOIN books.chart_of_accounts AS chart
    ON chart._company = moved._company AND chart.account_id = moved.account_id
JOIN books.fiscal_month AS months
    ON months._company = moved._company AND months.month = moved.month
WHERE chart.statement = 'profit_and_loss'
