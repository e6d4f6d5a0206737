"""The job that deletes the logs of old runs, and its schedule.

The runs themselves stay, and what they materialized and checked: Dagster knows by them which days
are there. What goes is what their steps wrote and what they said while they went on.
"""

import os
from datetime import timedelta

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from qb_assets.automation.storage import BatchedEventLog
from qb_assets.clock import utc_now
from qb_assets.failures import plain_failures
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.faults import ConfigurationError

PRUNE_LOGS = "prune_logs"
DAYS = "QB_LOG_RETENTION_DAYS"
DEFAULT_DAYS = 90


def retention_days() -> int:
    """How long logs are kept, by QB_LOG_RETENTION_DAYS; 0: for ever. Raises ConfigurationError."""
    text = os.environ.get(DAYS) or str(DEFAULT_DAYS)
    if not text.isdecimal():
        raise ConfigurationError(f"{DAYS} is {text!r}; it must be a number of days like 90, or 0")
    return int(text)


def prune_logs(instance: dg.DagsterInstance, days: int) -> list[str]:
    """Deletes what runs wrote that ended so many days ago or before.

    That is the output of their steps, wherever it is kept, and, of this project's SQLite storage,
    their event logs. Gives the ids of the runs.
    """
    before = utc_now() - timedelta(days=days)
    filters = dg.RunsFilter(statuses=FINISHED_STATUSES, updated_before=before)
    old = list(instance.get_run_ids(filters))
    events = instance.event_log_storage
    for run_id in old:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        if isinstance(events, BatchedEventLog):
            events.forget_log(run_id)
    return old


def build_prune_job() -> dg.JobDefinition:
    """A job of one op, since it makes nothing."""

    @dg.op(name="delete_old_logs", description="Deletes the logs of runs that ended long ago.")
    def delete_old_logs(context: dg.OpExecutionContext) -> None:
        with plain_failures():
            days = retention_days()
        if days == 0:
            context.log.info(f"{DAYS} is 0: all logs are kept.")
            return
        old = prune_logs(context.instance, days)
        context.log.info(f"{len(old):,} runs ended {days} days ago or before: no logs of them.")

    @dg.job(
        name=PRUNE_LOGS,
        description=(
            f"Deletes the logs of runs that ended {DEFAULT_DAYS} days ago or before ({DAYS}). The"
            " runs stay, and all that they materialized and checked."
        ),
    )
    def prune_logs_job() -> None:
        delete_old_logs()

    return prune_logs_job


def build_weekly_prune(job: dg.JobDefinition, calendar: Calendar) -> dg.ScheduleDefinition:
    """Once a week, on Sunday after all else."""
    return dg.ScheduleDefinition(
        name="weekly_prune_logs",
        job=job,
        cron_schedule="30 6 * * 0",
        execution_timezone=calendar.zone.key,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"On Sunday morning, deletes logs that are older than {DAYS}.",
    )
