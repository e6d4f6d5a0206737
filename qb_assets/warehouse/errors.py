"""What can be wrong with the warehouse, each in one line that says what to do."""


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the text says why and what to do."""


class WarehouseLocked(WarehouseError):
    """Another process holds the DuckDB file."""
