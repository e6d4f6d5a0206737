-- The cash flow of every month and account, on both bases, is what the trial balance says it moved,
-- and the cash at its begin and its end is that of the accounts.
WITH ours AS (
    SELECT
        _company, accounting_method, month, coalesce(account_id, 'NetIncome') AS place,
        CASE WHEN section IN ('BeginningCash', 'EndingCash') THEN section ELSE 'change' END
            AS what,
        sum(amount) AS amount
    FROM books.cash_flow
    GROUP BY
        _company, accounting_method, month, coalesce(account_id, 'NetIncome'),
        CASE WHEN section IN ('BeginningCash', 'EndingCash') THEN section ELSE 'change' END
),

held AS (
    SELECT
        balance._company, balance.accounting_method, balance.month,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN 'NetIncome' ELSE balance.account_id
        END AS place,
        coalesce(chart.cash_flow_section, '') = 'cash' AS is_cash,
        sum(balance.opening_balance) AS opening_balance,
        sum(balance.debit - balance.credit) AS change,
        sum(balance.balance) AS balance
    FROM books.trial_balance AS balance
    LEFT JOIN books.chart_of_accounts AS chart
        ON chart._company = balance._company AND chart.account_id = balance.account_id
    GROUP BY
        balance._company, balance.accounting_method, balance.month,
        CASE
            WHEN chart.statement = 'profit_and_loss' THEN 'NetIncome' ELSE balance.account_id
        END,
        coalesce(chart.cash_flow_section, '') = 'cash'
),

theirs AS (
    SELECT _company, accounting_method, month, place, 'change' AS what, -change AS amount
    FROM held
    WHERE NOT is_cash
    UNION ALL
    SELECT _company, accounting_method, month, place, 'BeginningCash', opening_balance
    FROM held
    WHERE is_cash
    UNION ALL
    SELECT _company, accounting_method, month, place, 'EndingCash', balance
    FROM held
    WHERE is_cash
)

SELECT
    coalesce(ours._company, theirs._company) AS _company,
    CASE WHEN coalesce(ours.place, theirs.place) = 'NetIncome' THEN '' ELSE 'account ' END
        || coalesce(ours.place, theirs.place) || ', ' || coalesce(ours.what, theirs.what) || ', '
        || coalesce(ours.accounting_method, theirs.accounting_method) AS subject,
    coalesce(ours.place, theirs.place) AS account_id,
    last_day(coalesce(ours.month, theirs.month)) AS as_of,
    coalesce(ours.amount, 0) AS ours,
    coalesce(theirs.amount, 0) AS theirs,
    NULL AS txn_ids
FROM ours
FULL JOIN theirs
    ON
        theirs._company = ours._company
        AND theirs.accounting_method = ours.accounting_method
        AND theirs.month = ours.month
        AND theirs.place = ours.place
        AND theirs.what = ours.what
