"""Views that say in their comments what they are, by which an old one is known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from qb_assets.warehouse.ddl import SCHEMA, literal, quoted


@dataclass(frozen=True, slots=True)
class View:
    """A view, the macros that go with it, and what it says of itself."""

    name: str
    select: str
    doc: str
    macros: tuple[str, ...] = ()
    """The statements that make them."""
    schema: str = SCHEMA

    @property
    def comment(self) -> str:
        """What it says of itself, with a number that is another when a statement is."""
        statements = "".join([self.select, *self.macros])
        number = hashlib.blake2b(statements.encode(), digest_size=4).hexdigest()
        return f"{self.doc} Definition {number}."


def view_comments(
    connection: duckdb.DuckDBPyConnection, schema: str, names: Sequence[str]
) -> dict[str, str | None]:
    """What those of the named views that a schema of DuckDB has say of themselves, by name."""
    # Without parameters: each of them costs as much as the rest.
    found = connection.execute(
        f"SELECT view_name, comment FROM duckdb_views() WHERE schema_name = {literal(schema)}"
    )
    comments: dict[str, str | None] = dict(found.fetchall())
    return {name: comments[name] for name in names if name in comments}


def ensure_views(
    connection: duckdb.DuckDBPyConnection, views: Sequence[View], held: Mapping[str, str | None]
) -> None:
    """Makes the views that are not there just as they should be; `held` is what there is."""
    for view in views:
        if held.get(view.name) != view.comment:
            name = f"{view.schema}.{quoted(view.name)}"
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS {view.select}")
            for macro in view.macros:
                connection.execute(macro)
            connection.execute(f"COMMENT ON VIEW {name} IS {literal(view.comment)}")
