"""The files of the models say what their tables are, and are made in the right order."""

import duckdb
import pytest

from qb_assets.books.inputs import columns_of
from qb_assets.books.model import SCHEMA, ModelError, Relation, parse
from qb_assets.books.registry import models, models_below
from qb_assets_tests.books.conftest import Made

NAMES = sorted(models())

TEXT = """\
-- What it tells,
-- in two lines.
--
-- Grain: one row a company and
-- account.
--
-- Columns:
--   _company VARCHAR <- quickbooks.account._company: The realm Id.
--   amount DECIMAL(38,10): A long story
--     that goes on.

SELECT _company, 1 AS amount  -- not books.commented
FROM quickbooks.account
WHERE name <> 'books.quoted' AND amount < books.limit_of(name);

CREATE OR REPLACE MACRO books.sample_as_of(day) AS TABLE
    SELECT * FROM books.sample JOIN books.other USING (_company);
"""


def test_a_heading_is_read() -> None:
    model = parse("sample", TEXT)
    assert model.doc == "What it tells, in two lines."
    assert model.grain == "one row a company and account."
    first, second = model.columns
    assert (first.name, first.type, first.doc) == ("_company", "VARCHAR", "The realm Id.")
    assert first.sources == ((Relation("quickbooks", "account"), "_company"),)
    assert (second.type, second.doc) == ("DECIMAL(38,10)", "A long story that goes on.")
    assert model.select.startswith("SELECT _company")
    assert len(model.macros) == 1


def test_inputs_are_found_in_statements_alone() -> None:
    found = [str(relation) for relation in parse("sample", TEXT).inputs]
    assert found == ["books.other", "quickbooks.account"]


@pytest.mark.parametrize("broken", ["-- Grain:", "-- Columns:", "VARCHAR <-"])
def test_a_heading_that_cannot_be_read_is_refused(broken: str) -> None:
    with pytest.raises(ModelError, match=r"books/models/sample\.sql"):
        parse("sample", TEXT.replace(broken, "--"))


def test_each_model_comes_after_those_it_is_made_of() -> None:
    seen: set[str] = set()
    for name, model in models().items():
        assert {each for each in models_below(model) if each in models()} <= seen
        seen.add(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_documented_and_every_documented_column_is_there(
    made: Made, name: str
) -> None:
    held = made.connection.execute(f"DESCRIBE {SCHEMA}.{name}").fetchall()
    declared = [(column.name, column.type) for column in models()[name].columns]
    assert declared == [(row[0], row[1]) for row in held]


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_that_values_are_copied_from_are_inputs(name: str) -> None:
    model = models()[name]
    for column in model.columns:
        for relation, source in column.sources:
            assert relation in model.inputs
            if relation.name in models():
                assert source in [each.name for each in models()[relation.name].columns]
            else:
                assert source in columns_of(relation)


@pytest.mark.parametrize("name", NAMES)
def test_tables_and_columns_say_in_the_warehouse_what_they_are(made: Made, name: str) -> None:
    row = made.connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?",
        [SCHEMA, name],
    ).fetchone()
    assert row is not None
    assert models()[name].grain in row[0]


def test_the_grain_of_the_ledger_holds(made: Made) -> None:
    assert_unique(made.connection, "general_ledger", "_company, posting_id")


def assert_unique(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    row = connection.execute(
        f"SELECT count(*), count(DISTINCT ({key})) FROM books.{table}"
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
