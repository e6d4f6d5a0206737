"""The one sensor that tells of trouble."""

import os
from collections.abc import Mapping, Sequence

import dagster as dg

from qb_assets.automation.alerts import Alert, Memory, due, one_text
from qb_assets.automation.messengers import log, messengers
from qb_assets.automation.watch import failed_runs, lasting_troubles
from qb_assets.clock import utc_now
from qb_assets.quickbooks.resource import QuickBooksResource

EVERY = 60
"""Seconds between two looks."""


def build_alert_sensor() -> dg.SensorDefinition:
    """Tells of trouble once, and again each day while it lasts; it starts no runs."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Failed runs, connections that end soon, the budget of calls, many failed requests,"
            " companies that nobody fetches. To the log; to QB_ALERT_WEBHOOK and QB_ALERT_EMAIL"
            " where these are set."
        ),
    )
    def alerts(
        context: dg.SensorEvaluationContext, quickbooks: QuickBooksResource
    ) -> dg.SkipReason:
        now = utc_now()
        memory = Memory.read(context.cursor, now)
        failures, since = failed_runs(context.instance, memory.since)
        lasting = due(lasting_troubles(context.instance, quickbooks, now), memory, now)
        news = [*failures, *lasting]
        untold = tell(news, os.environ)
        if not untold:  # else everything is told at the next look, rather twice than never
            memory.since = since
            memory.told |= {alert.key: now for alert in lasting}
        context.update_cursor(memory.write())
        return dg.SkipReason(" ".join(untold) or one_text(news) or "Nothing is wrong.")

    return alerts


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
