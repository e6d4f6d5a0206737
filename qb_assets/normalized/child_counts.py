"""Whether every element of every array became a child row, counted by another JSON reader."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Table, tables_of
from qb_assets.catalog.entity import Entity

VERSION = ["id", "_extracted_at"]


def array_path(entity: Entity, table: Table) -> str:
    """The JSON path of all elements of a table's array, `$."Line"[*]."LinkedTxn"[*]`."""
    by_name = {each.name: each for each in tables_of(entity)}
    path = ""
    while table.parent is not None:
        keys = "".join(f'."{key}"' for key in table.array_path)
        path = f"{keys}[*]{path}"
        table = by_name[table.parent]
    return f"$.*{path}" if entity.wrapped else f"${path}"


def miscounted(
    entity: Entity, raw: pa.Table, frames: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Child tables whose rows differ from the elements of the raw arrays.

    Args:
        entity: what the records are.
        raw: live raw rows that were not quarantined: `id`, `extracted_at`, `payload`.
        frames: the entity's normalized tables by name.

    Returns:
        For every child table the versions that differ: `id`, `_extracted_at`, `expected`,
        `found`; empty frames where all is well. Rows that belong to no raw record count as found.
    """
    children = [table for table in tables_of(entity) if table.parent is not None]
    if not children:
        return {}
    counts = ", ".join(
        f"len(json_extract(document, '{array_path(entity, table)}')) AS \"{table.name}\""
        for table in children
    )
    with duckdb.connect() as connection:
        connection.register("raw", raw)
        expected = connection.execute(
            f"""
            SELECT id, extracted_at AS _extracted_at, {counts}
            FROM (SELECT id, extracted_at, decode(payload) AS document FROM raw)
            """
        ).pl()
    expected = expected.with_columns(pl.col("_extracted_at").cast(pl.Datetime("us", "UTC")))
    return {table.name: _differing(table, expected, frames[table.name]) for table in children}


def _differing(table: Table, expected: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    owner = table.parent_keys[0]
    found = rows.group_by(pl.col(owner).alias("id"), "_extracted_at").agg(found=pl.len())
    return (
        expected.select(*VERSION, expected=pl.col(table.name))
        .join(found, on=VERSION, how="full", coalesce=True)
        .with_columns(
            pl.col("expected").fill_null(0).cast(pl.Int64),
            pl.col("found").fill_null(0).cast(pl.Int64),
        )
        .filter(pl.col("expected") != pl.col("found"))
    )
