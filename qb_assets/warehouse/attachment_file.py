"""`attachment_file` in the warehouse: what became of the file of each attachment."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from qb_assets.attachments.records import DOCS, KEY, SCHEMA, TABLE, latest_rows
from qb_assets.lake.store import Lake
from qb_assets.warehouse.ddl import SCHEMA as DATABASE_SCHEMA
from qb_assets.warehouse.ddl import SQL_TYPES, quoted, relation
from qb_assets.warehouse.upkeep import transaction


def load_attachment_files(connection: duckdb.DuckDBPyConnection, lake: Lake, company: str) -> int:
    """Gives the table what the lake says last of each of a company's files, all of it or nothing.

    Returns the company's rows. Raises LakeError.
    """
    rows = pa.Table.from_pylist(list(latest_rows(lake, company).values()), schema=SCHEMA)
    with transaction(connection):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {DATABASE_SCHEMA}")
        connection.execute(_create())
        for name, doc in DOCS.items():
            text = doc.replace("'", "''")
            connection.execute(f"COMMENT ON COLUMN {relation(TABLE)}.{quoted(name)} IS '{text}'")
        connection.register("incoming_files", rows)
        # A row that stays is not deleted first: DuckDB takes no key twice in one transaction.
        connection.execute(f"INSERT OR REPLACE INTO {relation(TABLE)} BY NAME FROM incoming_files")
        connection.unregister("incoming_files")
    return rows.num_rows


def _create() -> str:
    columns = [
        f"{quoted(field.name)} {SQL_TYPES[field.type]}{'' if field.nullable else ' NOT NULL'}"
        for field in SCHEMA
    ]
    key = ", ".join(map(quoted, KEY))
    body = ",\n  ".join([*columns, f"PRIMARY KEY ({key})"])
    return f"CREATE TABLE IF NOT EXISTS {relation(TABLE)} (\n  {body}\n)"
