"""QuickBooks' own reports: fetched by the month, kept as snapshots, in long tables."""
