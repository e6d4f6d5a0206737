"""Paths of values, as the tests of the catalog compare them: `Invoice.Line[].Amount`."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from qb_assets.catalog import ENTITIES, WRAPPER, Column, Entity, tables_of

MISSPELT = {"ReimburseCharge": "ReimburseCarge"}
"""Keys of answers that Intuit's examples spell in another way."""


def declared(entity: Entity) -> dict[str, Column]:
    """The columns of an entity by the paths of their values."""
    prefixes: dict[str, str] = {}
    found: dict[str, Column] = {}
    for table in tables_of(entity):
        above = prefixes[table.parent] if table.parent else entity.name
        prefix = ".".join((above, *table.array_path)) + ("[]" if table.parent else "")
        prefixes[table.name] = prefix
        for column in table.columns:
            found[".".join((prefix, *column.path))] = column
    return found


def values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each scalar in a value, and each empty object and array, with its path."""
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        if not members:
            yield path, members
        for name, member in members.items():
            yield from values(member, f"{path}.{name}")
    elif isinstance(value, list):
        elements = cast(list[Any], value)
        if not elements:
            yield f"{path}[]", elements
        for element in elements:
            yield from values(element, f"{path}[]")
    else:
        yield path, value


def company_records(data: Path) -> Iterator[tuple[Entity, dict[str, Any], str]]:
    """The records of the recorded company, and where each is from."""
    for file in sorted((data / "company").glob("*.json")):
        for record in _load(file):
            yield ENTITIES[file.stem], record, f"{file.name} {record['Id']}"


def sample_records(data: Path) -> Iterator[tuple[Entity, dict[str, Any], str]]:
    """The records in Intuit's examples of each entity."""
    for entity in ENTITIES.values():
        pattern = re.compile(rf"{entity.name.lower()}-\d+\.json")
        for file in sorted((data / "samples").glob(f"{entity.name.lower()}-*.json")):
            if pattern.fullmatch(file.name):
                for record in _bodies(_load(file), entity):
                    yield entity, record, file.name


def _bodies(body: dict[str, Any], entity: Entity) -> list[dict[str, Any]]:
    body = body.get("QueryResponse", body)
    for key in (entity.json_key, entity.name, MISSPELT.get(entity.name, "")):
        found = body.get(key)
        if isinstance(found, list):
            return [_record(each, entity) for each in cast(list[dict[str, Any]], found)]
        if found is not None:
            return [_record(found, entity)]
    return [body] if "MetaData" in body else []  # requests, and single parts, have none


def _record(row: dict[str, Any], entity: Entity) -> dict[str, Any]:
    """The record of a row, which may be in an object with its kind as the key."""
    if not entity.wrapped:
        return row
    kind = next(key for key, value in row.items() if isinstance(value, dict))
    return {WRAPPER: kind, **row[kind]}


def _load(file: Path) -> Any:
    return json.loads(file.read_text(), parse_float=Decimal, parse_int=Decimal)
