-- The accounts that documents post to where they do not say which, by purpose.
--
-- receivable, payable: one row a currency, and one with no currency, the company's own.
-- undeposited, discount, shipping, exchange, tax: one row a company, with no currency.
-- Of several accounts the one that the company's settings name comes first, then the oldest; of
-- several tax accounts the one on which most is owed, since where an entity tells of no agency the
-- balance is all that tells of its tax.
WITH chart AS (
    SELECT
        account._company,
        account.id,
        account.account_type,
        account.account_sub_type,
        coalesce(account.currency_id, '') AS currency,
        CASE WHEN account.active THEN 0 ELSE 1 END AS inactive,
        account.current_balance,
        settings.accounting_info_prefs_default_ar_account_id AS receivable_id,
        settings.accounting_info_prefs_default_ap_account_id AS payable_id,
        settings.sales_forms_prefs_default_discount_account AS discount_id,
        settings.sales_forms_prefs_default_shipping_account AS shipping_id,
        coalesce(settings.currency_prefs_home_currency_id, '') AS home
    FROM quickbooks.account AS account
    LEFT JOIN quickbooks.preferences AS settings
        ON settings._company = account._company AND NOT settings._deleted
    WHERE NOT account._deleted
),

candidate AS (
    SELECT
        _company, 'receivable' AS purpose, currency, id, inactive,
        CASE WHEN id = receivable_id THEN 0 ELSE 1 END AS preference
    FROM chart WHERE account_type = 'Accounts Receivable'
    UNION ALL
    SELECT
        _company, 'receivable', '', id, inactive,
        CASE WHEN id = receivable_id THEN 0 WHEN currency = home THEN 1 ELSE 2 END
    FROM chart WHERE account_type = 'Accounts Receivable' AND currency <> ''
    UNION ALL
    SELECT
        _company, 'payable', currency, id, inactive,
        CASE WHEN id = payable_id THEN 0 ELSE 1 END
    FROM chart WHERE account_type = 'Accounts Payable'
    UNION ALL
    SELECT
        _company, 'payable', '', id, inactive,
        CASE WHEN id = payable_id THEN 0 WHEN currency = home THEN 1 ELSE 2 END
    FROM chart WHERE account_type = 'Accounts Payable' AND currency <> ''
    UNION ALL
    SELECT _company, 'undeposited', '', id, inactive, 0
    FROM chart WHERE account_sub_type = 'UndepositedFunds'
    UNION ALL
    SELECT _company, 'discount', '', id, inactive, CASE WHEN id = discount_id THEN 0 ELSE 1 END
    FROM chart WHERE account_sub_type = 'DiscountsRefundsGiven' OR id = discount_id
    UNION ALL
    SELECT _company, 'shipping', '', id, inactive, 0
    FROM chart WHERE id = shipping_id
    UNION ALL
    SELECT _company, 'exchange', '', id, inactive, 0
    FROM chart WHERE account_sub_type = 'ExchangeGainOrLoss'
    UNION ALL
    SELECT _company, 'tax', '', id, inactive, coalesce(current_balance, 0)
    FROM chart WHERE account_sub_type IN ('GlobalTaxPayable', 'SalesTaxPayable')
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY _company, purpose, currency
            ORDER BY inactive, preference, length(id), id
        ) AS place
    FROM candidate
)

SELECT _company, purpose, currency, id AS account_id
FROM ranked
WHERE place = 1
