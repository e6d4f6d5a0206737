"""Whether Dagster is set up as this project needs it: its home, its limits, its daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorStatus

from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding

DAGSTER, DAEMON, SCHEDULES = "dagster", "daemon", "schedules"

POOLS = ("warehouse", "quickbooks")
"""The warehouse has one writer, and a run calls QuickBooks for itself."""

OPTIONAL = frozenset({"weekly_compaction", "intraday", "month_end"})
"""What may stay switched off: the reports of a month also come by `daily_reports`."""

SILENT_FOR = timedelta(minutes=5)
"""A daemon tells twice a minute that it runs; one that is busy may be late."""

_ON = "RUNNING"
_AS_OURS = "Take it from this project's dagster.yaml, and start the daemon and the UI anew."


def check_dagster(deployment: Deployment) -> Iterator[Finding]:
    """Looks at what Dagster read in its home."""
    instance = deployment.instance
    yield Finding(DAGSTER, "green", f"DAGSTER_HOME is {os.environ.get('DAGSTER_HOME')}.")
    limits = instance.get_concurrency_config()
    pools = {each.name: each.limit for each in instance.event_log_storage.get_pool_limits()}
    yield from pool_limits(pools, limits.pool_config.default_pool_limit)
    queue = limits.run_queue_config
    yield one_run_a_company(queue.tag_concurrency_limits if queue else ())
    yield retries(
        enabled=instance.run_retries_enabled,
        of_failed_assets=instance.run_retries_retry_on_asset_or_op_failure,
    )


def pool_limits(pools: Mapping[str, int], default: int | None) -> Iterator[Finding]:
    """Whether each pool lets one step in at a time."""
    wide = {name: limit for name in POOLS if (limit := pools.get(name, default)) != 1}
    for name, limit in wide.items():
        yield Finding(
            DAGSTER,
            "red" if name == "warehouse" else "yellow",
            f"The pool {name} lets {'any number of' if limit is None else limit} steps in at once.",
            f"Set its limit to 1: dagster instance concurrency set {name} 1",
        )
    if not wide:
        yield Finding(DAGSTER, "green", f"The pools {' and '.join(POOLS)} let one step in at once.")


def one_run_a_company(limits: Sequence[Mapping[str, object]]) -> Finding:
    """Whether two runs of one company exclude each other, by the limits on tags of runs."""
    if any(each.get("key") == "company" and each.get("limit") == 1 for each in limits):
        return Finding(DAGSTER, "green", "One run at a time for each company.")
    return Finding(
        DAGSTER,
        "yellow",
        "Several runs of one company may be started at once, and wait for each other.",
        f"concurrency.runs.tag_concurrency_limits lacks the key company. {_AS_OURS}",
    )


def retries(*, enabled: bool, of_failed_assets: bool) -> Finding:
    """Whether runs that were killed are run again, and those that failed are not."""
    if enabled and not of_failed_assets:
        said = "Runs that were killed are run again; failed assets wait for a person."
        return Finding(DAGSTER, "green", said)
    what = (
        "Runs of failed assets are run again, calls and all."
        if enabled
        else "Runs that were killed are not run again."
    )
    return Finding(DAGSTER, "yellow", what, f"See run_retries. {_AS_OURS}")


def check_daemon(deployment: Deployment) -> Iterator[Finding]:
    """Looks when each part of the daemon was heard of last."""
    instance = deployment.instance
    beats = {
        name: datetime.fromtimestamp(beat.timestamp, deployment.now.tzinfo)
        for name, beat in instance.get_daemon_heartbeats().items()
    }
    yield heartbeat(instance.get_required_daemon_types(), beats, deployment.now)


def heartbeat(required: Sequence[str], beats: Mapping[str, datetime], now: datetime) -> Finding:
    """Whether every part of the daemon that is required was heard of lately."""
    silent = [name for name in required if name not in beats or now - beats[name] > SILENT_FOR]
    if not silent:
        return Finding(DAEMON, "green", f"All {len(required)} parts of the daemon run.")
    heard = [beats[name] for name in silent if name in beats]
    last = f"last heard of at {max(heard):%Y-%m-%d %H:%M} UTC" if heard else "never heard of"
    what = (
        "The Dagster daemon does not run"
        if len(silent) == len(required)
        else (f"Parts of the Dagster daemon do not run ({', '.join(silent)})")
    )
    return Finding(
        DAEMON,
        "red",
        f"{what}, {last}: no schedule, alert or queued run starts.",
        "Start it with the same DAGSTER_HOME: make dev, or dagster-daemon run as a service.",
    )


def check_schedules(deployment: Deployment) -> Iterator[Finding]:
    """Looks which schedules of the code location are switched on, and which sensors that should."""
    from qb_assets.definitions import defs

    told = {
        state.instigator_name: state.status for state in deployment.instance.all_instigator_state()
    }
    by_default = {
        each.name: each.default_status.value
        for each in (*(defs.schedules or ()), *(defs.sensors or ()))
        if isinstance(each, dg.ScheduleDefinition)
        or (isinstance(each, dg.SensorDefinition) and each.default_status.value == _ON)
    }
    yield switched(by_default, told)


def switched(by_default: Mapping[str, str], told: Mapping[str, InstigatorStatus]) -> Finding:
    """Whether all that should run by themselves do; `told` is what a person said in the UI."""
    said = {
        name: told[name].value
        for name in by_default
        if name in told and told[name] is not InstigatorStatus.DECLARED_IN_CODE
    }
    off = [
        name
        for name, status in {**by_default, **said}.items()
        if status != _ON and name not in OPTIONAL
    ]
    if not off:
        return Finding(SCHEDULES, "green", "The schedules and sensors are switched on.")
    return Finding(
        SCHEDULES,
        "yellow",
        f"These are switched off: {', '.join(off)}.",
        "Switch them on in the Dagster UI, under Automation.",
    )
