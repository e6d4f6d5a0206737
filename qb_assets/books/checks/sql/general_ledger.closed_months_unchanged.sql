-- The last fetch of the reports changed no account of a closed month. Once they are fetched again
-- and still say the same, a change counts as known.
SELECT
    change._company,
    change.report || ', account ' || coalesce(change.account_id, change.account_name, '') || ', '
        || change.accounting_method AS subject,
    change.account_id,
    last_day(change.month) AS as_of,
    coalesce(change.after, 0) AS ours,
    coalesce(change.before, 0) AS theirs,
    change.txn_ids
FROM reports.restatement AS change
JOIN reports.snapshot AS snapshot
    ON
        snapshot._company = change._company
        AND snapshot.report = change.report
        AND snapshot.month = change.month
        AND snapshot.accounting_method = change.accounting_method
        AND snapshot._fetched_at = change.found_at
        AND snapshot.current
        AND snapshot.seen_at = snapshot._fetched_at
