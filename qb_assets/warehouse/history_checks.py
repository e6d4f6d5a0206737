"""The warehouse's histories: no gap, no overlap, and every version that the lake has."""

from collections.abc import Iterator, Sequence

import dagster as dg

from qb_assets.catalog import Entity, tables_of
from qb_assets.faces import warehouse_key
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import Calendar
from qb_assets.scope import CheckWindow, all_days, asked_scopes
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.history_faults import history_faults
from qb_assets.warehouse.resource import WarehouseResource

HISTORY = "history"


def build_history_checks(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """One step for the histories of all entities, which needs no call to QuickBooks."""
    by_key = {
        dg.AssetCheckKey(warehouse_key(tables_of(entity)[0]), HISTORY): entity
        for entity in entities
        if tables_of(entity)
    }
    if not by_key:
        return []

    @dg.multi_asset_check(
        name="warehouse_history_checks",
        specs=[
            dg.AssetCheckSpec(
                HISTORY,
                asset=key.asset_key,
                description=(
                    f"Each {entity.name} has every version that the lake has, each valid until the"
                    " next one or a delete, and one current row unless it was deleted."
                ),
            )
            for key, entity in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
    )
    def warehouse_history_checks(
        context: dg.AssetCheckExecutionContext,
        config: CheckWindow,
        lake: LakeResource,
        warehouse: WarehouseResource,
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key: by_key[key] for key in by_key if key in context.selected_asset_check_keys}
        scopes = asked_scopes(context, config, calendar) or all_days(context.instance, calendar)
        found = {key: Findings() for key in asked}
        with plain_failures(), warehouse.get_connection() as connection:
            for key, entity in asked.items():
                for scope in scopes:
                    for faults in history_faults(connection, lake.open(), entity, scope):
                        found[key].looked_at += faults.looked_at
                        found[key].add_all(
                            {"company": scope.company, "id": record, "problem": problem}
                            for record, problem in faults.wrong
                        )
        for key, entity in asked.items():
            yield found[key].result(
                key.asset_key,
                HISTORY,
                right=f"The history of {entity.name} is whole.",
                wrong=(
                    f"{found[key].wrong} {entity.name} records have a history that is not whole."
                    " Materialize the warehouse asset for all days again."
                ),
            )

    return [warehouse_history_checks]
