"""Intuit's limits per realm: requests a minute, batches a minute, requests at once.

Figures: Intuit, "API call limits and throttles"; a limit of 0 is off.
"""

from __future__ import annotations

import math
import time
from collections import deque

from .faults import GatewayError, throttled
from .settings import Settings

MINUTE = 60.0


class SlidingWindow:
    """How many events lie in the last minute, and the most that ever did."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.most = 0

    def count(self) -> int:
        """The events of the last minute."""
        oldest = time.monotonic() - MINUTE
        while self._times and self._times[0] <= oldest:
            self._times.popleft()
        return len(self._times)

    def add(self) -> None:
        """An event now."""
        self._times.append(time.monotonic())
        self.most = max(self.most, self.count())


class Wait:
    """The wait that refusals asked for; one asked for during another may lengthen it."""

    def __init__(self) -> None:
        self._began = self._ends = -math.inf

    def asked(self, seconds: float) -> None:
        """A refusal was sent that asks for so long a wait."""
        now = time.monotonic()
        if now >= self._ends:
            self._began = now
        self._ends = max(self._ends, now + seconds)

    def seconds_in(self) -> float | None:
        """How long the wait has gone on, None when there is none."""
        now = time.monotonic()
        return now - self._began if now < self._ends else None


class Limits:
    """Admits or throttles calls of a realm. Refused calls do not count towards a limit.

    `retry_after` is the wait in seconds that a refusal asks for; Intuit documents none.
    """

    def __init__(self, settings: Settings) -> None:
        self.per_minute = settings.requests_per_minute
        self.concurrent = settings.concurrent
        self.batches_per_minute = settings.batches_per_minute
        self.retry_after = settings.retry_after
        self._calls = SlidingWindow()
        self._batches = SlidingWindow()
        self._inside = 0

    def enter(self, *, batch: bool) -> None:
        """Admit a call, which `leave` must end; raises GatewayError 429 past a limit."""
        if self.concurrent and self._inside >= self.concurrent:
            raise self._throttled(f"{self.concurrent} requests at once")
        if self.per_minute and self._calls.count() >= self.per_minute:
            raise self._throttled(f"{self.per_minute} requests a minute")
        if batch and self.batches_per_minute:
            if self._batches.count() >= self.batches_per_minute:
                raise self._throttled(f"{self.batches_per_minute} batches a minute")
            self._batches.add()
        self._calls.add()
        self._inside += 1

    def leave(self) -> None:
        """The end of an admitted call."""
        self._inside -= 1

    def _throttled(self, limit: str) -> GatewayError:
        return throttled(limit, self.retry_after)
