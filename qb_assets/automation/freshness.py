"""How old each layer may be before the UI shows it as late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import dagster as dg

from qb_assets.books.assets import BOOKS
from qb_assets.faces import NORMALIZED, RAW, WAREHOUSE
from qb_assets.reports.assets import REPORTS_GROUP

_DAILY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=27)
)
"""A night's run, and the hour and a half in which a missed one is caught up."""

_WEEKLY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=9), warn_window=timedelta(days=8)
)
"""Reports cost calls, so that not everybody fetches them each day."""

POLICIES = {
    RAW: _DAILY,
    NORMALIZED: _DAILY,
    WAREHOUSE: _DAILY,
    BOOKS: _DAILY,
    REPORTS_GROUP: _WEEKLY,
}
"""The policy of each layer, by its group. Dagster knows of an asset as a whole: which company is
late, the alerts tell."""


def with_freshness(
    assets: Iterable[dg.AssetsDefinition | dg.AssetSpec],
) -> Sequence[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets with their layers' policies; what is not materialized by a run has none."""
    return [
        each if isinstance(each, dg.AssetSpec) else each.map_asset_specs(_with_policy)
        for each in assets
    ]


def _with_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
    policy = POLICIES.get(spec.group_name or "")
    return spec if policy is None else dg.apply_freshness_policy(spec, policy)
