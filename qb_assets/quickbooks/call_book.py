"""The call book: what all processes of a deployment know of each other's calls.

It holds the traffic of each company (see `traffic`) and the calls of each month. It holds no
secret: companies, entities and numbers; an app is named by a hash of its client id.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from qb_assets.quickbooks.traffic import Traffic

T = TypeVar("T")

Decide = Callable[[Traffic, float], tuple[Traffic, T]]
"""Takes the traffic and the present moment, and gives the traffic to keep and an outcome."""


@dataclass(frozen=True, slots=True)
class Line:
    """What calls are counted by. `month` is one of UTC, such as 2026-03; `app` see `app_name`."""

    month: str
    app: str
    realm: str
    kind: str
    entity: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many calls of a line there were.

    `sent` are all requests, `metered` those answered with HTTP 2xx, `reserved` those whose answer
    is not known: under way, or lost with their process or connection. They count as metered, as
    they may have been.
    """

    line: Line
    sent: int
    metered: int
    reserved: int

    @property
    def used(self) -> int:
        """The calls that count towards a budget."""
        return self.metered + self.reserved


class CallBook(Protocol):
    """Keeps the calls of a deployment. Every method may raise CallBookError.

    All methods may be called from any thread and process.
    """

    def change(self, company: str, decide: Decide[T]) -> T:
        """Keeps what `decide` makes of the company's traffic, to the exclusion of all others.

        `decide` may be called anew where the first outcome could not be kept.
        """
        ...

    def reserve(self, line: Line, limit: int | None) -> int:
        """Counts a call that is about to be sent, durably, as sent and reserved.

        Returns the app's used calls of the month with this one. Counts nothing where that would
        be more than `limit`.
        """
        ...

    def settle(self, line: Line, *, metered: bool) -> None:
        """Turns one reserved call of the line into a metered one, or one that is free."""
        ...

    def counts(self, app: str, month: str) -> Sequence[Count]:
        """The calls of an app in a month, by realm, kind and entity."""
        ...


class MemoryBook:
    """A call book of the threads of one process, forgotten at its end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._traffic: dict[str, Traffic] = {}
        self._counts: dict[Line, Count] = {}

    def change(self, company: str, decide: Decide[T]) -> T:
        """See `CallBook.change`."""
        with self._guard:
            now = self._clock()
            before = self._traffic.get(company, Traffic(now))
            self._traffic[company], outcome = decide(before, now)
            return outcome

    def reserve(self, line: Line, limit: int | None) -> int:
        """See `CallBook.reserve`."""
        with self._guard:
            used = 1 + sum(count.used for count in self._of(line.app, line.month))
            if limit is None or used <= limit:
                count = self._counts.get(line, Count(line, 0, 0, 0))
                self._counts[line] = replace(
                    count, sent=count.sent + 1, reserved=count.reserved + 1
                )
            return used

    def settle(self, line: Line, *, metered: bool) -> None:
        """See `CallBook.settle`."""
        with self._guard:
            count = self._counts[line]
            self._counts[line] = replace(
                count, metered=count.metered + metered, reserved=count.reserved - 1
            )

    def counts(self, app: str, month: str) -> Sequence[Count]:
        """See `CallBook.counts`."""
        with self._guard:
            return self._of(app, month)

    def _of(self, app: str, month: str) -> list[Count]:
        return [
            count for line, count in self._counts.items() if (line.app, line.month) == (app, month)
        ]


def app_name(client_id: str) -> str:
    """What the book calls an app: 16 characters of a hash, from which nobody finds its id."""
    return hashlib.sha256(b"qb_assets app " + client_id.encode()).hexdigest()[:16]
