"""Whether this machine's clock is right, by the Date of QuickBooks' and the lake's answers.

A fetch stops 30 seconds before now, so a clock that is ahead by more leaves out records that are
not settled; one that is wrong by a quarter of an hour is refused by S3 ("RequestTimeTooSkewed").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.lake.errors import LakeError
from qb_assets.raw.plan import SETTLING

NAME = "clock"
TOO_MUCH = timedelta(minutes=5)
"""From here on a token may look fresh that has ended."""

_SECONDS = 5.0
_HALF_A_SECOND = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Told:
    """What a server said of the time: how far this machine's clock is ahead of it.

    `ahead` is None where the answer had no date, and `answered` False where none came.
    """

    host: str
    ahead: timedelta | None = None
    answered: bool = True


def check_clock(deployment: Deployment) -> Iterator[Finding]:
    """Asks QuickBooks' host and the lake's server for the time, without a token, at no cost."""
    yield judged(server_time(deployment.settings.base_url))
    try:
        server = deployment.lake.server
    except LakeError:  # the check of the lake says so
        return
    if server:
        yield judged(server_time(server))


def server_time(url: str) -> Told:
    """The time by the Date header of a server, which has whole seconds."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    before = datetime.now(timezone.utc)
    try:
        with requests.get(
            url, auth=_as_nobody, timeout=_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            after = datetime.now(timezone.utc)
            said = answer.headers.get("Date", "")
    except requests.RequestException:
        return Told(host, answered=False)
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return Told(host)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return Told(host, before + (after - before) / 2 - (moment + _HALF_A_SECOND))


def judged(told: Told) -> Finding:
    """Whether the clock is near enough to a server's."""
    if not told.answered:
        return Finding(
            NAME,
            "red",
            f"{told.host} does not answer.",
            "Check the network, its proxies, and QB_BASE_URL or AWS_ENDPOINT_URL.",
        )
    if told.ahead is None:
        return Finding(
            NAME,
            "yellow",
            f"{told.host} does not say what time it is.",
            "Compare this machine's clock with another one, and look for a proxy in between.",
        )
    off = abs(told.ahead)
    if off <= SETTLING:
        return Finding(NAME, "green", f"The clock agrees with {told.host} to {_seconds(off)}.")
    where = "ahead of" if told.ahead > timedelta() else "behind"
    return Finding(
        NAME,
        "red" if off >= TOO_MUCH else "yellow",
        f"This machine's clock is {_seconds(off)} {where} {told.host}'s.",
        "Set the clock, and let it be kept right: timedatectl set-ntp true",
    )


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():,.0f} s"


def _as_nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from sending what ~/.netrc has for the host."""
    return request
