-- What the books need to know of each company.
--
-- Grain: one row a company of which an account, a posting or its own record is known.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   company_name VARCHAR <- quickbooks.company_info.company_name: Its name.
--   home_currency VARCHAR: The currency its books are kept in; where its preferences do not say,
--     the one that most of its accounts are in.
--   multi_currency BOOLEAN: Whether it has documents in other currencies.
--   fiscal_month INTEGER: The first month of its fiscal year, 1 to 12; January where nothing is
--     said.
--   close_date DATE <- quickbooks.preferences.accounting_info_prefs_book_close_date: The day until
--     which its books are closed.

WITH companies AS (
    SELECT _company FROM quickbooks.company_info
    UNION SELECT _company FROM quickbooks.account
    UNION SELECT _company FROM reports.general_ledger
    UNION SELECT _company FROM books.posting
),

currencies AS (
    SELECT
        _company, currency_id,
        row_number() OVER (PARTITION BY _company ORDER BY count(*) DESC, currency_id) AS place
    FROM quickbooks.account
    WHERE currency_id IS NOT NULL
    GROUP BY _company, currency_id
),

infos AS (
    SELECT
        _company,
        max(company_name) AS company_name,
        max(fiscal_year_start_month) AS fiscal_year_start_month
    FROM quickbooks.company_info
    WHERE NOT _deleted
    GROUP BY _company
),

choices AS (
    SELECT
        _company,
        max(currency_prefs_home_currency_id) AS home_currency,
        bool_or(currency_prefs_multi_currency_enabled) AS multi_currency,
        max(accounting_info_prefs_first_month_of_fiscal_year) AS fiscal_year_start_month,
        max(accounting_info_prefs_book_close_date) AS close_date
    FROM quickbooks.preferences
    WHERE NOT _deleted
    GROUP BY _company
)

SELECT
    companies._company,
    infos.company_name,
    coalesce(choices.home_currency, currencies.currency_id) AS home_currency,
    coalesce(choices.multi_currency, FALSE) AS multi_currency,
    CASE coalesce(choices.fiscal_year_start_month, infos.fiscal_year_start_month)
        WHEN 'February' THEN 2
        WHEN 'March' THEN 3
        WHEN 'April' THEN 4
        WHEN 'May' THEN 5
        WHEN 'June' THEN 6
        WHEN 'July' THEN 7
        WHEN 'August' THEN 8
        WHEN 'September' THEN 9
        WHEN 'October' THEN 10
        WHEN 'November' THEN 11
        WHEN 'December' THEN 12
        ELSE 1
    END AS fiscal_month,
    choices.close_date
FROM companies
LEFT JOIN infos ON infos._company = companies._company
LEFT JOIN choices ON choices._company = companies._company
LEFT JOIN currencies ON currencies._company = companies._company AND currencies.place = 1
