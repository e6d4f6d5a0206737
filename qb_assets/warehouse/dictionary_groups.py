"""The pages of the data dictionary for tables that are of no entity, from what their assets say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from qb_assets.faces import NORMALIZED, RAW, WAREHOUSE

COLUMNS, TABLE = "dagster/column_schema", "dagster/table_name"

_OF_ENTITIES = frozenset({RAW, NORMALIZED, WAREHOUSE})
"""The groups whose tables have pages by entity."""


def by_group(specs: Iterable[dg.AssetSpec]) -> Mapping[str, Sequence[dg.AssetSpec]]:
    """The assets that are tables of the warehouse with columns, by group, sorted by their keys.

    Those of the entities' layers are left out.
    """
    found: dict[str, list[dg.AssetSpec]] = {}
    for spec in sorted(specs, key=lambda each: list(each.key.path)):
        group = spec.group_name or ""
        if group not in _OF_ENTITIES and {COLUMNS, TABLE} <= set(spec.metadata):
            found.setdefault(group, []).append(spec)
    return found


def group_page(group: str, specs: Sequence[dg.AssetSpec]) -> Iterator[str]:
    """The lines of the page of a group: a section for each table."""
    yield f"# {group.capitalize()}"
    for spec in specs:
        yield from ("", f"## {spec.key.path[-1]}", "")
        yield f"`{_text(spec.metadata[TABLE])}`: {spec.description or ''}".rstrip()
        yield from ("", "| column | type | |", "|---|---|---|")
        for column in columns(spec):
            kind = column.type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
            yield f"| `{column.name}` | {kind} | {cell(column.description or '')} |"


def columns(spec: dg.AssetSpec) -> Sequence[dg.TableColumn]:
    """The columns that an asset says it has."""
    said: Any = spec.metadata[COLUMNS]
    schema: dg.TableSchema = getattr(said, "schema", said)
    return schema.columns


def cell(text: str) -> str:
    """A text that does not end its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))
