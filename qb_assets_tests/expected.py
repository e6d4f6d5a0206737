"""An independent reader of QuickBooks' JSON: which rows and values a record should become.

Nothing of the pipeline is used here, neither its parser nor its catalog: names follow the rule by
which tables and columns are named, and numbers are decimals of their literals.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, cast

KEYS = {
    "JournalCode": ("Id",),
    "ExchangeRate": ("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
}
MEMOS = {"CustomerMemo", "DefaultCustomerMessage"}
"""Objects with a `value` that are no reference: a text, for which they stand."""

WRAPPED = {"RecurringTransaction"}
"""Entities whose records are in an object with their type as the key."""

COLUMN_LENGTH = 63
TABLE_LENGTH = 55

VALUES = {"_values_changed_at", "_values_extracted_at"}
LINEAGE = {"_company", "_updated_on", "_changed_at", "_extracted_at", "_deleted", "_state"} | VALUES
UNMODELED = "_unmodeled"
"""What of the JSON is in no other column."""

Record = dict[str, Any]
Key = tuple[str, ...]
Names = tuple[str, ...]


def read_records(text: bytes | str) -> list[Record]:
    """A JSON array of records; every number is the decimal of its literal."""
    return cast(list[Record], read_json(text))


def read_json(text: bytes | str) -> Any:
    """Any JSON; every number is the decimal of its literal."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


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


def fitted(names: Names, most: int) -> str:
    """The names as one; the last but one goes until the rest is no longer than `most`."""
    kept = list(names)
    while len("_".join(kept)) > most:
        del kept[-2]
    return "_".join(kept)


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
        if entity in WRAPPED:
            [(kind, inner)] = record.items()
            record = {"TxnType": kind, **inner}
        identity = "|".join(str(record[name]) for name in KEYS.get(entity, ("Id",)))
        self._row((snake(entity),), (identity,), record)

    def _row(self, table: Names, key: Key, value: Record | None) -> None:
        columns: dict[str, Any] = {}
        self.rows[fitted(table, TABLE_LENGTH)][key] = columns
        self._object(table, key, value or {}, (), columns)

    def _object(
        self, table: Names, key: Key, value: Record, way: Names, columns: dict[str, Any]
    ) -> None:
        for name, member in value.items():
            if member is None:
                continue
            if isinstance(member, list):
                self._array(table, key, name, way, cast(list[Record | None], member))
            elif not isinstance(member, dict):
                self._put(columns, (*way, snake(name)), member)
            elif name in MEMOS and "value" in member:
                inner = cast(Record, member)
                self._put(columns, (*way, snake(name)), inner["value"])
                rest = {part: text for part, text in inner.items() if part != "value"}
                self._object(table, key, rest, (*way, snake(name)), columns)
            elif "value" in member:
                stem = snake(name.removesuffix("Ref"))
                for part, text in cast(Record, member).items():
                    suffix = "id" if part == "value" else snake(part)
                    self._put(columns, (*way, f"{stem}_{suffix}"), text)
            else:
                self._object(table, key, cast(Record, member), (*way, snake(name)), columns)

    def _put(self, columns: dict[str, Any], names: Names, value: Any) -> None:
        name = fitted(names, COLUMN_LENGTH)
        assert name not in columns, f"{name} would hold two values"
        if value is not None:
            columns[name] = value
            self.scalars += 1
            self.amounts += isinstance(value, Decimal)

    def _array(
        self, table: Names, key: Key, name: str, way: Names, items: list[Record | None]
    ) -> None:
        if not items:
            return
        element = singular(snake(name))
        short, long = (*table, element), (*table, "_".join((*way, element)))
        # Two arrays of one name in a row are told apart by the objects around them.
        child = short if fitted(short, TABLE_LENGTH) in self.tables else long
        self.arrays += 1
        self.elements += len(items)
        for position, item in enumerate(items):
            self._row(child, (*key, str(position)), item)


def expected_of(records: Mapping[str, Iterable[Record]], tables: set[str]) -> Expected:
    """What lists of records by entity should become."""
    expected = Expected(tables)
    for entity, rows in records.items():
        for record in rows:
            expected.add(entity, record)
    return expected


def table_differences(
    table: str,
    key: list[str],
    rows: Iterable[dict[str, Any]],
    wanted: Mapping[Key, dict[str, Any]],
) -> list[str]:
    """All that differs between the JSON and a table's rows, value by value, both ways."""
    whole = len(key) > 1 and table == "exchange_rate"  # a key of several columns of its own
    listed = list(rows)
    held = {tuple(_text(row[name]) for name in key): row for row in listed}
    asked = {tuple(each[0].split("|")) if whole else each: row for each, row in wanted.items()}
    found = [f"{table} {each}: not in the table" for each in sorted(asked.keys() - held)]
    found += [f"{table} {each}: not in the JSON" for each in sorted(held.keys() - asked)]
    if len(listed) > len(held):
        found.append(f"{table}: {len(listed) - len(held)} rows are there twice")
    own = set(key) if len(key) > 1 and not whole else set[str]()
    for each in sorted(asked.keys() & held.keys()):
        found += _of_row(f"{table} {each}", asked[each], held[each], own)
    return found


def _of_row(
    name: str, wanted: dict[str, Any], held: dict[str, Any], key: set[str]
) -> Iterator[str]:
    wanted = {_renamed(column, held, key): value for column, value in wanted.items()}
    for column, value in wanted.items():
        if column not in held:
            yield f"{name}: no column {column}"
        elif not same(value, held[column]):
            yield f"{name}.{column}: {value!r} became {held[column]!r}"
    for column in held.keys() - wanted.keys() - LINEAGE - {UNMODELED} - key:
        if held[column] is not None:
            yield f"{name}.{column}: {held[column]!r} came from nowhere"


def _renamed(column: str, held: dict[str, Any], key: set[str]) -> str:
    """A property that is named as a key column has its row's name before it."""
    if column not in key:
        return column
    return next((name for name in held if name.endswith(f"_{column}")), column)


def same(literal: Any, value: Any) -> bool:
    """Whether a value of a table is what the JSON literal says."""
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
