"""The books: postings, the ledger of record, statements, aging and what is told from them."""
