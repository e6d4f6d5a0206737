"""The one sensor that tells of trouble."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

import dagster as dg

from qb_assets.automation.alerts import Alert, Memory, due, one_text
from qb_assets.automation.messengers import log, messengers
from qb_assets.automation.red_checks import red_checks
from qb_assets.automation.watch import failed_runs, given_up, lasting_troubles, waiting_long
from qb_assets.clock import utc_now
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
from qb_assets.scope import connected

EVERY = 60
"""Seconds between two looks."""


def build_alert_sensor(calendar: Calendar) -> dg.SensorDefinition:
    """Tells of trouble once, and again each day while it lasts; it starts no runs."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Failed runs, red checks, drift, connections that end soon, the budget of calls, many"
            " failed requests, companies that nobody fetches, days that could not be caught up,"
            " webhooks that wait. To the log; to QB_ALERT_WEBHOOK and QB_ALERT_EMAIL"
            " where these are set."
        ),
    )
    def alerts(
        context: dg.SensorEvaluationContext, quickbooks: QuickBooksResource
    ) -> dg.SkipReason:
        now = utc_now()
        memory = Memory.read(context.cursor, now)
        failures, since = failed_runs(context.instance, memory.since)
        red, unknown = _of_checks(context)
        troubles = [
            *lasting_troubles(context.instance, quickbooks, now),
            *given_up(context.instance, calendar, now),
            *_of_webhooks(context.instance, now),
            *red,
        ]
        lasting = due(troubles, memory, now, unknown)
        news = [*failures, *lasting]
        untold = tell(news, os.environ)
        if not untold:  # else everything is told at the next look, rather twice than never
            memory.since = since
            memory.told |= {alert.key: now for alert in lasting}
        context.update_cursor(memory.write())
        return dg.SkipReason(" ".join(untold) or one_text(news) or "Nothing is wrong.")

    return alerts


def _of_checks(context: dg.SensorEvaluationContext) -> tuple[list[Alert], set[str]]:
    if context.repository_def is None:
        return [], set()
    return red_checks(context.instance, sorted(context.repository_def.asset_graph.asset_check_keys))


def _of_webhooks(instance: dg.DagsterInstance, now: datetime) -> list[Alert]:
    inbox = open_inbox(inbox_place())
    return list(waiting_long(inbox, connected(instance), now)) if inbox.begun() else []


def tell(alerts: Sequence[Alert], environ: Mapping[str, str]) -> list[str]:
    """Sends alerts every way there is; gives what went wrong with that, one line a way."""
    if not alerts:
        return []
    failures: list[str] = []
    for send in messengers(environ):
        try:
            send(one_text(alerts))
        except OSError as error:  # requests' errors are OSErrors, too; their text has the address
            failures.append(f"An alert could not be sent ({type(error).__name__}).")
            log.error(failures[-1])
    return failures
