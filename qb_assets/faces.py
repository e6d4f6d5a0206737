"""What the assets of every layer say of themselves in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from qb_assets.catalog import Column, Entity, Table
from qb_assets.normalized.schema import (
    LINEAGE_DOCS,
    UNMODELED_COLUMN,
    UNMODELED_DOC,
    arrow_schema,
)

QUICKBOOKS, RAW, NORMALIZED, WAREHOUSE = "quickbooks", "raw", "normalized", "warehouse"
"""The layers: groups in the UI, and the first part of each asset's key."""

CONNECTION = dg.AssetKey([QUICKBOOKS, "connection"])
"""QuickBooks itself, where the graph begins."""

COMPANY_TAG = "company"
"""The tag of runs that says which company they are of."""

ENTITY_TAG = "entity"
"""The tag of assets that says which entity they are made of."""

KIND_TAG = "kind"
"""The tag that every asset has: `transaction`, `list` or `support` as its entity is, else `report`,
`book` or `connection`."""

EMPTY: Mapping[Any, str] = {}

OWNERS = ["team:finance-data"]

MOST_LOOKUPS = 20_000
"""Dagster goes over all partitions of a run for the metadata of each, so an asset with figures for
more than this many pairs of them has those of the run alone."""

ROW_COUNT = "dagster/row_count"
"""The figure that the UI plots: the rows of the partition."""

ROWS_OF_THE_RUN = "rows_of_the_run"

KEY_DOCS = {"position": "The place in the array of the parent's record, from 0."}


def raw_key(entity: Entity) -> dg.AssetKey:
    """`raw/<entity>`."""
    return dg.AssetKey([RAW, entity.table])


def normalized_key(table: Table) -> dg.AssetKey:
    """`normalized/<table>`."""
    return dg.AssetKey([NORMALIZED, table.name])


def warehouse_key(table: Table) -> dg.AssetKey:
    """`warehouse/<table>`."""
    return dg.AssetKey([WAREHOUSE, table.name])


class PartitionFigures:
    """Figures by partition key, for runs over many partitions."""

    def __init__(self) -> None:
        self._figures: dict[str, dict[str, int]] = {}

    def add(self, partition_key: str, **figures: int) -> None:
        """Notes figures of one partition."""
        self._figures[partition_key] = figures

    def report(self, context: dg.AssetExecutionContext, key: dg.AssetKey) -> None:
        """Puts them on the materializations of a run over several partitions."""
        partitions = len(context.partition_keys)
        if partitions == 1 or partitions * len(self._figures) > MOST_LOOKUPS:
            return
        for partition, figures in self._figures.items():
            context.add_asset_metadata(
                {ROW_COUNT if name == "rows" else name: value for name, value in figures.items()},
                asset_key=key,
                partition_key=partition,
            )


def rows_name(context: dg.AssetExecutionContext) -> str:
    """What a run's sum of rows is called: a run of one partition has just that one's."""
    return ROW_COUNT if len(context.partition_keys) == 1 else ROWS_OF_THE_RUN


def entity_tags(entity: Entity) -> dict[str, str]:
    """Tags to select assets by."""
    return {ENTITY_TAG: entity.table, KIND_TAG: entity.kind}


def table_columns(table: Table, type_names: Mapping[Any, str] | None = None) -> dg.TableSchema:
    """The column schema of a normalized or warehouse table, from the catalog.

    Types are named as Arrow does, or as `type_names` says.
    """
    docs = {column.name: _doc(table, column) for column in table.columns}
    keys = {name: f"The {name.removesuffix('_id')} it belongs to." for name in table.parent_keys}
    ours = {**LINEAGE_DOCS, UNMODELED_COLUMN: UNMODELED_DOC}
    return arrow_columns(
        arrow_schema(table), {**KEY_DOCS, **keys, **docs, **ours}, type_names or {}
    )


def arrow_columns(
    schema: Iterable[Any], docs: Mapping[str, str], type_names: Mapping[Any, str] = EMPTY
) -> dg.TableSchema:
    """An Arrow schema as the UI shows it."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                name=field.name,
                type=_short(type_names.get(field.type, str(field.type))),
                description=docs.get(field.name),
                constraints=dg.TableColumnConstraints(nullable=field.nullable),
            )
            for field in schema
        ]
    )


def key_constraint(columns: Iterable[str]) -> dg.TableConstraints:
    """What makes a row of a table unique, as the UI shows it above the columns."""
    return dg.TableConstraints(other=[f"key: {', '.join(columns)}"])


def _short(name: str) -> str:
    """A type's name that leaves room for the column's description."""
    return name.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def _doc(table: Table, column: Column) -> str:
    """What a column says, and where its value is in the JSON of `raw`."""
    allowed = f"One of: {', '.join(column.allowed)}." if column.allowed else ""
    path = f"JSON: {table.json_path_of(column)}"
    return " ".join(filter(None, [column.doc, allowed, path]))
