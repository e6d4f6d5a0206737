"""The data dictionary is as the catalog says, and tells of every column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from qb_assets.catalog import ENTITIES, Table, tables_of
from qb_assets.definitions import defs
from qb_assets.warehouse import dictionary
from qb_assets.warehouse.ddl import SQL_TYPES, warehouse_schema
from qb_assets_tests.docs.pages import DOCS

FOLDER = DOCS / "data"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages as they should be."""
    return dictionary.pages(defs.resolve_all_asset_specs())


def test_it_is_current(pages: dict[str, str]) -> None:
    stale = dictionary.outdated(FOLDER, pages)
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


def test_a_page_that_is_stale_or_too_many_is_made_right(
    tmp_path: Path, pages: dict[str, str]
) -> None:
    assert set(dictionary.write(tmp_path, pages)) == set(pages)
    assert dictionary.write(tmp_path, pages) == []
    (tmp_path / "invoice.md").write_text("old")
    (tmp_path / "unicorn.md").write_text("of an entity that is no more")
    assert dictionary.outdated(tmp_path, pages) == ["invoice.md", "unicorn.md"]
    dictionary.write(tmp_path, pages)
    assert dictionary.outdated(tmp_path, pages) == []


def test_a_group_of_assets_has_a_page_from_what_they_say() -> None:
    columns = [dg.TableColumn("amount", "DECIMAL(38,10)", "Debit | positive.")]
    told = {"dagster/column_schema": dg.TableSchema(columns), "dagster/table_name": "books.posting"}
    posting = dg.AssetSpec(
        ["books", "posting"], group_name="books", description="One posting.", metadata=told
    )
    made = dictionary.pages([posting, dg.AssetSpec("untold", group_name="books")])
    assert "[posting](books.md#posting) | One posting." in made["index.md"]
    assert "`books.posting`: One posting." in made["books.md"]
    assert "| `amount` | DECIMAL(38,10) | Debit \\| positive. |" in made["books.md"]
    assert "untold" not in made["books.md"]
