"""The normalized assets: one step an entity makes the parent table and all of its child tables."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.code_links import entity_links
from qb_assets.column_lineage import normalized_lineage
from qb_assets.faces import (
    NORMALIZED,
    OWNERS,
    PartitionFigures,
    entity_tags,
    key_constraint,
    normalized_key,
    raw_key,
    rows_name,
    table_columns,
)
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.normalized.build import build
from qb_assets.normalized.schema import version_key
from qb_assets.normalized.versions import schema_version
from qb_assets.partitions import Calendar, company_days, key_of


def build_normalized_assets(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetsDefinition]:
    """A multi-asset for each entity that has columns."""
    return [_of_entity(entity, calendar) for entity in entities if tables_of(entity)]


def _spec(entity: Entity, table: Table) -> dg.AssetSpec:
    return dg.AssetSpec(
        normalized_key(table),
        deps=[raw_key(entity)],
        group_name=NORMALIZED,
        kinds={"parquet", "pandera"},
        owners=OWNERS,
        tags=entity_tags(entity),
        description=f"{table.doc} Typed; every version that raw holds.",
        metadata={
            "dagster/column_schema": dg.TableSchema(
                table_columns(table).columns, key_constraint(version_key(table))
            ),
            "dagster/uri": f"{NORMALIZED}/{table.name}",
            **normalized_lineage(entity, table),
            **entity_links(entity),
        },
    )


def _of_entity(entity: Entity, calendar: Calendar) -> dg.AssetsDefinition:
    tables = tables_of(entity)

    @dg.multi_asset(
        name=f"normalized_{entity.table}",
        specs=[_spec(entity, table) for table in tables],
        partitions_def=calendar.partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def normalized(
        context: dg.AssetExecutionContext, lake: LakeResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        rows: Counter[str] = Counter()
        figures: dict[str, PartitionFigures] = defaultdict(PartitionFigures)
        quarantined = 0
        for scope in company_days(context.partition_keys):
            with plain_failures():
                built = build(lake.open(), entity, scope, progress=context.log.info)
            quarantined += built.quarantined.total()
            for name, by_day in built.rows.items():
                rows[name] += by_day.total()
                for day, count in by_day.items():
                    figures[name].add(key_of(scope.company, day), rows=count)
        if quarantined:
            context.log.warning(f"{entity.name}: {quarantined} records were quarantined")
        for table in tables:
            figures[table.name].report(context, normalized_key(table))
            yield dg.MaterializeResult(
                asset_key=normalized_key(table),
                metadata={
                    rows_name(context): rows[table.name],
                    "quarantined": quarantined,
                    "schema_version": schema_version(entity),
                },
            )

    return normalized
