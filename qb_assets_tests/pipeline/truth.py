"""An independent reader of QuickBooks' JSON and of the warehouse, and their comparison.

Nothing of the pipeline is used here, neither its parser nor its catalog: names follow the rule by
which tables and columns are named, numbers are decimals of their literals, and the warehouse is
read with SQL.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import duckdb

KEYS = {
    "JournalCode": ("Id",),
    "ExchangeRate": ("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
}
MEMOS = {"CustomerMemo", "DefaultCustomerMessage"}
"""Objects with a `value` that are no reference: a text, for which they stand."""

VALUES = {"_values_changed_at", "_values_extracted_at"}
LINEAGE = {"_company", "_updated_on", "_changed_at", "_extracted_at", "_deleted", "_state"} | VALUES

Record = dict[str, Any]
Key = tuple[str, ...]


def read_records(text: bytes | str) -> list[Record]:
    """A JSON array of records; every number is the decimal of its literal."""
    return cast(list[Record], json.loads(text, parse_float=Decimal, parse_int=Decimal))


def records_of(folder: Path) -> dict[str, list[Record]]:
    """The lists of a recorded company by entity."""
    return {file.stem: read_records(file.read_bytes()) for file in sorted(folder.glob("*.json"))}


def snake(name: str) -> str:
    """QuickBooks' name in snake_case."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z0-9])([A-Z][a-z])", r"\1_\2", words).lower()


def singular(name: str) -> str:
    """A name of an array in the singular."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name[:-1]
    return name


@dataclass
class Expected:
    """What the JSON says: rows by table, each by its key, with a value for each scalar."""

    tables: set[str]
    rows: dict[str, dict[Key, dict[str, Any]]] = field(
        default_factory=lambda: defaultdict[str, dict[Key, dict[str, Any]]](dict)
    )
    arrays: int = 0
    elements: int = 0
    scalars: int = 0
    amounts: int = 0

    def add(self, entity: str, record: Record) -> None:
        """Takes a record in, with everything below it."""
        table = snake(entity)
        identity = "|".join(str(record[name]) for name in KEYS.get(entity, ("Id",)))
        self._row(table, (identity,), record)

    def _row(self, table: str, key: Key, value: Record) -> None:
        columns: dict[str, Any] = {}
        self.rows[table][key] = columns
        self._object(table, key, value, "", "", columns)

    def _object(
        self, table: str, key: Key, value: Record, prefix: str, path: str, columns: dict[str, Any]
    ) -> None:
        for name, member in value.items():
            if member is None:
                continue
            if isinstance(member, list):
                self._array(table, key, name, prefix, cast(list[Record], member))
            elif isinstance(member, dict):
                inner = cast(Record, member)
                self._nested(table, key, name, inner, prefix, path, columns)
            else:
                at = f"{prefix}{snake(name)}"
                assert at not in columns, f"{table}.{at} would hold two values"
                columns[at] = member
                self.scalars += 1
                self.amounts += isinstance(member, Decimal)

    def _nested(
        self,
        table: str,
        key: Key,
        name: str,
        inner: Record,
        prefix: str,
        path: str,
        columns: dict[str, Any],
    ) -> None:
        """A reference gives `_id` and `_name`, a memo one column, any other object its prefix."""
        if "value" in inner and name not in MEMOS:
            parts = {"value": "id", "name": "name", "type": "type"}
            stem = prefix + snake(name.removesuffix("Ref"))
            renamed = {f"{stem}_{parts[part]}": text for part, text in inner.items()}
        elif name in MEMOS:
            renamed = {prefix + snake(name): inner["value"]}
        else:
            self._object(table, key, inner, f"{prefix}{snake(name)}_", f"{path}.{name}", columns)
            return
        for at, text in renamed.items():
            assert at not in columns, f"{table}.{at} would hold two values"
            columns[at] = text
            self.scalars += 1

    def _array(self, table: str, key: Key, name: str, prefix: str, items: list[Record]) -> None:
        element = singular(snake(name))
        if not items:
            return
        short, long = f"{table}_{element}", f"{table}_{prefix}{element}"
        # Two arrays of one name in a row are told apart by the objects around them.
        child = short if short in self.tables else long
        self.arrays += 1
        self.elements += len(items)
        for position, item in enumerate(items):
            self._row(child, (*key, str(position)), item)


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
        """The columns of the primary key, without the company."""
        found = self._connection.execute(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE schema_name ="
            " 'quickbooks' AND table_name = ? AND constraint_type = 'PRIMARY KEY'",
            [table],
        ).fetchone()
        assert found is not None, f"{table} has no primary key"
        assert found[0][0] == "_company"
        return list(found[0][1:])

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
        key = warehouse.key(table)
        held = {
            tuple(_text(row[name]) for name in key): row
            for row in warehouse.rows(table, f"_company = '{company}' AND {where}")
        }
        wanted = {
            _spelled(table, key_of): columns
            for key_of, columns in expected.rows.get(table, {}).items()
        }
        found += [f"{table} {each}: not in the warehouse" for each in sorted(wanted.keys() - held)]
        found += [f"{table} {each}: not in the JSON" for each in sorted(held.keys() - wanted)]
        for each in sorted(wanted.keys() & held.keys()):
            own = set(key) if len(key) > 1 and table != "exchange_rate" else set[str]()
            found += _of_row(f"{table} {each}", wanted[each], held[each], own)
    return found


def _spelled(table: str, key: Key) -> Key:
    return tuple(key[0].split("|")) if table == "exchange_rate" else key


def _of_row(
    name: str, wanted: dict[str, Any], held: dict[str, Any], key: set[str]
) -> Iterator[str]:
    wanted = {_renamed(column, held, key): value for column, value in wanted.items()}
    for column, value in wanted.items():
        if column not in held:
            yield f"{name}: no column {column}"
        elif not same(value, held[column]):
            yield f"{name}.{column}: {value!r} became {held[column]!r}"
    for column in held.keys() - wanted.keys() - LINEAGE - key:
        if held[column] is not None:
            yield f"{name}.{column}: {held[column]!r} came from nowhere"


def _renamed(column: str, held: dict[str, Any], key: set[str]) -> str:
    """A property that is named as a key column has its row's name before it."""
    if column not in key:
        return column
    return next((name for name in held if name.endswith(f"_{column}")), column)


def same(literal: Any, value: Any) -> bool:
    """Whether a value of the warehouse is what the JSON literal says."""
    if isinstance(literal, bool) or isinstance(value, bool):
        return literal is value
    if isinstance(literal, Decimal):
        return isinstance(value, Decimal | int) and Decimal(value) == literal
    if isinstance(value, datetime):
        return datetime.fromisoformat(literal.replace("Z", "+00:00")) == value.astimezone(
            timezone.utc
        )
    if isinstance(value, date):
        return value.isoformat() == literal
    return literal == value


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def expected_of(records: Mapping[str, Iterable[Record]], tables: set[str]) -> Expected:
    """What lists of records by entity should become."""
    expected = Expected(tables)
    for entity, rows in records.items():
        for record in rows:
            expected.add(entity, record)
    return expected
