"""The postings of documents, derived by the rules by which QuickBooks posts them.

`build_models` makes them, as it does every model of the books.
"""
