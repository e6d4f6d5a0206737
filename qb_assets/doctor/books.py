"""Whether QuickBooks' own reports were fetched, and whether the books are made and tie to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone

import dagster as dg

from qb_assets.automation.catch_up import HOUR_OF_DAY
from qb_assets.automation.red_checks import red_checks
from qb_assets.books.assets import books_key
from qb_assets.books.check_assets import check_key
from qb_assets.books.checks.registry import checks
from qb_assets.catalog.reports import REPORTS
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.partitions import Calendar
from qb_assets.reports.assets import report_key
from qb_assets.reports.months import first_month, month_before, months_of
from qb_assets.scope import materialized_days

REPORTS_CHECK, BOOKS_CHECK = "reports", "books"

LEDGER = REPORTS["GeneralLedger"]
"""The report that stands for all: the books are made of it."""

MONTH_GRACE = timedelta(days=3, hours=HOUR_OF_DAY)
"""After a month's end until its reports should be there: the schedule has three mornings."""

BEHIND = timedelta(hours=36)
"""So long the books may wait for what was fetched after them, as their freshness policy says."""

_MOST_NAMED = 3


def check_reports(deployment: Deployment) -> Iterator[Finding]:
    """Looks which months of the ledger report were fetched of each connected company."""
    calendar = deployment.report_calendar
    until = month_before(calendar.today(deployment.now - MONTH_GRACE).replace(day=1))
    found = materialized_days(deployment.instance, report_key(LEDGER))
    fetched = {each.company: months_of(each.days) for each in found}
    realms = {connection.realm for connection in deployment.kept.connections}
    for realm in sorted(realms & set(deployment.with_partitions)):
        yield months(realm, fetched.get(realm, ()), calendar, until)


def months(realm: str, fetched: Collection[date], calendar: Calendar, until: date) -> Finding:
    """Whether the reports of all months up to one were fetched."""
    first = first_month(calendar)
    if not fetched:
        return Finding(
            REPORTS_CHECK,
            "yellow",
            "No report of it was fetched, so nothing compares its books with QuickBooks.",
            f"Fetch them: {_command(realm, first, max(until, first))}",
            realm,
        )
    wanted, each = [until], until
    while each > first:
        each = month_before(each)
        wanted.insert(0, each)
    missed = [month for month in wanted if first <= month and month not in fetched]
    if not missed:
        said = f"The reports of all months until {max(fetched):%Y-%m} were fetched."
        return Finding(REPORTS_CHECK, "green", said, "", realm)
    named = ", ".join(f"{month:%Y-%m}" for month in missed[:_MOST_NAMED])
    more = f" and {len(missed) - _MOST_NAMED} more" if len(missed) > _MOST_NAMED else ""
    return Finding(
        REPORTS_CHECK,
        "red",
        f"Months whose reports were never fetched: {named}{more}. The ledger lacks them.",
        f"Fetch them: {_command(realm, missed[0], missed[-1])}",
        realm,
    )


def check_books(deployment: Deployment) -> Iterator[Finding]:
    """Looks when the books were made, and what their checks said last."""
    instance = deployment.instance
    made = _last(instance, books_key("general_ledger"))
    reported = _last(instance, report_key(LEDGER))
    yield made_of(made, reported)
    if made is not None:
        keys = [check_key(check) for check in checks().values()]
        red, _ = red_checks(instance, keys)
        yield tied([alert.text for alert in red])


def made_of(made: datetime | None, reported: datetime | None) -> Finding:
    """Whether the books have what was reported, by when both were made."""
    fix = "Make them: qb-assets books"
    if made is None and reported is None:
        return Finding(BOOKS_CHECK, "green", "There is nothing yet that books could be made of.")
    if made is None:
        return Finding(BOOKS_CHECK, "yellow", "The books were never made.", fix)
    if reported is not None and reported - made > BEHIND:
        return Finding(
            BOOKS_CHECK,
            "yellow",
            f"The books are of {_moment(made)}, and reports were fetched at {_moment(reported)}.",
            f"{fix}. The sensor of the books does so by itself while the daemon runs.",
        )
    return Finding(BOOKS_CHECK, "green", f"The books were made at {_moment(made)}.")


def tied(red: Sequence[str]) -> Finding:
    """Whether the last word of every check of the books was good; `red` is what others said."""
    if not red:
        return Finding(BOOKS_CHECK, "green", "No check of the books was red when it ran last.")
    named = ", ".join(text.partition(" ")[0] for text in red[:_MOST_NAMED])
    more = f" and {len(red) - _MOST_NAMED} more" if len(red) > _MOST_NAMED else ""
    return Finding(
        BOOKS_CHECK,
        "red",
        f"The books do not tie: {len(red)} checks were red ({named}{more}).",
        "See which figures differ: qb-assets report",
    )


def _last(instance: dg.DagsterInstance, key: dg.AssetKey) -> datetime | None:
    event = instance.get_latest_materialization_event(key)
    return None if event is None else _utc(event.timestamp)


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, timezone.utc)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _command(realm: str, first: date, last: date) -> str:
    return f"qb-assets books --company {realm} --from {first:%Y-%m} --to {last:%Y-%m}"
