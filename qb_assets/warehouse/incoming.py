"""Gives DuckDB the rows that come in as Parquet files, of which it reads what a statement needs.

Arrow tables that are registered inside of a transaction are held until its end, and so would the
whole load be.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import duckdb

from qb_assets.lake import parquet
from qb_assets.warehouse.ddl import quoted

Columns: TypeAlias = Mapping[str, Sequence[str]]
"""By table some of its columns."""


@contextmanager
def incoming_rows(
    connection: duckdb.DuckDBPyConnection, objects: Mapping[str, Sequence[bytes]]
) -> Generator[Columns]:
    """Lets statements read a batch of normalized rows as `incoming_<table>`.

    Args:
        connection: to the warehouse.
        objects: by table one or more Parquet objects, all with the table's own schema.

    Yields:
        The columns that have values: most of a table have none.
    """
    with TemporaryDirectory(prefix="qb-assets-") as folder:
        for name, parts in objects.items():
            files: list[str] = []
            for place, data in enumerate(parts):
                path = Path(folder, f"{name}-{place}.parquet")
                path.write_bytes(data)
                files.append("'" + str(path).replace("'", "''") + "'")
            connection.execute(
                f"CREATE OR REPLACE TEMP VIEW {quoted(f'incoming_{name}')} AS"
                f" SELECT * FROM read_parquet([{', '.join(files)}], hive_partitioning = FALSE)"
            )
        yield {name: filled_columns(parts) for name, parts in objects.items()}
        # After an error the transaction takes no more statements, and its end takes the views away.
        for name in objects:
            connection.execute(f"DROP VIEW {quoted(f'incoming_{name}')}")


def filled_columns(parts: Sequence[bytes]) -> list[str]:
    """The columns that have values in one or more objects of a table, in the table's order."""
    void = set.intersection(*map(parquet.void_columns, parts))
    return [name for name in parquet.read_schema(parts[0]).names if name not in void]
