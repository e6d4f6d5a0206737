"""The sensor that makes the books anew when what they are made of has changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from qb_assets.automation.jobs import SYNC
from qb_assets.automation.report_jobs import REPORTS_JOB
from qb_assets.books.assets import BOOKS
from qb_assets.clock import utc_now

NAME = "books_follow"

EVERY = 60
"""Seconds between two looks."""

ONE_RUN_IN = timedelta(minutes=15)
"""The books are made no more often than this, however many webhooks come."""

_MAKERS = (SYNC, REPORTS_JOB)


def build_books_sensor(job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """One run of the books after runs that changed the warehouse, when none of them goes on."""

    @dg.sensor(
        name=NAME,
        job=job,
        minimum_interval_seconds=EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "After a sync or a fetch of reports, when no other goes on: the books are made anew,"
            " at most every 15 minutes. It asks QuickBooks nothing."
        ),
    )
    def books_follow(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        instance = context.instance
        changed = _last(instance, _MAKERS, ended=True)
        made = _last(instance, (BOOKS,), ended=False)
        if changed is None or (made is not None and made >= changed):
            yield dg.SkipReason("Nothing has changed since the books were made.")
        elif made is not None and utc_now() - made < ONE_RUN_IN:
            yield dg.SkipReason("The books were made a short while ago.")
        elif _goes_on(instance, (*_MAKERS, BOOKS)):
            yield dg.SkipReason("A run that changes the warehouse goes on.")
        else:
            yield dg.RunRequest(run_key=f"{NAME}-{changed.timestamp():.0f}")

    return books_follow


def _last(instance: dg.DagsterInstance, jobs: Sequence[str], *, ended: bool) -> datetime | None:
    """When the last run of some jobs came to its end, or was asked for, however that one ended."""
    statuses = [dg.DagsterRunStatus.SUCCESS] if ended else []
    filters = [dg.RunsFilter(job_name=job, statuses=statuses) for job in jobs]
    found = (record for each in filters for record in instance.get_run_records(each, limit=1))
    return max(
        (each.update_timestamp if ended else each.create_timestamp for each in found), default=None
    )


def _goes_on(instance: dg.DagsterInstance, jobs: Sequence[str]) -> bool:
    return any(
        instance.get_runs(dg.RunsFilter(job_name=job, statuses=NOT_FINISHED_STATUSES), limit=1)
        for job in jobs
    )
