"""Views that say in their comment what they are, by which an old one is known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

from qb_assets.warehouse.ddl import SCHEMA, relation


def make_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    select: str,
    doc: str,
    macros: Sequence[str] = (),
) -> None:
    """Makes a view, and macros that go with it, unless they are there just as they should be."""
    digest = hashlib.blake2b("".join([select, *macros]).encode(), digest_size=4).hexdigest()
    comment = f"{doc} Definition {digest}."
    found = connection.execute(
        "SELECT comment FROM duckdb_views() WHERE schema_name = ? AND view_name = ?",
        [SCHEMA, name],
    ).fetchone()
    if found == (comment,):
        return
    connection.execute(f"CREATE OR REPLACE VIEW {relation(name)} AS {select}")
    for macro in macros:
        connection.execute(macro)
    text = comment.replace("'", "''")
    connection.execute(f"COMMENT ON VIEW {relation(name)} IS '{text}'")
