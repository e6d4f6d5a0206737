"""The raw layer: every record version seen, with the exact bytes that QuickBooks answered."""
