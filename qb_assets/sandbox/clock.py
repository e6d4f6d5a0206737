"""The server's clock: it can be set, moved and stopped."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo


class Clock:
    """Tells the sandbox's time, in UTC and as QuickBooks writes it in the company's zone."""

    def __init__(self, zone: str, now: datetime | None = None, *, frozen: bool = False) -> None:
        """Start at `now` (aware; the machine's time when None). ValueError for an unknown zone."""
        try:
            self.zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no IANA time zone such as America/Chicago") from error
        self.set(now or datetime.now(timezone.utc), frozen=frozen)

    def set(self, now: datetime, *, frozen: bool | None = None) -> None:
        """Make `now` (aware) the current time; `frozen` None leaves the clock running or not."""
        self._base = now.astimezone(timezone.utc)
        self._started = time.monotonic()
        if frozen is not None:
            self._frozen = frozen

    def advance(self, seconds: float) -> None:
        """Move the clock by that many seconds, back when negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    def now(self) -> datetime:
        """The current time in UTC."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._started)

    def seconds(self) -> float:
        """The current time in seconds since 1970."""
        return self.now().timestamp()

    def today(self) -> date:
        """The current day in the company's zone."""
        return self.now().astimezone(self.zone).date()

    def answer_time(self) -> str:
        """The `time` of an answer: milliseconds and the company's offset."""
        return self.now().astimezone(self.zone).isoformat(timespec="milliseconds")

    def stamp(self, moment: datetime) -> str:
        """A MetaData time as QuickBooks writes it: whole seconds and the company's offset."""
        return moment.astimezone(self.zone).replace(microsecond=0).isoformat()
