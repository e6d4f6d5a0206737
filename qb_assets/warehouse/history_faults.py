"""Whether the history is whole: each record's versions follow each other without gap or overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.normalized.schema import arrow_schema
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.compare import has_table
from qb_assets.warehouse.ddl import quoted, relation, row_key
from qb_assets.warehouse.history_ddl import BEGAN, OLDEST_FIRST, PAST, past
from qb_assets.warehouse.load import BATCH_BYTES
from qb_assets.warehouse.sql import gather, names, of_record
from qb_assets.warehouse.versions import columns_held
from qb_assets.warehouse.views import view_comments


@dataclass(frozen=True, slots=True)
class HistoryFaults:
    """What one look found: versions of the lake looked for, and what is wrong by record."""

    looked_at: int
    wrong: list[tuple[str, str]]
    """The record's key and the problem."""


def history_faults(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> list[HistoryFaults]:
    """Looks at the whole history of the records that have a version or a delete in these days.

    Raises:
        LakeError: an object could not be read.
    """
    return settled(lambda: list(_history_faults(connection, lake, entity, scope)))


def _history_faults(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, scope: CompanyDays
) -> Iterator[HistoryFaults]:
    parent, *children = tables_of(entity)
    if not has_table(connection, entity):
        return
    tables = [table.name for table in tables_of(entity)]
    empty = view_comments(connection, PAST, tables)
    filled = columns_held(connection, PAST, [name for name in tables if name not in empty])
    if len(empty) + len(filled) < len(tables):
        yield HistoryFaults(0, [("", "there is no history yet")])
        return
    columns = [*row_key(parent), "_changed_at", "_extracted_at", "_deleted"]
    schema = pa.schema([arrow_schema(parent).field(name) for name in columns])
    objects = layout.objects_of(lake, layout.NORMALIZED, parent.name, scope.company, scope.days)
    for batch in layout.batches(objects, BATCH_BYTES):
        contents = lake.read_many([each.path for each in batch])
        rows = parquet.concat([parquet.decode(data, columns) for data in contents], schema)
        connection.register("lake_versions", rows)
        faults = [_of_versions(parent), *(_of_rows(parent, child) for child in children)]
        key = " || '/' || ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in parent.key)
        gather(connection, "faults", [f"SELECT {key} AS key, problem FROM ({s})" for s in faults])
        found = connection.execute("FROM faults ORDER BY ALL").fetchall()
        connection.unregister("lake_versions")
        yield HistoryFaults(rows.num_rows, found)


def _of_versions(parent: Table) -> str:
    """Versions that are missing, doubled, or do not end where the next one begins."""
    key = names(row_key(parent))
    told = f"{key}, _changed_at, _extracted_at, _deleted"
    records = f"SEMI JOIN lake_versions USING ({key})"
    return f"""
        WITH told AS (
            SELECT {told}, valid_to, TRUE AS _past FROM {past(parent)} {records}
            UNION ALL
            SELECT {told}, NULL, FALSE FROM {relation(parent.name)} {records} WHERE NOT _deleted
        ),
        ordered AS (
            SELECT *, lead({BEGAN}) OVER happened AS _next, lead(TRUE) OVER happened AS _followed,
                lead(_extracted_at) OVER happened AS _next_extracted_at
            FROM told WINDOW happened AS (PARTITION BY {key} ORDER BY {OLDEST_FIRST})
        )
        SELECT {key}, CASE
            WHEN _extracted_at = _next_extracted_at THEN 'a version is there twice'
            WHEN NOT _past AND _followed THEN 'the current row is not the last version'
            WHEN _past AND NOT _deleted AND _followed IS NULL THEN 'a version ended by nothing'
            ELSE 'a version does not end where the next one begins' END AS problem
        FROM ordered
        WHERE _extracted_at = _next_extracted_at OR valid_to IS DISTINCT FROM _next
            OR (_past AND NOT _deleted AND _followed IS NULL)
        UNION ALL
        SELECT {key}, 'a version of the lake is missing' FROM lake_versions
        ANTI JOIN told USING ({key}, _extracted_at, _deleted)
        UNION ALL
        SELECT {key}, 'the record is marked as deleted without the history of it'
        FROM {relation(parent.name)} {records} WHERE _deleted
            AND NOT EXISTS (
                SELECT 1 FROM ordered WHERE {of_record(parent, parent, "ordered", parent.name)}
                AND ordered._deleted AND _followed IS NULL
            )
    """


def _of_rows(parent: Table, child: Table) -> str:
    """Rows of a child table that do not begin and end with a version of their record."""
    [identity] = parent.key  # what has child tables has one Id
    return f"""
        SELECT DISTINCT row._company, row.{quoted(child.parent_keys[0])} AS {quoted(identity)},
            'rows of {child.name} have no version of their validity' AS problem
        FROM {past(child)} AS row
        SEMI JOIN lake_versions ON {of_record(parent, child, "row", "lake_versions")}
        LEFT JOIN {past(parent)} AS version
            ON {of_record(parent, child, "row", "version")}
            AND row._extracted_at = version._extracted_at AND NOT version._deleted
        WHERE version._company IS NULL OR row.valid_to IS DISTINCT FROM version.valid_to
    """
