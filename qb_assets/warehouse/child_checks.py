"""The warehouse's child tables against the lake: a row lost, doubled or changed on the way is
seen."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from qb_assets.catalog import Entity, tables_of
from qb_assets.faces import warehouse_key
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import Calendar
from qb_assets.scope import CheckWindow, all_days, asked_scopes
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.children import ChildCounts, child_counts
from qb_assets.warehouse.resource import WarehouseResource

COMPLETE = "complete"


def build_child_checks(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """One step for the child tables of all entities, which needs no call to QuickBooks."""
    by_key = {
        dg.AssetCheckKey(warehouse_key(table), COMPLETE): (entity, table)
        for entity in entities
        for table in tables_of(entity)[1:]
    }
    if not by_key:
        return []

    @dg.multi_asset_check(
        name="warehouse_child_checks",
        specs=[
            dg.AssetCheckSpec(
                COMPLETE,
                asset=key.asset_key,
                description=(
                    f"Each current {entity.name} has just the rows that the lake has, and the same"
                    " amounts."
                ),
            )
            for key, (entity, _) in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
    )
    def warehouse_child_checks(
        context: dg.AssetCheckExecutionContext,
        config: CheckWindow,
        lake: LakeResource,
        warehouse: WarehouseResource,
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key: by_key[key] for key in by_key if key in context.selected_asset_check_keys}
        scopes = asked_scopes(context, config, calendar) or all_days(context.instance, calendar)
        found = {table.name: Findings() for _, table in asked.values()}
        with plain_failures(), warehouse.get_connection() as connection:
            for entity in {entity.name: entity for entity, _ in asked.values()}.values():
                for scope in scopes:
                    for counts in child_counts(connection, lake.open(), entity, scope):
                        _note(found, scope.company, counts)
        for key, (_, table) in asked.items():
            yield found[table.name].result(
                key.asset_key,
                COMPLETE,
                right=f"{table.name} holds just the rows that the lake has.",
                wrong=(
                    f"{found[table.name].wrong} records have other rows in {table.name} than in"
                    " the lake. Materialize the warehouse asset for those days again."
                ),
            )

    return [warehouse_child_checks]


def _note(found: Mapping[str, Findings], company: str, counts: ChildCounts) -> None:
    for name, rows in counts.looked_at.items():
        if name in found:
            found[name].looked_at += rows
    for each in counts.wrong:
        if each.table in found:
            found[each.table].add(
                {
                    "company": company,
                    "id": each.id,
                    "lake": each.lake,
                    "warehouse": each.warehouse,
                    "lake_amount": f"{each.lake_amount:f}",
                    "warehouse_amount": f"{each.warehouse_amount:f}",
                }
            )
