-- By how many days past due the aging is told.
--
-- Those of QuickBooks' aging reports where nothing else is asked for: four periods of 30 days
-- (Intuit, the AgedReceivables report: aging_period and num_periods).
--
-- Grain: one row a bucket.
--
-- Columns:
--   bucket VARCHAR: current, 1-30, 31-60, 61-90 or 91 and over.
--   bucket_order INTEGER: Its place, from 0.
--   first_day INTEGER: The fewest days past due that it holds.
--   last_day INTEGER: The most.

SELECT * FROM (VALUES
    ('current', 0, -2000000, 0),
    ('1-30', 1, 1, 30),
    ('31-60', 2, 31, 60),
    ('61-90', 3, 61, 90),
    ('91 and over', 4, 91, 2000000)
) AS buckets (bucket, bucket_order, first_day, last_day)
