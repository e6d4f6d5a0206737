"""Makes normalized and warehouse tables anew from raw, without a call to QuickBooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import dagster as dg

from qb_assets.automation.headless import OnEvent, Outcome, run_job
from qb_assets.automation.jobs import SYNC
from qb_assets.automation.run_tags import range_tags
from qb_assets.catalog import Entity
from qb_assets.faces import ENTITY_TAG, NORMALIZED, QUICKBOOKS, WAREHOUSE
from qb_assets.lake import layout
from qb_assets.lake.store import Lake
from qb_assets.partitions import COMPANY_DIMENSION, Calendar


def held_days(lake: Lake, entities: Sequence[Entity]) -> dict[str, set[date]]:
    """The days of which raw holds anything of some entities, by company. Raises LakeError."""
    found: dict[str, set[date]] = {}
    for entity in entities:
        for at in layout.locations(lake, layout.RAW, entity.table):
            found.setdefault(at.company, set()).add(at.day)
    return found


def rebuild(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    calendar: Calendar,
    company: str,
    entities: Sequence[Entity],
    days: Iterable[date],
    *,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Materializes the normalized and warehouse tables of entities, from the first to the last day.

    One run, with those of their checks that ask QuickBooks nothing.

    Raises:
        ValueError: there is no such day, or the entities have no tables.
    """
    held = [day for day in days if calendar.start <= day <= calendar.today()]
    keys = _tables(defs, {entity.table for entity in entities})
    if not held or not keys:
        names = ", ".join(entity.name for entity in entities)
        raise ValueError(f"The lake holds nothing of {names} from {calendar.start} on.")
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
    job = defs.resolve_job_def(SYNC).get_subset(
        asset_selection=keys, asset_check_selection=_checks_from_here(defs, keys)
    )
    tags = range_tags(company, min(held), max(held))
    return run_job(job, instance, tags=tags, on_event=on_event)


def _tables(defs: dg.Definitions, entities: set[str]) -> set[dg.AssetKey]:
    graph = defs.resolve_asset_graph()
    return {
        key
        for key in graph.materializable_asset_keys
        if key.path[0] in (NORMALIZED, WAREHOUSE)
        and graph.get(key).tags.get(ENTITY_TAG) in entities
    }


def _checks_from_here(defs: dg.Definitions, keys: set[dg.AssetKey]) -> set[dg.AssetCheckKey]:
    """The checks of assets that need no resource which asks QuickBooks."""
    return {
        key
        for checks in defs.asset_checks or ()
        if QUICKBOOKS not in checks.required_resource_keys
        for key in checks.check_keys
        if key.asset_key in keys
    }
