"""The throttle: all calls of a company keep to Intuit's limits together.

Intuit, "API call limits and throttles": 500 requests a minute and 10 at once for a company.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from qb_assets.quickbooks.faults import Throttled

MINUTE = 60.0


class Throttle(Protocol):
    """Lets calls of one company begin; one object serves all its callers."""

    def slot(self, *, timeout: float) -> AbstractContextManager[None]:
        """Waits until a call may begin, and holds its place until it has been answered.

        Raises Throttled where that takes more than `timeout` seconds.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Lets no call of any caller begin for so long, as after a 429."""
        ...


class ProcessThrottle:
    """The throttle of the threads of one process.

    A call counts from its beginning until a minute after its answer. QuickBooks sees a call
    somewhere between both, so no sliding minute there holds more than `requests_per_minute`.
    The clock must be monotonic, so that a change of the machine's time changes nothing.
    """

    def __init__(
        self,
        requests_per_minute: int,
        max_in_flight: int,
        *,
        period: float = MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = requests_per_minute
        self._max_in_flight = max_in_flight
        self._period = period
        self._clock = clock
        self._changed = threading.Condition()
        self._in_flight = 0
        self._answered: deque[float] = deque()
        self._paused_until = clock()

    def slot(self, *, timeout: float) -> AbstractContextManager[None]:
        """Waits for its turn; see `Throttle.slot`."""
        return self._hold(timeout)

    def pause(self, seconds: float) -> None:
        """Holds all callers back; a longer pause that is under way stays."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
            self._changed.notify_all()

    @contextmanager
    def _hold(self, timeout: float) -> Generator[None, None, None]:
        self._begin(timeout)
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._answered.append(self._clock())
                self._changed.notify_all()

    def _begin(self, timeout: float) -> None:
        give_up = self._clock() + timeout
        with self._changed:
            while (wait := self._wait()) > 0:
                left = give_up - self._clock()
                if left <= 0 or (wait > left and self._paused_until > give_up):
                    raise Throttled("no call may begin before the deadline")
                self._changed.wait(min(wait, left))
            self._in_flight += 1

    def _wait(self) -> float:
        """Seconds until it is worth looking again; 0 when a call may begin."""
        now = self._clock()
        while self._answered and self._answered[0] <= now - self._period:
            self._answered.popleft()
        if now < self._paused_until:
            return self._paused_until - now
        if self._in_flight >= self._max_in_flight:
            return self._period
        if self._in_flight + len(self._answered) >= self._limit:
            oldest = self._answered[0] if self._answered else now
            return max(oldest + self._period - now, 0.001)
        return 0.0


_throttles: dict[tuple[str, str], ProcessThrottle] = {}
_guard = threading.Lock()


def throttle_for(
    base_url: str, realm: str, *, requests_per_minute: int, max_in_flight: int
) -> Throttle:
    """The one throttle of a company in this process; the limits of its first user hold."""
    with _guard:
        return _throttles.setdefault(
            (base_url, realm), ProcessThrottle(requests_per_minute, max_in_flight)
        )
