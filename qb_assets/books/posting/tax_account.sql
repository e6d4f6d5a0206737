-- The accounts that the tax of a rate is posted to: one row a company and rate.
--
-- A rate names its agency, and the agency, where QuickBooks tells, its accounts. Where it does not,
-- QuickBooks has named the account after the agency when it made it ("<agency> Payable"). Failing
-- both, the tax goes where the tax of unknown rates goes: `default_account`.
WITH named AS (
    SELECT
        agency._company,
        agency.id AS agency_id,
        account.id AS account_id,
        row_number() OVER (
            PARTITION BY agency._company, agency.id
            ORDER BY CASE WHEN account.active THEN 0 ELSE 1 END, length(account.id), account.id
        ) AS place
    FROM quickbooks.tax_agency AS agency
    INNER JOIN quickbooks.account AS account
        ON
            account._company = agency._company
            AND NOT account._deleted
            AND lower(account.name) = lower(agency.display_name || ' Payable')
)

SELECT
    rate._company,
    rate.id AS tax_rate_id,
    coalesce(agency.tax_tracked_on_sales_account_id, named.account_id) AS sales_account_id,
    coalesce(agency.tax_on_purchases_account_id, named.account_id) AS purchase_account_id
FROM quickbooks.tax_rate AS rate
LEFT JOIN quickbooks.tax_agency AS agency
    ON agency._company = rate._company AND agency.id = rate.agency_id
LEFT JOIN named
    ON named._company = rate._company AND named.agency_id = rate.agency_id AND named.place = 1
