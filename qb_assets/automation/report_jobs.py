"""The jobs of the reports and of a month's end, and the schedules that fetch reports again."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from qb_assets.automation.catch_up import HOUR_OF_DAY
from qb_assets.automation.jobs import companies_with_token
from qb_assets.books.assets import BOOKS
from qb_assets.faces import COMPANY_TAG
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.reports.assets import REPORTS_GROUP
from qb_assets.reports.months import first_month, month_before, month_key

REPORTS_JOB = "reports"
MONTH_END = "month_end"
MONTHS_A_DAY = 2
"""The month so far and the one before, which is often still being worked on."""
MONTHS_A_WEEK = 13
"""A year and the month so far: changes in closed months are found within a week."""


def build_reports_job() -> UnresolvedAssetJobDefinition:
    """All reports with their checks, for a month or a range of months."""
    return dg.define_asset_job(
        REPORTS_JOB,
        selection=dg.AssetSelection.groups(REPORTS_GROUP),
        description="QuickBooks' own reports, with their checks, for a company's month or months.",
    )


def build_reports_schedules(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> list[dg.ScheduleDefinition]:
    """Every day this month and the last one, and every week a year; a run for each company."""
    return [
        _schedule(
            job,
            calendar,
            name="daily_reports",
            cron=f"0 {HOUR_OF_DAY + 1} * * 1-6",
            months=MONTHS_A_DAY,
            description="Each connected company's reports of this month and the last one.",
        ),
        _schedule(
            job,
            calendar,
            name="weekly_reports",
            cron=f"0 {HOUR_OF_DAY + 2} * * 0",
            months=MONTHS_A_WEEK,
            description=(
                "On Sunday morning, each connected company's reports of the last year: it finds"
                " changes in closed months."
            ),
        ),
    ]


def build_month_end_job() -> UnresolvedAssetJobDefinition:
    """The reports of a month and the books, with all of their checks: they must tie."""
    return dg.define_asset_job(
        MONTH_END,
        selection=dg.AssetSelection.groups(REPORTS_GROUP, BOOKS),
        description=(
            "A company's reports of a month, the books made anew, and the checks of both: whether"
            " the month ties to QuickBooks."
        ),
    )


def build_month_end_schedule(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> dg.ScheduleDefinition:
    """On the first days of a month, the month that has ended; a run for each company."""
    return _schedule(
        job,
        calendar,
        name=MONTH_END,
        cron=f"30 {HOUR_OF_DAY + 2} 1-3 * *",
        months=1,
        back=1,
        description=(
            "On the first three days of a month, when the sync of the night has ended: each"
            " connected company's reports of the month before, the books, and their checks."
        ),
    )


def _schedule(
    job: UnresolvedAssetJobDefinition,
    calendar: Calendar,
    *,
    name: str,
    cron: str,
    months: int,
    description: str,
    back: int = 0,
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job=job,
        cron_schedule=cron,
        execution_timezone=calendar.zone.key,
        description=description,
    )
    def schedule(
        context: dg.ScheduleEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        today = calendar.today(context.scheduled_execution_time)
        last = month_before(today.replace(day=1), back)
        first = max(month_before(last, months - 1), first_month(calendar))
        companies = companies_with_token(context, quickbooks)
        if not companies or first > last:
            yield dg.SkipReason("No company is connected, or the first month is still to come.")
        for company in companies if first <= last else ():
            yield dg.RunRequest(
                run_key=f"{name}-{company}-{today}", tags=month_tags(company, first, last)
            )

    return schedule


def month_tags(company: str, first: date, last: date) -> dict[str, str]:
    """The tags of a run over months of a company, both included."""
    return {
        COMPANY_TAG: company,
        ASSET_PARTITION_RANGE_START_TAG: month_key(company, first),
        ASSET_PARTITION_RANGE_END_TAG: month_key(company, last),
    }
