"""What can be set about a local QuickBooks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .weather import FAIR, Weather

DAY = 86_400


def _random_name() -> str:
    return "AB" + secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Settings:
    """The sandbox's knobs; the defaults are what Intuit documents for the real service.

    Times are in seconds. A limit of 0 is off. `rotate_every` is the age at which a refresh token's
    value changes when it is used: 0 changes it at every refresh. `revoke_on_reuse` kills the whole
    connection when a dead refresh token is presented. `now` starts the server's clock there
    instead of at the machine's time, and `frozen` keeps it from running. `latency` is how long
    every API call takes besides its work. `throttle_body` is the form of a 429's body: only the
    XML one has been seen, and `retry_after` the wait in seconds that it asks for (Intuit documents
    none). `link_lifetime` is how long the address of an attachment's file is
    good for. `weather` is the trouble there is from the start. `seed` decides the order of batch
    answers, what churn edits and in what order a report has its columns. `report_cells` is how many
    cells a report may have, and `report_language` is that of its titles.
    """

    client_id: str = field(default_factory=_random_name)
    client_secret: str = field(default_factory=_random_name)
    refresh_token: str = field(default_factory=_random_name)
    access_token_lifetime: float = 3600
    refresh_token_lifetime: float = 101 * DAY
    refresh_token_hard_lifetime: float = 1825 * DAY
    rotate_every: float = DAY
    revoke_on_reuse: bool = False
    requests_per_minute: int = 500
    concurrent: int = 10
    batches_per_minute: int = 120
    throttle_body: Literal["xml", "json"] = "xml"
    retry_after: float | None = None
    timezone: str = "America/Los_Angeles"
    now: datetime | None = None
    frozen: bool = False
    latency: float = 0.0
    weather: Weather = FAIR
    seed: int = 0
    link_lifetime: float = 900
    log_size: int = 1000
    report_cells: int = 400_000
    report_language: Literal["en", "fr"] = "en"
