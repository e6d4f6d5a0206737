"""The warehouse: the current state of the books in DuckDB, one row per company and record."""
