"""A build makes all that is asked for or nothing, and takes what was never loaded as empty."""

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from qb_assets.books import build
from qb_assets.books.build import build_models
from qb_assets.books.inputs import held
from qb_assets.books.model import SCHEMA, Relation
from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.upkeep import ensure_tables


@pytest.fixture
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_an_empty_warehouse_gives_empty_books_and_nothing_else(
    empty: duckdb.DuckDBPyConnection,
) -> None:
    built = build_models(empty)
    declared = {"account_type", "transaction_type", "aging_bucket"}
    assert set(built.rows) == set(models())
    assert not {name for name, rows in built.rows.items() if rows} - declared
    assert held(empty) == {Relation(SCHEMA, name) for name in models()}
    assert built.missing["document"] == [
        str(each) for each in models()["document"].inputs if each.schema == "quickbooks"
    ]


def test_what_a_model_needs_is_made_if_it_is_not_there(empty: duckdb.DuckDBPyConnection) -> None:
    built = build_models(empty, ["chart_of_accounts"])
    assert set(built.rows) == {"account_type", "chart_of_accounts"}
    assert set(build_models(empty, ["chart_of_accounts"]).rows) == {"chart_of_accounts"}


def test_a_failure_leaves_the_books_as_they_were(
    empty: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_models(empty, ["account_type", "company"])
    empty.execute(f"UPDATE {SCHEMA}.account_type SET section = 'old'")
    company = replace(models()["company"], select="SELECT * FROM quickbooks.account WHERE wrong")
    monkeypatch.setattr(build, "models", lambda: {**models(), "company": company})
    with pytest.raises(duckdb.BinderException):
        build_models(empty, ["account_type", "company"])
    found = empty.execute(f"SELECT DISTINCT section FROM {SCHEMA}.account_type").fetchall()
    assert found == [("old",)]


def test_tables_of_an_older_catalog_gain_their_columns(empty: duckdb.DuckDBPyConnection) -> None:
    ensure_tables(empty, ENTITIES["Account"])
    empty.execute("ALTER TABLE quickbooks.account DROP COLUMN _values_changed_at")
    build_models(empty, ["chart_of_accounts"])
    empty.execute("SELECT _values_changed_at FROM quickbooks.account")


def test_tables_that_do_not_fit_the_catalog_are_refused(empty: duckdb.DuckDBPyConnection) -> None:
    ensure_tables(empty, ENTITIES["Account"])
    empty.execute("ALTER TABLE quickbooks.account ALTER acct_num TYPE INTEGER")
    with pytest.raises(WarehouseError, match="qb-assets schema migrate --entity Account"):
        build_models(empty, ["chart_of_accounts"])


def test_an_unknown_model_is_refused(empty: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(KeyError, match="no_such"):
        build_models(empty, ["no_such"])
