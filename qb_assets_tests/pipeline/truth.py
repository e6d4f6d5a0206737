"""The warehouse, read with SQL, against an independent reader of QuickBooks' JSON.

Nothing of the pipeline is used here, neither its parser nor its catalog.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from qb_assets_tests.expected import (
    Expected,
    Record,
    expected_of,
    read_records,
    same,
    table_differences,
)

__all__ = [
    "Expected",
    "Record",
    "Warehouse",
    "differences",
    "expected_of",
    "read_records",
    "records_of",
    "same",
]

KEYS = {
    "attachment_file": ["attachable_id", "version"],
    "exchange_rate": ["source_currency_code", "target_currency_code", "as_of_date"],
}
"""The keys of tables whose rows are not told by an Id."""


def records_of(folder: Path) -> dict[str, list[Record]]:
    """The lists of a recorded company by entity."""
    return {file.stem: read_records(file.read_bytes()) for file in sorted(folder.glob("*.json"))}


class Warehouse:
    """The DuckDB file, read with SQL; with `as_of`, its rows are those of that moment."""

    def __init__(self, path: Path, as_of: datetime | None = None) -> None:
        self._as_of = as_of
        self._connection = duckdb.connect(str(path), read_only=True)
        self._connection.execute("SET TimeZone = 'UTC'")

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def tables(self) -> set[str]:
        """The tables in schema `quickbooks`."""
        found = self._connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'quickbooks'"
            " AND table_type = 'BASE TABLE'"
        )
        return {row[0] for row in found.fetchall()}

    def rows(self, table: str, where: str = "TRUE") -> list[dict[str, Any]]:
        """All rows as dictionaries."""
        held = f'"{table}"'
        if self._as_of is not None:
            held = f"\"{table}_as_of\"('{self._as_of.isoformat()}')"
        found = self._connection.execute(f"SELECT * FROM quickbooks.{held} WHERE {where}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def key(self, table: str) -> list[str]:
        """The columns that tell a row, without the company: of a child table all up to its
        position."""
        if table in KEYS:
            return KEYS[table]
        described = self._connection.execute(f'DESCRIBE quickbooks."{table}"').fetchall()
        columns = [column[0] for column in described]
        if "position" in columns:
            return columns[: columns.index("position") + 1]
        return [columns[columns.index("id")]]

    def content(self, *, without: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every table's rows with all columns but `without`, in the order of the key."""
        whole: dict[str, list[tuple[Any, ...]]] = {}
        for table in sorted(self.tables()):
            kept = f"COLUMNS(name -> NOT list_contains({list(without)}, name))"
            order = ", ".join(f'"{name}"' for name in ["_company", *self.key(table)])
            statement = f'SELECT {kept} FROM quickbooks."{table}" ORDER BY {order}'
            whole[table] = self._connection.execute(statement).fetchall()
        return whole


def differences(
    warehouse: Warehouse, expected: Expected, company: str, *, where: str = "NOT _deleted"
) -> list[str]:
    """All that differs between the JSON and the warehouse's rows, value by value, both ways."""
    absent = sorted(expected.rows.keys() - warehouse.tables())
    found = [f"{table}: there is no such table" for table in absent]
    for table in sorted(warehouse.tables()):
        rows = warehouse.rows(table, f"_company = '{company}' AND {where}")
        found += table_differences(table, warehouse.key(table), rows, expected.rows.get(table, {}))
    return found
