"""The proof that the books tie to QuickBooks' own reports, over companies of all kinds."""
