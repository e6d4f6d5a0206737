"""The throttle: all calls of a company keep to Intuit's limits together.

Intuit, "API call limits and throttles": 500 requests a minute and 10 at once for a company, and 40
batches a minute by its older text, 120 by its newer.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from urllib.parse import urlsplit

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.call_book import CallBook, MemoryBook
from qb_assets.quickbooks.faults import Throttled
from qb_assets.quickbooks.owners import is_gone, this_process
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.traffic import (
    MINUTE,
    Lease,
    Limits,
    Traffic,
    Wait,
    begun,
    finished,
    moved_to,
    orphaned,
    paused,
    wait_for,
)

LINGERS = 10.0
"""Seconds for which the calls of a killed process still count as in flight."""

_LEASE_MARGIN = 30.0


class Throttle(Protocol):
    """Lets calls of one company begin; one object serves all its callers."""

    def slot(self, *, timeout: float, batch: bool = False) -> AbstractContextManager[None]:
        """Waits until a call may begin, and holds its place until it has been answered.

        Raises Throttled where that takes more than `timeout` seconds, as soon as that is sure;
        its `retry_after` is then how long it would have taken at least.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Lets no call of any caller begin for so long, as after a 429; fewer at once then."""
        ...


class SharedThrottle:
    """The throttle of all that share a call book: threads, processes, machines.

    A call that nobody ends, since its process was killed, ends after `lease` seconds; where its
    machine is this one, `lingers` seconds after that was noticed, since QuickBooks does not stop
    its work when the connection breaks. `clock` only measures timeouts; limits go by the book's.
    """

    def __init__(
        self,
        book: CallBook,
        company: str,
        limits: Limits,
        *,
        lease: float,
        lingers: float = LINGERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book = book
        self._company = company
        self._limits = limits
        self._lease = lease
        self._lingers = lingers
        self._clock = clock
        self._changed = threading.Condition()
        # Of those who wait in a process, one of each kind looks into the book.
        self._first = {batch: threading.Lock() for batch in (False, True)}
        self._roll = secrets.SystemRandom().random

    def slot(self, *, timeout: float, batch: bool = False) -> AbstractContextManager[None]:
        """Waits for its turn; see `Throttle.slot`."""
        return self._hold(timeout, batch)

    def pause(self, seconds: float) -> None:
        """Holds all callers back; a longer pause that is under way stays."""

        def hold_back(traffic: Traffic, now: float) -> tuple[Traffic, None]:
            traffic = moved_to(traffic, now, self._limits)
            return paused(traffic, now, seconds, self._limits), None

        self._book.change(self._company, hold_back)

    @contextmanager
    def _hold(self, timeout: float, batch: bool) -> Generator[None, None, None]:
        lease_id = self._begin(self._clock() + timeout, batch)
        try:
            yield
        finally:
            self._end(lease_id)

    def _begin(self, give_up: float, batch: bool) -> str:
        first = self._first[batch]
        if not first.acquire(timeout=max(0.0, give_up - self._clock())):
            raise Throttled("no call may begin before the deadline")
        lease_id = secrets.token_hex(8)
        try:
            # Held while looking, so that no end of a call goes by between looking and waiting.
            with self._changed:
                while (wait := self._try(lease_id, batch)) is not None:
                    left = give_up - self._clock()
                    if left <= 0 or (wait.certain and wait.seconds > left):
                        raise Throttled(
                            "no call may begin before the deadline",
                            retry_after=wait.seconds if wait.certain else None,
                        )
                    self._changed.wait(min(wait.seconds + wait.spread * self._roll(), left))
        finally:
            first.release()
        return lease_id

    def _try(self, lease_id: str, batch: bool) -> Wait | None:
        """Begins the call, or tells why it may not begin now."""

        def decide(traffic: Traffic, now: float) -> tuple[Traffic, Wait | None]:
            traffic = moved_to(traffic, now, self._limits)
            wait = wait_for(traffic, now, self._limits, batch=batch)
            if wait is not None:
                gone = [lease.id for lease in traffic.leases if is_gone(lease.owner)]
                return orphaned(traffic, now, gone, self._lingers), wait
            lease = Lease(lease_id, this_process(), batch, now, now + self._lease)
            return begun(traffic, now, lease), None

        return self._book.change(self._company, decide)

    def _end(self, lease_id: str) -> None:
        def decide(traffic: Traffic, now: float) -> tuple[Traffic, None]:
            traffic = moved_to(traffic, now, self._limits)
            return finished(traffic, now, lease_id, self._limits), None

        self._book.change(self._company, decide)
        with self._changed:
            self._changed.notify_all()


class ProcessThrottle(SharedThrottle):
    """The throttle of the threads of one process, which keeps its book in memory."""

    def __init__(
        self,
        requests_per_minute: int,
        max_in_flight: int,
        *,
        batches_per_minute: int = 40,
        period: float = MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = Limits(requests_per_minute, max_in_flight, batches_per_minute, period)
        super().__init__(MemoryBook(clock), "", limits, lease=math.inf, clock=clock)


_throttles: dict[tuple[str, str, Limits, float], SharedThrottle] = {}
_guard = threading.Lock()


def throttle_for(settings: Settings, realm: str) -> Throttle:
    """The throttle of a company, by the call book and the limits of the settings.

    One object a process for the same. Raises ConfigurationError.
    """
    parts = urlsplit(settings.base_url)
    company = f"{parts.netloc.rpartition('@')[2]}/{realm}"
    limits = Limits(
        settings.requests_per_minute, settings.max_in_flight, settings.batches_per_minute
    )
    lease = settings.connect_timeout + settings.timeout + _LEASE_MARGIN
    with _guard:
        key = (settings.call_book, company, limits, lease)
        if key not in _throttles:
            _throttles[key] = SharedThrottle(
                call_book(settings.call_book), company, limits, lease=lease
            )
        return _throttles[key]
