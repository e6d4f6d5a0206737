"""The data dictionary: every table and column of the warehouse, as pages of Markdown.

The pages come from the catalog, and for tables that are of no entity from what their assets say of
themselves, so that they are right by being made anew. A row of a page
stands for one column, or for neighbours of one type in one JSON object that need no words of their
own, such as the parts of an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import dagster as dg

from qb_assets.catalog import ENTITIES, POSITION, Column, Entity, Table, tables_of
from qb_assets.normalized.parse import STORED_AS
from qb_assets.normalized.schema import LINEAGE, LINEAGE_DOCS, UNMODELED_COLUMN, UNMODELED_DOC
from qb_assets.warehouse.ddl import SCHEMA, SQL_TYPES, VALUES, VALUES_DOCS, row_key
from qb_assets.warehouse.dictionary_groups import by_group, cell, group_page
from qb_assets.warehouse.history_ddl import VALIDITY_DOCS
from qb_assets.warehouse.linked_txn import COLUMNS as LINK_COLUMNS
from qb_assets.warehouse.linked_txn import DOC as LINK_DOC
from qb_assets.warehouse.linked_txn import LINKED_TXN

INDEX = "index.md"

_MADE = "<!-- Made by `qb-assets schema docs --write` from the source: change it there. -->"
_HEAD = ("| column | type | JSON | |", "|---|---|---|---|")
_PLAIN_HEAD = ("| column | type | |", "|---|---|---|")
_KINDS = {"transaction": "Transactions", "list": "Lists", "support": "Company and settings"}
_DELETES = {
    "hard": "Deleted records vanish in QuickBooks; here they stay, with `_deleted`.",
    "soft": "Records are made inactive, never deleted; merged ones vanish.",
    "none": "Its records stay for ever.",
}


def pages(specs: Iterable[dg.AssetSpec]) -> dict[str, str]:
    """All pages by file name, of the catalog and of some assets.

    The index, one for each entity with tables, that of the links across entities, and one for each
    group of assets that is no layer of the entities.
    """
    groups = by_group(specs)
    entities = [entity for entity in ENTITIES.values() if tables_of(entity)]
    return {
        INDEX: _page(_index(entities, groups)),
        **{f"{entity.table}.md": _page(_entity(entity)) for entity in entities},
        f"{LINKED_TXN}.md": _page(_links()),
        **{f"{group}.md": _page(group_page(group, those)) for group, those in groups.items()},
    }


def outdated(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """The names of pages in a folder that are missing, not as they should be, or too many."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def write(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Makes a folder's pages what they should be; gives the names of those that changed."""
    changed = outdated(folder, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def _page(lines: Iterable[str]) -> str:
    return "\n".join([_MADE, "", *lines]) + "\n"


def _index(
    entities: Sequence[Entity], groups: Mapping[str, Sequence[dg.AssetSpec]]
) -> Iterator[str]:
    tables = [table for entity in entities for table in tables_of(entity)]
    columns = sum(len(table.columns) for table in tables)
    yield "# The data"
    yield ""
    yield (
        f"{len(entities)} entities in {len(tables)} tables, with {columns:,} columns of QuickBooks'"
        f" own. In DuckDB they are in the schema `{SCHEMA}`; the normalized layer has the same"
        " tables in Parquet. Each page has an entity's tables, and the JSON path of each column"
        " from the object that is the row."
    )
    for kind, title in _KINDS.items():
        yield from ("", f"## {title}", "", "| entity | | tables |", "|---|---|---|")
        for entity in entities:
            if entity.kind == kind:
                named = ", ".join(
                    f"[{table.name}]({entity.table}.md#{table.name})" for table in tables_of(entity)
                )
                page = f"[{entity.name}]({entity.table}.md)"
                yield f"| {page} | {cell(entity.description)} | {named} |"
    yield from ("", "## Across entities", "", "| table | |", "|---|---|")
    yield f"| [{LINKED_TXN}]({LINKED_TXN}.md) | {cell(LINK_DOC)} |"
    for group, specs in groups.items():
        yield from ("", f"## {group.capitalize()}", "", "| table | |", "|---|---|")
        for spec in specs:
            name = spec.key.path[-1]
            first = (spec.description or "").partition("\n")[0]
            yield f"| [{name}]({group}.md#{name}) | {cell(first)} |"
    yield from _every_table()


def _every_table() -> Iterator[str]:
    lineage = {field.name: SQL_TYPES[field.type] for field in LINEAGE}
    values = {field.name: SQL_TYPES[field.type] for field in VALUES}
    yield from ("", "## Columns of every table", "", *_PLAIN_HEAD)
    for name, kind in lineage.items():
        yield _plain_row(name, kind, LINEAGE_DOCS[name])
    yield from ("", "An entity's own table, which the entity is named after, has besides:", "")
    yield from _PLAIN_HEAD
    yield _plain_row(UNMODELED_COLUMN, "VARCHAR", UNMODELED_DOC)
    for name, kind in values.items():
        yield _plain_row(name, kind, VALUES_DOCS[name])
    yield from (
        "",
        "A child table has the keys of the rows above it, and `position`: the place in the array,"
        " from 0.",
        "",
        "## The past",
        "",
        "Beside each table there is `<table>_history` with every version that was seen, and the"
        " macro `<table>_as_of(moment)`. A history has the columns of the table and these:",
        "",
        *_PLAIN_HEAD,
    )
    kinds = {"is_current": "BOOLEAN"}
    for name, doc in VALIDITY_DOCS.items():
        yield _plain_row(name, kinds.get(name, "TIMESTAMP WITH TIME ZONE"), doc)


def _entity(entity: Entity) -> Iterator[str]:
    yield f"# {entity.name}"
    yield ""
    cdc = "Change data capture tells of it." if entity.cdc else "It is in no change data capture."
    yield f"{entity.description} {cdc} {_DELETES[entity.delete]}"
    yield ""
    yield (
        f"Assets: `raw/{entity.table}`, and `normalized/…` and `warehouse/…` of each table here."
        f" Columns that every table has are in the [index]({INDEX}#columns-of-every-table)."
    )
    for table in tables_of(entity):
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield from ("", f"## {table.name}", "")
    key = ", ".join(f"`{name}`" for name in row_key(table))
    doc = "" if table.parent is None else f"{table.doc} "
    path = ".".join(filter(None, [table.entity, table.json_path]))
    yield f"{doc}A row is `{path}`; its key is {key}."
    yield from ("", *_HEAD)
    for place, name in enumerate(table.parent_keys):
        kind = "VARCHAR" if place == 0 else "BIGINT"
        yield f"| `{name}` | {kind} | | The {name.removesuffix('_id')} it belongs to. |"
    if table.parent is not None:
        yield f"| `{POSITION}` | BIGINT | | The place in the array, from 0. |"
    for _, group in groupby(_numbered(table.columns), key=lambda each: each[0]):
        yield _row([column for _, column in group])


def _numbered(columns: Sequence[Column]) -> Iterator[tuple[int, Column]]:
    """The columns, with the same number where they share a row."""
    number, before = 0, None
    for column in columns:
        if before is None or not _share_a_row(before, column):
            number += 1
        before = column
        yield number, column


def _share_a_row(one: Column, other: Column) -> bool:
    """Whether the second one needs no words beside the first one's."""
    told = one.doc and one.path[-1] != "value"  # what is said of a reference is of all of it
    return (
        len(one.path) > 1
        and one.path[:-1] == other.path[:-1]
        and one.kind is other.kind
        and not (told or other.doc or one.allowed or other.allowed)
    )


def _row(columns: Sequence[Column]) -> str:
    first = columns[0]
    names = ", ".join(f"`{column.name}`" for column in columns)
    kind = SQL_TYPES[STORED_AS[first.kind]]
    *way, last = first.path
    ends = [column.path[-1] for column in columns]
    path = ".".join([*way, last if len(ends) == 1 else "{" + ",".join(ends) + "}"])
    return f"| {names} | {_short(kind)} | `{path}` | {cell(_said(first))} |"


def _said(column: Column) -> str:
    words = " · ".join(column.allowed)
    return " ".join(filter(None, [column.doc, f"One of: {words}." if words else ""]))


def _links() -> Iterator[str]:
    yield from (f"# {LINKED_TXN}", "", LINK_DOC, "", *_PLAIN_HEAD)
    for name, (kind, doc) in LINK_COLUMNS.items():
        yield _plain_row(name, kind, doc)


def _plain_row(name: str, kind: str, doc: str) -> str:
    return f"| `{name}` | {_short(kind)} | {cell(doc)} |"


def _short(kind: str) -> str:
    return kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
