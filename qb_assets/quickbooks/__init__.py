"""The QuickBooks Online API client: OAuth, tokens, throttle, retries, faults, queries, changes.

`QuickBooksClient` in `client` is the way in, `QuickBooksResource` in `resource` its Dagster face.
"""
