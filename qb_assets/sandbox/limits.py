"""Intuit's limits per realm: requests a minute, batches a minute, requests at once.

Figures: Intuit, "API call limits and throttles"; a limit of 0 is off.
"""

from __future__ import annotations

import time
from collections import deque

from .faults import throttled

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


class Limits:
    """Admits or throttles calls. Refused calls do not count towards a limit."""

    def __init__(self, per_minute: int, concurrent: int, batches_per_minute: int) -> None:
        self.per_minute = per_minute
        self.concurrent = concurrent
        self.batches_per_minute = batches_per_minute
        self._calls = SlidingWindow()
        self._batches = SlidingWindow()
        self._inside = 0

    def enter(self, *, batch: bool) -> None:
        """Admit a call, which `leave` must end; raises GatewayError 429 past a limit."""
        if self.concurrent and self._inside >= self.concurrent:
            raise throttled(f"{self.concurrent} requests at once")
        if self.per_minute and self._calls.count() >= self.per_minute:
            raise throttled(f"{self.per_minute} requests a minute")
        if batch and self.batches_per_minute:
            if self._batches.count() >= self.batches_per_minute:
                raise throttled(f"{self.batches_per_minute} batches a minute")
            self._batches.add()
        self._calls.add()
        self._inside += 1

    def leave(self) -> None:
        """The end of an admitted call."""
        self._inside -= 1
