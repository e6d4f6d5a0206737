"""Whether the books tie out: to themselves, to QuickBooks' reports and to its balances."""
