"""The books in Dagster: their graph, and what a materialization says."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from qb_assets.books.assets import BOOKS, books_key, build_books_assets
from qb_assets.books.registry import models
from qb_assets.definitions import build_definitions
from qb_assets.warehouse.resource import WarehouseResource


@pytest.fixture(scope="module")
def graph() -> dg.AssetsDefinition:
    (books,) = build_books_assets()
    return books


def test_the_graph_knows_where_each_model_comes_from(graph: dg.AssetsDefinition) -> None:
    spec = graph.specs_by_key[books_key("chart_of_accounts")]
    assert {dep.asset_key.to_user_string() for dep in spec.deps} == {
        "books/account_type",
        "reports/general_ledger",
        "warehouse/account",
    }
    assert spec.group_name == BOOKS
    assert spec.kinds == {"duckdb", "sql"}
    assert graph.op.pool == "warehouse"
    assert {key.to_user_string() for key in graph.keys} == {f"books/{name}" for name in models()}


def test_a_materialization_tells_rows_and_what_was_missing(
    graph: dg.AssetsDefinition, tmp_path: Path
) -> None:
    url = f"duckdb:///{tmp_path}/warehouse.duckdb"
    result = dg.materialize(
        [graph],
        selection=[books_key("account_type"), books_key("chart_of_accounts")],
        resources={"warehouse": WarehouseResource(database=url)},
    )
    assert result.success
    made = {each.asset_key: each for each in result.asset_materializations_for_node("book_models")}
    assert set(made) == {books_key("account_type"), books_key("chart_of_accounts")}
    chart = made[books_key("chart_of_accounts")].metadata
    assert chart["dagster/row_count"].value == 0
    assert "quickbooks.account" in str(chart["not_loaded"].value)
    assert "dagster/column_lineage" not in chart  # the asset says it of itself, once
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        row = connection.execute("SELECT count(*) FROM books.account_type").fetchone()
        assert row == (15,)


def test_the_code_location_has_a_job_of_the_books() -> None:
    job = build_definitions().resolve_job_def(BOOKS)
    keys = job.asset_layer.executable_asset_keys
    assert keys == {books_key(name) for name in models()}
