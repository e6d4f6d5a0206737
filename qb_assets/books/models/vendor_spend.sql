-- What was spent with each vendor, month by month and account by account.
--
-- Grain: one row a company, vendor, month and account.
--
-- Columns:
--   _company VARCHAR: The realm Id.
--   vendor_id VARCHAR: The vendor.
--   vendor_name VARCHAR <- quickbooks.vendor.display_name: Its name.
--   month DATE: The first day of the month.
--   account_id VARCHAR: The account it was spent on.
--   account_path VARCHAR <- books.chart_of_accounts.path: The account's names from the top down.
--   spent DECIMAL(38,10): Bills and purchases, home currency.
--   credited DECIMAL(38,10): Credits and refunds, home currency.
--   amount DECIMAL(38,10): What was spent less what was credited.
--   documents BIGINT: How many documents.

SELECT
    lines._company,
    lines.vendor_id,
    vendor.display_name AS vendor_name,
    lines.month,
    lines.account_id,
    chart.path AS account_path,
    CAST(sum(greatest(lines.home_amount, 0)) AS DECIMAL(38, 10)) AS spent,
    CAST(sum(greatest(-lines.home_amount, 0)) AS DECIMAL(38, 10)) AS credited,
    CAST(sum(lines.home_amount) AS DECIMAL(38, 10)) AS amount,
    count(DISTINCT lines.txn_type || ':' || lines.txn_id) AS documents
FROM books.expense_lines AS lines
LEFT JOIN quickbooks.vendor AS vendor
    ON vendor._company = lines._company AND vendor.id = lines.vendor_id
LEFT JOIN books.chart_of_accounts AS chart
    ON chart._company = lines._company AND chart.account_id = lines.account_id
WHERE lines.vendor_id IS NOT NULL
GROUP BY
    lines._company, lines.vendor_id, vendor.display_name, lines.month, lines.account_id, chart.path
