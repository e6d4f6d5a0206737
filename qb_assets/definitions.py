"""The code location: every asset, check, job, schedule and resource, and how to override them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dagster as dg

from qb_assets.attachments.assets import build_attachment_assets
from qb_assets.attachments.checks import build_attachment_checks
from qb_assets.attachments.current import ATTACHABLE
from qb_assets.automation.alert_sensor import build_alert_sensor
from qb_assets.automation.books_sensor import build_books_sensor
from qb_assets.automation.catch_up_sensor import build_catch_up_sensor
from qb_assets.automation.compaction import build_compact_job, build_weekly_compaction
from qb_assets.automation.executor import named_process_executor
from qb_assets.automation.freshness import with_freshness
from qb_assets.automation.jobs import (
    build_attachments_job,
    build_books_job,
    build_checks_job,
    build_daily_schedule,
    build_intraday_schedule,
    build_sync_job,
    build_weekly_sweep,
)
from qb_assets.automation.report_jobs import (
    build_month_end_job,
    build_month_end_schedule,
    build_reports_job,
    build_reports_schedules,
)
from qb_assets.automation.webhook_sensor import build_webhook_sensor
from qb_assets.books.assets import build_books_assets
from qb_assets.catalog import ENTITIES, Entity
from qb_assets.catalog.reports import REPORTS, Report
from qb_assets.lake.resource import LakeResource
from qb_assets.normalized.assets import build_normalized_assets
from qb_assets.normalized.checks import build_normalized_checks
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.checks import build_connection_checks, connection_spec
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.raw.assets import build_raw_assets
from qb_assets.raw.checks import build_raw_checks
from qb_assets.reports.assets import build_report_assets
from qb_assets.reports.checks import build_report_checks
from qb_assets.warehouse.assets import build_warehouse_assets, linked_txn_specs
from qb_assets.warehouse.checks import build_warehouse_checks
from qb_assets.warehouse.child_checks import build_child_checks
from qb_assets.warehouse.history_checks import build_history_checks
from qb_assets.warehouse.resource import WarehouseResource

# A part of Dagster that is still called beta and that this rests on; nothing else is silenced.
warnings.filterwarnings("ignore", message=".*backfill_policy.*", category=dg.BetaWarning)

DEFAULT_START = "2026-01-01"
DEFAULT_ZONE = "America/Los_Angeles"


def calendar_from_environment(environ: Mapping[str, str] = os.environ) -> Calendar:
    """QB_START_DATE (the first partition) and QB_TIMEZONE (the companies' time zone).

    Raises:
        ValueError: one of them makes no sense.
    """
    start = environ.get("QB_START_DATE") or DEFAULT_START
    zone = environ.get("QB_TIMEZONE") or DEFAULT_ZONE
    try:
        named = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"QB_TIMEZONE is {zone!r}; it must be a name like America/New_York"
        ) from None
    try:
        return Calendar(date.fromisoformat(start), named)
    except ValueError:
        raise ValueError(f"QB_START_DATE is {start!r}; it must be a day like 2026-01-31") from None


def build_definitions(
    *,
    entities: Sequence[Entity] | None = None,
    reports: Sequence[Report] | None = None,
    calendar: Calendar | None = None,
    resources: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """Everything that Dagster is told of.

    Args:
        entities: what to bring; the whole catalog by default.
        reports: which of QuickBooks' reports to bring; all by default.
        calendar: first day and time zone; from the environment by default.
        resources: replacements for `quickbooks`, `lake` or `warehouse`.
    """
    chosen = list(ENTITIES.values()) if entities is None else list(entities)
    days = calendar or calendar_from_environment()
    job = build_sync_job()
    compact = build_compact_job(chosen, days)
    attached = ATTACHABLE in chosen
    told = list(REPORTS.values()) if reports is None else list(reports)
    reports_job, month_end, books_job = (
        build_reports_job(),
        build_month_end_job(),
        build_books_job(),
    )
    whole = set(chosen) == set(ENTITIES.values())  # the books are told from all of it
    return dg.Definitions(
        assets=with_freshness(
            [
                connection_spec(),
                build_raw_assets(chosen, days),
                *build_normalized_assets(chosen, days),
                *build_warehouse_assets(chosen, days),
                *linked_txn_specs(chosen),
                *(build_books_assets() if whole else []),
                *(build_attachment_assets() if attached else []),
                *build_report_assets(told, days),
            ]
        ),
        asset_checks=[
            *build_connection_checks(days),
            *build_raw_checks(chosen, days),
            *build_normalized_checks(chosen, days),
            *build_warehouse_checks(chosen, days),
            *build_child_checks(chosen, days),
            *build_history_checks(chosen, days),
            *(build_attachment_checks() if attached else []),
            *build_report_checks(told, days),
        ],
        jobs=[
            job,
            build_checks_job(),
            compact,
            *([books_job] if whole else []),
            *([build_attachments_job()] if attached else []),
            *([reports_job] if told else []),
            *([month_end] if told and whole else []),
        ],
        schedules=[
            build_daily_schedule(job, days),
            build_intraday_schedule(job, days),
            build_weekly_sweep(job, days),
            build_weekly_compaction(compact, days),
            *(build_reports_schedules(reports_job, days) if told else []),
            *([build_month_end_schedule(month_end, days)] if told and whole else []),
        ],
        sensors=[
            build_alert_sensor(days),
            build_catch_up_sensor(job, days),
            *([build_books_sensor(books_job)] if whole else []),
            build_webhook_sensor(job, chosen, days),
        ],
        resources={
            "quickbooks": QuickBooksResource(),
            "lake": LakeResource(),
            "warehouse": WarehouseResource(),
            **(resources or {}),
        },
        executor=named_process_executor,
    )


defs = build_definitions()
