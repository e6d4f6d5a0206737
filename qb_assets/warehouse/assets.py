"""The warehouse assets: one step an entity merges its tables, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.code_links import entity_links
from qb_assets.column_lineage import lineage, warehouse_lineage
from qb_assets.faces import (
    KIND_TAG,
    OWNERS,
    WAREHOUSE,
    PartitionFigures,
    arrow_columns,
    entity_tags,
    key_constraint,
    normalized_key,
    table_columns,
    warehouse_key,
)
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import Calendar, company_days, key_of
from qb_assets.warehouse import linked_txn
from qb_assets.warehouse.ddl import SCHEMA, SQL_TYPES, VALUES, VALUES_DOCS, row_key
from qb_assets.warehouse.linked_txn import link_tables, sources_of
from qb_assets.warehouse.load import load
from qb_assets.warehouse.resource import WarehouseResource

POOL = "warehouse"


def build_warehouse_assets(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetsDefinition]:
    """A multi-asset for each entity that has columns."""
    return [_of_entity(entity, calendar) for entity in entities if tables_of(entity)]


def linked_txn_specs(entities: Sequence[Entity]) -> list[dg.AssetSpec]:
    """How the view of all links presents itself, which the loads make; none without links."""
    tables = [table for entity in entities for table in link_tables(entity)]
    columns = [dg.TableColumn(name, kind, doc) for name, (kind, doc) in linked_txn.COLUMNS.items()]
    spec = dg.AssetSpec(
        dg.AssetKey([WAREHOUSE, linked_txn.LINKED_TXN]),
        deps=[warehouse_key(table) for table in tables],
        group_name=WAREHOUSE,
        kinds={"duckdb", "view"},
        owners=OWNERS,
        tags={KIND_TAG: "transaction"},
        description=f"{linked_txn.DOC} A view, which the loads of its tables make; always current.",
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{SCHEMA}.{linked_txn.LINKED_TXN}",
            **_links_lineage(entities),
        },
    )
    return [spec] if tables else []


def _links_lineage(entities: Sequence[Entity]) -> Mapping[str, dg.TableColumnLineage]:
    deps: dict[str, list[dg.TableColumnDep]] = {name: [] for name in linked_txn.COLUMNS}
    for entity in entities:
        for links in link_tables(entity):
            for name, (table, column) in sources_of(entity, links).items():
                deps[name].append(dg.TableColumnDep(warehouse_key(table), column))
    return lineage(deps)


def _spec(entity: Entity, table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        warehouse_key(table),
        deps=[normalized_key(table)],
        group_name=WAREHOUSE,
        kinds={"duckdb", "table"},
        owners=OWNERS,
        tags=entity_tags(entity),
        description=(
            f"{table.doc} The current state, one row per company and key; what was deleted in"
            " QuickBooks stays with its last known values and `_deleted = true`. Every version that"
            f" was seen is in `{table.name}_history`, the rows of a moment are"
            f" `{table.name}_as_of(moment)`."
        ),
        metadata={
            "dagster/column_schema": _columns(table),
            "dagster/table_name": f"{SCHEMA}.{table.name}",
            "history": f"{SCHEMA}.{table.name}_history",
            "as_of": f"{SCHEMA}.{table.name}_as_of(moment)",
            **warehouse_lineage(entity, table),
            **entity_links(entity),
        },
    )


def _columns(table: Table) -> dg.TableSchema:
    columns = table_columns(table, SQL_TYPES).columns
    if table.parent is None:
        columns = [*columns, *arrow_columns(VALUES, VALUES_DOCS, SQL_TYPES).columns]
    return dg.TableSchema(columns, key_constraint(row_key(table)))


def _of_entity(entity: Entity, calendar: Calendar) -> dg.AssetsDefinition:
    tables = tables_of(entity)

    @dg.multi_asset(
        name=f"warehouse_{entity.table}",
        specs=[_spec(entity, table) for table in tables],
        partitions_def=calendar.partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def warehouse(
        context: dg.AssetExecutionContext, lake: LakeResource, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        held: Counter[str] = Counter()
        merged: Counter[str] = Counter()
        figures: dict[str, PartitionFigures] = defaultdict(PartitionFigures)
        with plain_failures(), warehouse.get_connection() as connection:
            for scope in company_days(context.partition_keys):
                loaded = load(connection, lake.open(), entity, scope, progress=context.log.info)
                merged += Counter(
                    changed=loaded.changed,
                    deleted=loaded.deleted,
                    mended=loaded.mended,
                    ended=loaded.ended,
                )
                held += Counter(loaded.held)
                for name, by_day in loaded.read.items():
                    for day, count in by_day.items():
                        figures[name].add(key_of(scope.company, day), loaded_rows=count)
        for table in tables:
            figures[table.name].report(context, warehouse_key(table))
            yield dg.MaterializeResult(
                asset_key=warehouse_key(table),
                metadata={
                    "dagster/row_count": held[table.name],
                    "records_changed": merged["changed"],
                    "records_deleted": merged["deleted"],
                    "records_mended": merged["mended"],
                    "versions_ended": merged["ended"],
                },
            )

    return warehouse
