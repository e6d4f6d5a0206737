"""The checks whose last evaluation was red, and what the source sends that is new."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from qb_assets.automation.alerts import Alert

DRIFT = "drift"


def red_checks(
    instance: dg.DagsterInstance, keys: Sequence[dg.AssetCheckKey]
) -> tuple[list[Alert], set[str]]:
    """An alert for each check that was red when it was last evaluated, and for each drift.

    Also gives the keys of the alerts of which nothing is known now, since a run is to tell.
    """
    alerts: list[Alert] = []
    unknown: set[str] = set()
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    for key in keys:
        name = f"{key.asset_key.to_user_string()}:{key.name}"
        alert_key = f"drift:{name}" if key.name == DRIFT else f"check:{name}"
        record = latest.get(key)
        event = record.event.dagster_event if record is not None and record.event else None
        if event is None or event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            unknown.add(alert_key)
            continue
        check = event.asset_check_evaluation_data
        if check.passed:
            continue
        if key.name == DRIFT:
            alerts.append(Alert(alert_key, f"{name}: {check.description} {_OF_DRIFT}"))
        elif check.severity == dg.AssetCheckSeverity.ERROR:
            alerts.append(Alert(alert_key, f"{name} is red: {check.description} {_OF_RED}"))
    return alerts, unknown


_OF_DRIFT = "Nothing is lost; to have columns of it: qb-assets schema promote --help"
_OF_RED = "Its page in the Dagster UI names the keys that differ, docs/runbook.md what to do."
