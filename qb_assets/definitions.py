"""The code location: every asset, check, job, schedule and resource, and how to override them."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from qb_assets.automation.retention import build_prune_job, build_weekly_prune
from qb_assets.automation.webhook_sensor import build_webhook_sensor
from qb_assets.books.assets import build_books_assets
from qb_assets.books.check_assets import build_books_checks, reconciliation_spec
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

START, REPORTS_START = "QB_START_DATE", "QB_REPORTS_START_DATE"
DEFAULT_START = "2026-01-01"
DEFAULT_ZONE = "America/Los_Angeles"


def calendar_from_environment(environ: Mapping[str, str] = os.environ) -> Calendar:
    """QB_START_DATE (the first partition) and QB_TIMEZONE (the companies' time zone).

    Raises:
        ValueError: one of them makes no sense.
    """
    zone = environ.get("QB_TIMEZONE") or DEFAULT_ZONE
    try:
        named = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"QB_TIMEZONE is {zone!r}; it must be a name like America/New_York"
        ) from None
    return Calendar(_first_day(environ, START, DEFAULT_START), named)


def report_calendar_from_environment(environ: Mapping[str, str] = os.environ) -> Calendar:
    """The months of reports: from QB_REPORTS_START_DATE on, by default from QB_START_DATE on.

    Raises:
        ValueError: a variable makes no sense.
    """
    days = calendar_from_environment(environ)
    return replace(days, start=_first_day(environ, REPORTS_START, days.start.isoformat()))


def _first_day(environ: Mapping[str, str], name: str, default: str) -> date:
    text = environ.get(name) or default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; it must be a day like 2026-01-31") from None


@dataclass(frozen=True)
class _Chosen:
    """What a code location is of."""

    entities: Sequence[Entity]
    reports: Sequence[Report]
    days: Calendar
    months: Calendar

    @property
    def files(self) -> bool:
        """Whether there are files of attachments."""
        return ATTACHABLE in self.entities

    @property
    def books(self) -> bool:
        """Whether there are books, which are told from everything."""
        return set(self.entities) == set(ENTITIES.values())


def build_definitions(
    *,
    entities: Sequence[Entity] | None = None,
    reports: Sequence[Report] | None = None,
    calendar: Calendar | None = None,
    report_calendar: Calendar | None = None,
    resources: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """Everything that Dagster is told of.

    Args:
        entities: what to bring; the whole catalog by default.
        reports: which of QuickBooks' reports to bring; all by default.
        calendar: first day and time zone; from the environment by default.
        report_calendar: the same for the months of reports; with a `calendar`, as that by default.
        resources: replacements for `quickbooks`, `lake` or `warehouse`.
    """
    chosen = _Chosen(
        list(ENTITIES.values()) if entities is None else list(entities),
        list(REPORTS.values()) if reports is None else list(reports),
        calendar or calendar_from_environment(),
        report_calendar or calendar or report_calendar_from_environment(),
    )
    return dg.Definitions(
        assets=with_freshness(_assets(chosen)),
        asset_checks=_checks(chosen),
        **_automation(chosen),
        resources={
            "quickbooks": QuickBooksResource(),
            "lake": LakeResource(),
            "warehouse": WarehouseResource(),
            **(resources or {}),
        },
        executor=named_process_executor,
    )


def _assets(chosen: _Chosen) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    entities, days = chosen.entities, chosen.days
    return [
        connection_spec(),
        build_raw_assets(entities, days),
        *build_normalized_assets(entities, days),
        *build_warehouse_assets(entities, days),
        *linked_txn_specs(entities),
        *(build_attachment_assets() if chosen.files else []),
        *build_report_assets(chosen.reports, chosen.months),
        *([*build_books_assets(), reconciliation_spec()] if chosen.books else []),
    ]


def _checks(chosen: _Chosen) -> list[dg.AssetChecksDefinition]:
    entities, days = chosen.entities, chosen.days
    return [
        *build_connection_checks(days),
        *build_raw_checks(entities, days),
        *build_normalized_checks(entities, days),
        *build_warehouse_checks(entities, days),
        *build_child_checks(entities, days),
        *build_history_checks(entities, days),
        *(build_attachment_checks() if chosen.files else []),
        *build_report_checks(chosen.reports, chosen.months),
        *(build_books_checks() if chosen.books else []),
    ]


def _automation(chosen: _Chosen) -> dict[str, Any]:
    """The jobs, the schedules and the sensors."""
    days, months = chosen.days, chosen.months
    sync, compact = build_sync_job(), build_compact_job(chosen.entities, days)
    prune = build_prune_job()
    jobs: list[Any] = [sync, build_checks_job(), compact, prune]
    schedules = [
        build_daily_schedule(sync, days),
        build_intraday_schedule(sync, days),
        build_weekly_sweep(sync, days),
        build_weekly_compaction(compact, days),
        build_weekly_prune(prune, days),
    ]
    sensors = [
        build_alert_sensor(days),
        build_catch_up_sensor(sync, days),
        build_webhook_sensor(sync, chosen.entities, days),
    ]
    if chosen.files:
        jobs.append(build_attachments_job())
    if chosen.reports:
        reports = build_reports_job()
        jobs.append(reports)
        schedules += build_reports_schedules(reports, months)
    if chosen.books:
        books = build_books_job()
        jobs.append(books)
        sensors.append(build_books_sensor(books))
    if chosen.books and chosen.reports:
        month_end = build_month_end_job()
        jobs.append(month_end)
        schedules.append(build_month_end_schedule(month_end, months))
    return {"jobs": jobs, "schedules": schedules, "sensors": sensors}


defs = build_definitions()

# All of this stays as long as the process. Without it, to look through it again for what is no more
# was measured to take half a second of a large load.
gc.freeze()
