"""Columns of the books and of the warehouse can be followed to the JSON that QuickBooks sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import dagster as dg
import pytest

from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.column_lineage import LINEAGE_KEY
from qb_assets.definitions import defs
from qb_assets.faces import KIND_TAG, normalized_key, raw_key, warehouse_key
from qb_assets.warehouse.ddl import warehouse_schema

Place: TypeAlias = tuple[dg.AssetKey, str]

MADE = {"raw", "reports", "books"}
"""The layers where a way may end: what QuickBooks answered, and what the books work out."""

KIND_OF_LINK: Place = (dg.AssetKey(["warehouse", "linked_txn"]), "from_type")
"""It says which entity's table a link is told of in, which no column does."""


@pytest.fixture(scope="module")
def told() -> Mapping[dg.AssetKey, Mapping[str, Any]]:
    """What each asset says of itself."""
    return {spec.key: spec.metadata for spec in defs.resolve_all_asset_specs()}


def _value(said: Any) -> Any:
    return getattr(said, "value", said)


def _columns(metadata: Mapping[str, Any]) -> dict[str, dg.TableColumn]:
    schema: dg.TableSchema = _value(metadata["dagster/column_schema"])
    return {column.name: column for column in schema.columns}


def _sources(told: Mapping[dg.AssetKey, Mapping[str, Any]], place: Place) -> list[Place]:
    key, column = place
    if LINEAGE_KEY not in told[key]:
        return []
    lineage: dg.TableColumnLineage = _value(told[key][LINEAGE_KEY])
    return [(dep.asset_key, dep.column_name) for dep in lineage.deps_by_column[column]]


def _ends(told: Mapping[dg.AssetKey, Mapping[str, Any]], place: Place) -> Iterator[Place]:
    """Where the ways from a column end; every stop is a column that its asset has."""
    assert place[1] in _columns(told[place[0]]), place
    sources = _sources(told, place)
    if not sources:
        yield place
    for source in sources:
        yield from _ends(told, source)


def test_each_column_of_the_warehouse_comes_from_the_json_of_its_entity(
    told: Mapping[dg.AssetKey, Mapping[str, Any]],
) -> None:
    followed = 0
    for entity in ENTITIES.values():
        payload = (raw_key(entity), "payload")
        for table in tables_of(entity):
            key = warehouse_key(table)
            assert list(_columns(told[key])) == warehouse_schema(table).names
            for column in table.columns:
                assert payload in set(_ends(told, (key, column.name))), (key, column.name)
                for layer in (key, normalized_key(table)):
                    said = _columns(told[layer])[column.name].description or ""
                    assert said.endswith(f"JSON: {table.json_path_of(column)}")
                followed += 1
            for name in set(warehouse_schema(table).names) - {"_company"}:
                ends = {end for end, _ in _ends(told, (key, name))}
                assert ends == {raw_key(entity)}, (key, name)
    assert followed > 5_000


@pytest.mark.parametrize(
    ("asset", "column", "ends"),
    [
        ("warehouse/invoice_line", "amount", {"raw/invoice.payload"}),
        ("warehouse/invoice_line", "_state", {"raw/invoice.status", "raw/invoice.payload"}),
        ("warehouse/bill", "id", {"raw/bill.id", "raw/bill.payload"}),
        ("warehouse/bill", "_values_changed_at", {"raw/bill.last_updated_time"}),
        ("warehouse/exchange_rate", "_deleted", {"raw/exchange_rate.status"}),
        ("warehouse/attachment_file", "sha256", {"attachments/attachment_file.sha256"}),
        ("books/chart_of_accounts", "account_id", {"raw/account.id", "raw/account.payload"}),
    ],
)
def test_where_a_column_is_from(
    told: Mapping[dg.AssetKey, Mapping[str, Any]], asset: str, column: str, ends: set[str]
) -> None:
    found = _ends(told, (dg.AssetKey.from_user_string(asset), column))
    assert {f"{key.to_user_string()}.{name}" for key, name in found} == ends


def test_copies_in_the_books_can_be_followed_and_say_so(
    told: Mapping[dg.AssetKey, Mapping[str, Any]],
) -> None:
    followed = 0
    for model in models().values():
        key = dg.AssetKey(["books", model.name])
        for column in model.columns:
            said = _columns(told[key])[column.name].description or ""
            sources = _sources(told, (key, column.name))
            assert len(sources) == len(column.sources)
            for source, name in sources:
                assert f"`{source.to_user_string()}.{name}`" in said
            ends = set(_ends(told, (key, column.name))) - {KIND_OF_LINK}
            assert {end.path[0] for end, name in ends if name != "_company"} <= MADE
            followed += len(sources)
    assert followed > 80


def test_a_table_says_what_its_key_is(told: Mapping[dg.AssetKey, Mapping[str, Any]]) -> None:
    for asset, key in {
        "warehouse/invoice_line": "_company, invoice_id, position",
        "normalized/invoice": "_company, id, _extracted_at",
    }.items():
        schema = _value(told[dg.AssetKey.from_user_string(asset)]["dagster/column_schema"])
        assert schema.constraints.other == [f"key: {key}"]


def test_a_template_names_any_kind_of_document_on_the_way() -> None:
    own, *children = tables_of(ENTITIES["RecurringTransaction"])
    paths = {column.name: own.json_path_of(column) for column in own.columns}
    assert (paths["txn_type"], paths["id"]) == ("*", "*.Id")
    assert "*.Line[]" in {child.json_path for child in children}
    [payment] = (each for each in tables_of(ENTITIES["Payment"]) if each.name == "payment")
    assert payment.json_path == ""


def test_every_asset_says_of_which_kind_it_is() -> None:
    tags = {spec.key.to_user_string(): spec.tags for spec in defs.resolve_all_asset_specs()}
    assert [key for key, each in tags.items() if KIND_TAG not in each] == []
    assert tags["books/posting"][KIND_TAG] == "book"
    ledger = {KIND_TAG: "report", "grain": "posting"}
    assert ledger.items() <= tags["reports/general_ledger"].items()
    line = {KIND_TAG: "transaction", "entity": "invoice"}
    assert line.items() <= tags["warehouse/invoice_line"].items()
