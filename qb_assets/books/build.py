"""Makes the tables of the books, all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from qb_assets.books.inputs import held, standing_in
from qb_assets.books.model import SCHEMA, Model, Relation
from qb_assets.books.registry import models, models_below
from qb_assets.warehouse.ddl import literal
from qb_assets.warehouse.upkeep import transaction

MEMORY = "1GB"
"""What DuckDB may keep in memory while it makes the books."""


@dataclass
class Built:
    """What a build made: the rows of each model, and the inputs that were missing."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    missing: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Relations that a model reads and that no load has made yet, by the model's name."""


def build_models(
    connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None
) -> Built:
    """Makes models anew, in one transaction: readers see the old tables until all are made.

    Args:
        connection: to the warehouse.
        names: which ones; all by default. Models that they need and that are not there are made,
            too.

    Raises:
        KeyError: there is no model of a name.
        WarehouseError: a table of an entity does not fit the catalog.
    """
    built = Built()
    with _room(connection), transaction(connection):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        there = held(connection)
        chosen = _with_missing(set(models() if names is None else names), there)
        inputs = {each for model in chosen for each in model.inputs if not _is_model(each)}
        with standing_in(connection, sorted(inputs, key=str)):
            for model in chosen:
                missing = [str(each) for each in model.inputs if each in inputs - there]
                built.missing[model.name] = missing
                built.rows[model.name] = make(connection, model)
    return built


@contextmanager
def _room(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Lets DuckDB use more memory meanwhile than a load needs, and write rows in any order.

    With the limit of a load a million postings were measured to take three times as long, or to
    fail: their joins are larger than it.
    """
    ordered, before, enough = connection.execute(
        "SELECT current_setting('preserve_insertion_order'), current_setting('memory_limit'),"
        " parse_formatted_bytes(current_setting('memory_limit')) >= parse_formatted_bytes(?)",
        [MEMORY],
    ).fetchall()[0]
    connection.execute("SET preserve_insertion_order = false")
    if not enough:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{before}'")
        connection.execute(f"SET preserve_insertion_order = {ordered}")


def _is_model(relation: Relation) -> bool:
    return relation.schema == SCHEMA and relation.name in models()


def _with_missing(names: set[str], there: Collection[Relation]) -> Sequence[Model]:
    """The named models and those below them that are not there, in the order they are made."""
    every = models()
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in wanted:
            continue
        wanted.add(name)
        below = [each for each in models_below(every[name]) if each in every]
        waiting += [each for each in below if Relation(SCHEMA, each) not in there]
    return [model for name, model in every.items() if name in wanted]


def make(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    """Makes one table of what is there, with its macros and comments; gives its rows' number."""
    name = f"{SCHEMA}.{model.name}"
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {model.select}")
    for statement in model.macros:
        connection.execute(statement)
    doc = f"{model.doc} Grain: {model.grain}"
    connection.execute(f"COMMENT ON TABLE {name} IS {literal(doc)}")
    for column in model.columns:
        comment = literal(column.doc)
        connection.execute(f'COMMENT ON COLUMN {name}."{column.name}" IS {comment}')
    row = connection.table(name).count("*").fetchone()
    assert row is not None
    return row[0]
