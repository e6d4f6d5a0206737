"""The data dictionary is as the catalog says, and tells of every column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from qb_assets.catalog import ENTITIES, Table, tables_of
from qb_assets.warehouse import dictionary
from qb_assets.warehouse.ddl import SQL_TYPES, warehouse_schema
from qb_assets_tests.docs.pages import DOCS

FOLDER = DOCS / "data"


def test_it_is_current() -> None:
    stale = dictionary.outdated(FOLDER)
    assert stale == [], "make it anew with: qb-assets schema docs --write"


def told(page: str, table: Table) -> dict[str, tuple[str, str]]:
    """The type and the JSON path that a page tells of each column of a table."""
    section = page.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
    found: dict[str, tuple[str, str]] = {}
    for line in section.splitlines():
        if not line.startswith("| `"):
            continue
        _, names, kind, path, _ = re.split(r"(?<!\\)\|", line, maxsplit=4)
        way, brace, ends = path.strip(" `").partition("{")
        paths = [f"{way}{end}" for end in ends.rstrip("}").split(",")] if brace else [way]
        for name, each in zip(re.findall("`([^`]+)`", names), paths, strict=True):
            found[name] = (kind.strip(), each)
    return found


def test_every_column_is_there_with_its_type_and_path() -> None:
    pages = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    common = set(re.findall(r"^\| `(\w+)`", pages["index"], re.MULTILINE))
    columns = 0
    for entity in ENTITIES.values():
        for table in tables_of(entity):
            found = told(pages[entity.table], table)
            assert f"[{table.name}]({entity.table}.md#{table.name})" in pages["index"]
            for column in table.columns:
                assert found[column.name][1] == ".".join(column.path), (table.name, column.name)
            schema: Any = warehouse_schema(table)
            for field in schema:
                kind = SQL_TYPES[field.type].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
                assert field.name in common or found[field.name][0] == kind
            columns += len(table.columns)
    assert columns > 5000


def test_a_page_that_is_stale_or_too_many_is_made_right(tmp_path: Path) -> None:
    assert set(dictionary.write(tmp_path)) == set(dictionary.pages())
    assert dictionary.write(tmp_path) == []
    (tmp_path / "invoice.md").write_text("old")
    (tmp_path / "unicorn.md").write_text("of an entity that is no more")
    assert dictionary.outdated(tmp_path) == ["invoice.md", "unicorn.md"]
    dictionary.write(tmp_path)
    assert dictionary.outdated(tmp_path) == []
