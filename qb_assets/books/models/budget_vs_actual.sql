-- What was planned and what came of it, for each budget of income and expense.
--
-- A budget is compared in the split it was made in: by class, location or customer where any of its
-- figures names one. Income and expense of its time that it has no figure for are rows, too.
--
-- Grain: one row a company, budget, accounting method, period, account, class, location and
-- customer.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   budget_id VARCHAR: The budget.
--   budget_name VARCHAR <- quickbooks.budget.name: Its name.
--   accounting_method VARCHAR: Accrual or Cash: how the actual amount is told.
--   period DATE: The first day of the month, quarter or year that the budget plans by.
--   account_id VARCHAR: The account.
--   class_id VARCHAR: The class; empty for all or none.
--   department_id VARCHAR: The location; empty for all or none.
--   customer_id VARCHAR: The customer; empty for all or none.
--   budget DECIMAL(38,10): What was planned, home currency; income and expense are positive.
--   actual DECIMAL(38,10): What came of it, signed alike.
--   difference DECIMAL(38,10): The actual amount less the planned one.

WITH figures AS (
    SELECT
        detail._company, detail.budget_id, detail.account_id, detail.class_id,
        detail.department_id, detail.customer_id,
        CAST(date_trunc('month', detail.budget_date) AS DATE) AS period,
        detail.amount
    FROM quickbooks.budget_budget_detail AS detail
    WHERE NOT detail._deleted
),

budgets AS (
    SELECT
        budget._company, budget.id AS budget_id, budget.name AS budget_name,
        CASE budget.budget_entry_type WHEN 'Quarterly' THEN 3 WHEN 'Annually' THEN 12 ELSE 1 END
            AS months,
        count(figures.class_id) > 0 AS by_class,
        count(figures.department_id) > 0 AS by_department,
        count(figures.customer_id) > 0 AS by_customer
    FROM quickbooks.budget AS budget
    JOIN figures ON figures._company = budget._company AND figures.budget_id = budget.id
    WHERE NOT budget._deleted
    GROUP BY budget._company, budget.id, budget.name, budget.budget_entry_type
),

periods AS (
    SELECT DISTINCT
        budgets._company, budgets.budget_id, figures.period,
        CAST(figures.period + budgets.months * INTERVAL '1 month' AS DATE) AS next_period
    FROM budgets
    JOIN figures
        ON figures._company = budgets._company AND figures.budget_id = budgets.budget_id
),

methods AS (
    SELECT DISTINCT _company, accounting_method FROM books.ledger_month
),

both_sides AS (
    SELECT
        figures._company, figures.budget_id, methods.accounting_method, figures.period,
        figures.account_id, figures.class_id, figures.department_id, figures.customer_id,
        figures.amount AS budget, 0 AS actual
    FROM figures
    JOIN methods ON methods._company = figures._company
    UNION ALL
    SELECT
        budgets._company, budgets.budget_id, actual.accounting_method, periods.period,
        actual.account_id,
        CASE WHEN budgets.by_class THEN actual.class_id END,
        CASE WHEN budgets.by_department THEN actual.department_id END,
        CASE WHEN budgets.by_customer THEN actual.customer_id END,
        0, actual.amount
    FROM budgets
    JOIN periods
        ON periods._company = budgets._company AND periods.budget_id = budgets.budget_id
    JOIN books.profit_and_loss AS actual
        ON
            actual._company = periods._company
            AND actual.month >= periods.period
            AND actual.month < periods.next_period
)

SELECT
    sides._company,
    sides.budget_id,
    budgets.budget_name,
    sides.accounting_method,
    sides.period,
    sides.account_id,
    sides.class_id,
    sides.department_id,
    sides.customer_id,
    CAST(sum(sides.budget) AS DECIMAL(38, 10)) AS budget,
    CAST(sum(sides.actual) AS DECIMAL(38, 10)) AS actual,
    CAST(sum(sides.actual) - sum(sides.budget) AS DECIMAL(38, 10)) AS difference
FROM both_sides AS sides
JOIN budgets
    ON budgets._company = sides._company AND budgets.budget_id = sides.budget_id
GROUP BY
    sides._company, sides.budget_id, budgets.budget_name, sides.accounting_method, sides.period,
    sides.account_id, sides.class_id, sides.department_id, sides.customer_id
