"""Looks for trouble in what Dagster, the token store and the call book know."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import dagster as dg

from qb_assets.automation.alerts import Alert, erring, stale
from qb_assets.automation.catch_up import is_given_up, last_ripe, ripe_since
from qb_assets.automation.catch_up_sensor import failed_tries
from qb_assets.faces import COMPANY_TAG
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.budget import budget_state
from qb_assets.quickbooks.faults import ConfigurationError, QuickBooksError
from qb_assets.quickbooks.health import token_health
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.webhooks.inbox import Inbox
from qb_assets.raw.tags import YES, fetched_tag, requests_of
from qb_assets.scope import connected

WAITS_LONG = timedelta(hours=1)
"""Notifications that wait longer than this have no run to come."""

STALE_HOURS = 36.0
"""Without a fetch for this long, something is told: a night's run failed, and half a day went.
A company that was connected has as long for its first one."""

_DAY = timedelta(days=1)


def failed_runs(instance: dg.DagsterInstance, since: datetime) -> tuple[list[Alert], datetime]:
    """An alert for each run that has failed since a moment, and the moment to go on from."""
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
    records = instance.get_run_records(filters)
    alerts = [
        Alert(f"run:{record.dagster_run.run_id}", _of_run(instance, record.dagster_run))
        for record in reversed(records)
    ]
    return alerts, max((record.update_timestamp for record in records), default=since)


def lasting_troubles(
    instance: dg.DagsterInstance, quickbooks: QuickBooksResource, now: datetime
) -> list[Alert]:
    """What is wrong at the moment with any connected company, and with the calls of the app."""
    companies = connected(instance)
    return [
        *(alert for each in companies for alert in _fetches(instance, quickbooks, each, now)),
        *_connections(quickbooks, companies, now),
    ]


def given_up(instance: dg.DagsterInstance, calendar: Calendar, now: datetime) -> Iterator[Alert]:
    """An alert for each company whose missing days could not be brought today."""
    since = ripe_since(calendar, last_ripe(calendar, now))
    for company in connected(instance):
        failures = failed_tries(instance, company, since)
        if is_given_up(failures):
            yield Alert(
                f"catch_up:{company}",
                f"company {company}: days are missing, and {len(failures)} runs for them failed"
                " today. The runs of the sensor `catch_up` say why; it tries again tomorrow."
                " qb-assets doctor names the days and the command that brings them.",
            )


def waiting_long(inbox: Inbox, companies: Sequence[str], now: datetime) -> Iterator[Alert]:
    """An alert for each connected company of which webhooks wait for a run too long."""
    waiting = [each for each in inbox.waiting() if each.received_at <= now - WAITS_LONG]
    for company in sorted({each.realm for each in waiting} & set(companies)):
        count = sum(each.notifications for each in waiting if each.realm == company)
        yield Alert(
            f"webhooks:{company}",
            f"company {company}: {count} webhook notifications wait for a run since an hour ago or"
            " more. See what the sensor `webhooks` says in the Dagster UI, and whether runs of the"
            " company are stuck in the queue; qb-assets webhooks list names them.",
        )


def last_fetch(instance: dg.DagsterInstance, company: str) -> datetime | None:
    """When a run last fetched a company's books to the end, None where none did."""
    filters = dg.RunsFilter(tags={fetched_tag(company): YES})
    records = instance.get_run_records(filters, limit=1)
    return records[0].update_timestamp if records else None


def _fetches(
    instance: dg.DagsterInstance, quickbooks: QuickBooksResource, company: str, now: datetime
) -> Iterator[Alert]:
    late = stale(
        company,
        last_fetch(instance, company),
        now,
        timedelta(hours=_stale_hours()),
        connected_at=_connected_at(quickbooks, company),
    )
    if late is not None:
        yield late
    filters = dg.RunsFilter(tags={COMPANY_TAG: company}, updated_after=now - _DAY)
    counts = [requests_of(record.dagster_run.tags) for record in instance.get_run_records(filters)]
    many = erring(company, sum(sent for sent, _ in counts), sum(bad for _, bad in counts))
    if many is not None:
        yield many


def _connected_at(quickbooks: QuickBooksResource, company: str) -> datetime | None:
    """When a company was connected; None where it is not, or that cannot be read."""
    try:
        return quickbooks.token_store().load(company).connected_at
    except QuickBooksError:  # `_connections` tells of it
        return None


def _connections(
    quickbooks: QuickBooksResource, companies: Sequence[str], now: datetime
) -> Iterator[Alert]:
    if not companies:
        return
    try:
        store = quickbooks.token_store()
        for company in companies:
            health = token_health(store.load(company), now)
            if health.level != "ok":
                yield Alert(
                    f"token:{company}:{health.level}", f"company {company}: {health.message}"
                )
        state = budget_state(quickbooks.settings(), now=now)
    except QuickBooksError as error:
        yield Alert(f"connections:{type(error).__name__}:{error.company}", str(error))
        return
    if state.level != "ok":
        yield Alert(
            f"budget:{state.month}:{state.level}",
            f"{state}: beyond QB_MONTHLY_CALL_BUDGET calls are refused, unless QB_FORCE_CALLS=1.",
        )


def _of_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """One line of a failed run: what it was, and what its first failed step said."""
    company = run.tags.get(COMPANY_TAG)
    what = f"run {run.run_id[:8]} of {run.job_name}" + (f", company {company}," if company else "")
    failures = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    for entry in failures:
        data = entry.dagster_event.step_failure_data if entry.dagster_event else None
        if data is not None and data.user_failure_data and data.user_failure_data.description:
            return f"{what} failed: {data.user_failure_data.description}"
    return f"{what} failed: see its log in the Dagster UI."


def _stale_hours() -> float:
    text = os.environ.get("QB_STALE_HOURS") or str(STALE_HOURS)
    try:
        return float(text)
    except ValueError:
        raise ConfigurationError(
            "QB_STALE_HOURS is not a number", what_to_do="Set it to hours such as 36."
        ) from None
