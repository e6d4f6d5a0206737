"""The jobs, and the schedules that let each company's days follow when they have ended."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from qb_assets.attachments.assets import ATTACHMENTS
from qb_assets.automation.catch_up import HOUR_OF_DAY, LATE
from qb_assets.books.assets import BOOKS
from qb_assets.clock import utc_now
from qb_assets.faces import COMPANY_TAG, RAW
from qb_assets.partitions import Calendar, key_of
from qb_assets.quickbooks.faults import NotConnected, QuickBooksError
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.tokens import TokenStore
from qb_assets.raw.assets import Fetch
from qb_assets.reports.assets import REPORTS_GROUP
from qb_assets.scope import connected

SYNC = "sync"
ATTACHMENTS_JOB = "attachments"
CHECKS = "checks"


def build_sync_job() -> UnresolvedAssetJobDefinition:
    """All assets of all layers with all of their checks, for a partition or a range of them.

    The files of attachments are not among them, which come on request, nor are the reports, whose
    partitions are months, nor the books, which have none: each have a job of their own.
    """
    everything = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()
    return dg.define_asset_job(
        SYNC,
        selection=everything - dg.AssetSelection.groups(ATTACHMENTS, REPORTS_GROUP, BOOKS),
        description=(
            "QuickBooks → raw → normalized → warehouse, with every check, for a company's day or"
            " a range of days."
        ),
    )


def build_attachments_job() -> UnresolvedAssetJobDefinition:
    """The files of a company's attachments, on request."""
    return dg.define_asset_job(
        ATTACHMENTS_JOB,
        selection=dg.AssetSelection.groups(ATTACHMENTS),
        description="The files of a company's attachments, those that are missing or changed.",
    )


def build_books_job() -> UnresolvedAssetJobDefinition:
    """Every model of the books, of all companies, from what the warehouse holds."""
    return dg.define_asset_job(
        BOOKS,
        selection=dg.AssetSelection.groups(BOOKS),
        description="Postings, ledger, statements and aging, from what the warehouse holds.",
    )


def build_checks_job() -> UnresolvedAssetJobDefinition:
    """Every check by itself, of everything or of a window given as configuration."""
    return dg.define_asset_job(
        CHECKS,
        selection=dg.AssetSelection.all_asset_checks(),
        description="Every check, of everything that was loaded; nothing is materialized.",
    )


def build_weekly_sweep(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> dg.ScheduleDefinition:
    """Once a week a run for each connected company, of today, that compares all Ids."""

    @dg.schedule(
        name="weekly_sweep",
        job=job,
        cron_schedule=f"30 {HOUR_OF_DAY + 1} * * 0",
        execution_timezone=calendar.zone.key,
        description=(
            "On Sunday morning, each connected company's day so far, and a comparison of all Ids:"
            " it finds deletes that change data capture does not tell of."
        ),
    )
    def weekly_sweep(
        context: dg.ScheduleEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        day = calendar.today(context.scheduled_execution_time)
        config = dg.RunConfig(ops={RAW: Fetch(sweep=True)})
        companies = companies_with_token(context, quickbooks)
        yield from _requests(companies, calendar, day, run_config=config, name="sweep-")

    return weekly_sweep


def build_daily_schedule(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> dg.ScheduleDefinition:
    """Every night a run for each connected company, of the day that just ended."""

    @dg.schedule(
        name="daily",
        job=job,
        cron_schedule=f"0 {HOUR_OF_DAY} * * *",
        execution_timezone=calendar.zone.key,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Each connected company's day that just ended, at 3 in the morning. Where the daemon"
            " was off at that hour, the sensor `catch_up` brings the day."
        ),
    )
    def daily(
        context: dg.ScheduleEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        if utc_now() - context.scheduled_execution_time > LATE:
            yield dg.SkipReason("It is too late for this tick: the sensor catch_up brings the day.")
            return
        day = calendar.today(context.scheduled_execution_time) - timedelta(days=1)
        yield from _requests(companies_with_token(context, quickbooks), calendar, day)

    return daily


def build_intraday_schedule(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> dg.ScheduleDefinition:
    """Every working hour a run for each connected company, of the day so far."""

    @dg.schedule(
        name="intraday",
        job=job,
        cron_schedule="0 8-18 * * 1-5",
        execution_timezone=calendar.zone.key,
        description=(
            "Each connected company's day so far, every hour from 8 to 18 on weekdays. Stopped"
            " until you start it: each run costs the calls of a quiet day; with webhooks there is"
            " no need of it."
        ),
    )
    def intraday(
        context: dg.ScheduleEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        moment = context.scheduled_execution_time
        day, name = calendar.today(moment), f"intraday-{moment.astimezone(calendar.zone):%H}-"
        yield from _requests(companies_with_token(context, quickbooks), calendar, day, name=name)

    return intraday


def is_fetchable(company: str, store: TokenStore, log: logging.Logger) -> bool:
    """Whether a run can fetch a company's books: it is not disconnected."""
    try:
        store.load(company)
    except NotConnected:
        log.info(f"company {company} is disconnected: nothing is fetched")
        return False
    except QuickBooksError as error:  # its run will say so, and fail alone
        log.error(str(error))
    return True


def companies_with_token(
    context: dg.ScheduleEvaluationContext, quickbooks: QuickBooksResource
) -> list[str]:
    """The companies with partitions that are not disconnected."""
    store = quickbooks.token_store()
    names = connected(context.instance)
    return [company for company in names if is_fetchable(company, store, context.log)]


def _requests(
    companies: Sequence[str],
    calendar: Calendar,
    day: date,
    *,
    run_config: dg.RunConfig | None = None,
    name: str = "",
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run of a day for each connected company."""
    if not companies or day < calendar.start:
        yield dg.SkipReason(
            "No company is connected: run qb-assets connect"
            if not companies
            else f"The first partition, {calendar.start}, is still to come."
        )
        return
    for company in companies:
        yield dg.RunRequest(
            run_key=f"{name}{company}-{day}",
            partition_key=key_of(company, day),
            tags={COMPANY_TAG: company},
            run_config=run_config,
        )
