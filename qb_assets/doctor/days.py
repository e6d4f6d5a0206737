"""Whether each connected company has partitions, and whether its days were all fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from qb_assets.automation.catch_up import HOUR_OF_DAY
from qb_assets.automation.watch import last_fetch
from qb_assets.catalog import ENTITIES
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.faces import raw_key
from qb_assets.partitions import Calendar, CompanyDays, days_between
from qb_assets.scope import materialized_days

PARTITIONS, FRESHNESS = "partitions", "freshness"

GRACE = timedelta(hours=HOUR_OF_DAY + 3)
"""After a day's end until it should be there: the schedule waits, and a run takes a while."""

_MOST_SPANS = 3


def check_partitions(deployment: Deployment) -> Iterator[Finding]:
    """Compares the companies of the token store with those that have partitions."""
    kept = deployment.kept
    realms = {connection.realm for connection in kept.connections}
    unread = {error.company for error in kept.errors}
    with_partitions = set(deployment.with_partitions)
    day = deployment.calendar.today(deployment.now)
    yield from keys(realms, with_partitions, day, known=realms | unread if unread else realms)


def keys(
    realms: Collection[str],
    with_partitions: Collection[str],
    day: date,
    *,
    known: Collection[object],
) -> Iterator[Finding]:
    """A finding for each company that has a connection or partitions, and not both."""
    for realm in sorted(set(realms) - set(with_partitions)):
        yield Finding(
            PARTITIONS,
            "red",
            "It is connected and has no partitions, so no schedule or backfill fetches it.",
            "Add them with its first days:"
            f" qb-assets materialize --company {realm} --from {day} --to {day}",
            realm,
        )
    for realm in sorted(set(with_partitions) - set(known)):
        yield Finding(
            PARTITIONS,
            "yellow",
            "It has partitions and no connection, so nothing of it is fetched.",
            f"If that is not on purpose: qb-assets connect --company {realm}",
            realm,
        )
    if set(realms) == set(with_partitions):
        yield Finding(
            PARTITIONS, "green", f"Connected, and with partitions: {len(realms)} of {len(realms)}."
        )


def check_freshness(deployment: Deployment) -> Iterator[Finding]:
    """Looks which days of each connected company were materialized, by the raw assets."""
    calendar = deployment.calendar
    realms = {connection.realm for connection in deployment.kept.connections}
    fetched = days_by_company(deployment)
    until = calendar.today(deployment.now - GRACE) - timedelta(days=1)
    for realm in sorted(realms & set(deployment.with_partitions)):
        moment = last_fetch(deployment.instance, realm)
        when = f"; the last fetch ended {moment:%Y-%m-%d %H:%M} UTC" if moment else ""
        yield freshness(realm, fetched.get(realm, {}), calendar, until, when)


def days_by_company(deployment: Deployment) -> Mapping[str, Mapping[str, frozenset[date]]]:
    """The days of which each raw asset was materialized, by company and entity."""
    found: dict[str, dict[str, frozenset[date]]] = {}
    for entity in ENTITIES.values():
        for each in materialized_days(deployment.instance, raw_key(entity)):
            found.setdefault(each.company, {})[entity.name] = frozenset(each.days)
    return found


def freshness(
    realm: str,
    fetched: Mapping[str, frozenset[date]],
    calendar: Calendar,
    until: date,
    when: str,
) -> Finding:
    """Whether all days from the first partition until one were fetched, of every entity alike."""
    days = frozenset[date]().union(*fetched.values())
    if not days:
        return Finding(
            FRESHNESS,
            "yellow",
            "Nothing of it was fetched yet.",
            f"Fetch it: {_command(realm, calendar.start, max(until, calendar.start))}",
            realm,
        )
    if min(days) < calendar.start:
        return Finding(
            FRESHNESS,
            "red",
            f"Days from {min(days)} on were fetched, and QB_START_DATE is now {calendar.start}.",
            f"Set QB_START_DATE={min(days)} again: the first partition holds everything older.",
            realm,
        )
    wanted = days_between(calendar.start, until)
    missed = CompanyDays(realm, tuple(day for day in wanted if day not in days)).spans()
    if missed:
        return _missed(realm, missed)
    behind = {
        name: lacking
        for name, those in fetched.items()
        if (lacking := [day for day in wanted if day not in those])
    }
    if behind:
        return _behind(realm, behind)
    return Finding(FRESHNESS, "green", f"All days until {max(days)} were fetched{when}.", "", realm)


def _missed(realm: str, spans: Sequence[tuple[date, date]]) -> Finding:
    count = sum((last - first).days + 1 for first, last in spans)
    said = ", ".join(map(_span, spans[:_MOST_SPANS]))
    more = f" and {len(spans) - _MOST_SPANS} spans more" if len(spans) > _MOST_SPANS else ""
    return Finding(
        FRESHNESS,
        "red",
        f"{count} days were never fetched: {said}{more}.",
        f"Fetch them: {_command(realm, spans[0][0], spans[-1][1])}",
        realm,
    )


def _behind(realm: str, behind: Mapping[str, Sequence[date]]) -> Finding:
    first = min(days[0] for days in behind.values())
    last = max(days[-1] for days in behind.values())
    named = ", ".join(f"{name} ({len(days)})" for name, days in list(behind.items())[:5])
    more = f" and {len(behind) - 5} entities more" if len(behind) > 5 else ""
    return Finding(
        FRESHNESS,
        "yellow",
        f"Some entities lack days that others have: {named}{more}.",
        f"Fetch them: {_command(realm, first, last)}",
        realm,
    )


def _span(span: tuple[date, date]) -> str:
    first, last = span
    return str(first) if first == last else f"{first} to {last}"


def _command(realm: str, first: date, last: date) -> str:
    return f"qb-assets materialize --company {realm} --from {first} --to {last}"
