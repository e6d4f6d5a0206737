-- The money in each bank account, and what is received and not yet deposited, after each day on
-- which it moved; and what is owed on credit cards.
--
-- Grain: one row a company, account and day with postings.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   account_id VARCHAR: The account.
--   account_type VARCHAR <- books.chart_of_accounts.account_type: Bank, Credit Card or, for money
--     that is not yet deposited, Other Current Asset.
--   day DATE: The day.
--   next_day DATE: The next day on which it moved; until then the balance stays.
--   money_in DECIMAL(38,10): What came in, home currency.
--   money_out DECIMAL(38,10): What went out, home currency.
--   balance DECIMAL(38,10): What there was in the end, home currency; debt is negative.
--   account_balance DECIMAL(38,10): The same in the currency of the account, where it was posted in
--     that currency alone.
--   currency VARCHAR <- books.chart_of_accounts.currency: The currency of the account.

WITH days AS (
    SELECT
        ledger._company, ledger.account_id, chart.account_type, chart.currency,
        ledger.txn_date AS day,
        sum(greatest(ledger.amount, 0)) AS money_in,
        sum(greatest(-ledger.amount, 0)) AS money_out,
        sum(ledger.amount) AS change,
        sum(CASE WHEN ledger.currency = chart.currency THEN ledger.foreign_amount END)
            AS account_change,
        count(*) FILTER (ledger.currency <> chart.currency) AS others
    FROM books.general_ledger AS ledger
    JOIN books.chart_of_accounts AS chart
        ON
            chart._company = ledger._company
            AND chart.account_id = ledger.account_id
            AND (chart.cash_flow_section = 'cash' OR chart.account_type = 'Credit Card')
    WHERE ledger.accounting_method = 'Accrual'
    GROUP BY
        ledger._company, ledger.account_id, chart.account_type, chart.currency, ledger.txn_date
)

SELECT
    _company,
    account_id,
    account_type,
    day,
    lead(day) OVER so_far AS next_day,
    CAST(money_in AS DECIMAL(38, 10)) AS money_in,
    CAST(money_out AS DECIMAL(38, 10)) AS money_out,
    CAST(sum(change) OVER so_far AS DECIMAL(38, 10)) AS balance,
    CASE
        WHEN sum(others) OVER so_far = 0
            THEN CAST(sum(account_change) OVER so_far AS DECIMAL(38, 10))
    END AS account_balance,
    currency
FROM days
WINDOW so_far AS (PARTITION BY _company, account_id ORDER BY day)
