"""A local QuickBooks Online to develop and test against: an honest HTTP server."""
