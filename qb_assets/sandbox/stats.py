"""What was asked of the sandbox: for tests of a client's manners and of a sync's cost."""

from __future__ import annotations

from collections import Counter, deque
from typing import TypedDict

from .limits import SlidingWindow, Wait

METERED = frozenset({"query", "read", "cdc", "batch", "report", "download"})
_KINDS = {
    "query": "query",
    "cdc": "cdc",
    "batch": "batch",
    "reports": "report",
    "download": "download",
}
DEFAULT_WAIT = 60.0
"""The seconds which a 429 without Retry-After asks for."""


class LogLine(TypedDict):
    """One statement (or CDC request, or report) and how many objects, or rows of data, answered it:
    0 of a COUNT or a fault."""

    kind: str
    statement: str
    rows: int


class Report(TypedDict):
    """What `GET /admin/stats` answers.

    `early_after_throttle` counts the calls to the API that arrived during a wait which a 429 asked
    for; `longest_early` is how many seconds after the first 429 of such a wait one of them came:
    what was on its way when the 429 was sent comes within milliseconds. `refreshes` counts the
    grants for a refresh token, `refused_refreshes` the refusals.
    """

    calls: dict[str, int]
    statuses: dict[str, int]
    metered: int
    in_flight: int
    max_in_flight: int
    max_per_minute: int
    early_after_throttle: int
    longest_early: float
    refreshes: int
    refused_refreshes: int
    statements: list[LogLine]


def kind_of(path: str) -> str:
    """The kind of call that goes to this path."""
    if path.startswith("/v3/company/"):
        place = path.split("/")[4:]
        head = place[0] if place else ""
        return _KINDS.get(head, "read")
    if path.startswith("/files/"):
        return "file"
    if path.endswith("/tokens/bearer"):
        return "token"
    if path.endswith("/tokens/revoke"):
        return "revoke"
    return "other"


class Stats:
    """Counts calls. `statements` keeps the last `log_size` statements."""

    def __init__(self, log_size: int) -> None:
        self._log_size = log_size
        self._in_flight = 0
        self._wait = Wait()
        self.reset()

    def reset(self) -> None:
        """Forget everything but what is under way."""
        self._calls: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._metered = 0
        self._max_in_flight = self._in_flight
        self._minute = SlidingWindow()
        self._early = 0
        self._longest_early = 0.0
        self._refreshes = 0
        self._refused_refreshes = 0
        self._statements: deque[LogLine] = deque(maxlen=self._log_size)

    def began(self, kind: str) -> None:
        """A call arrived."""
        self._calls[kind] += 1
        if kind in METERED:
            self._in_flight += 1
            self._max_in_flight = max(self._max_in_flight, self._in_flight)
            self._minute.add()
            early = self._wait.seconds_in()
            if early is not None:
                self._early += 1
                self._longest_early = max(self._longest_early, early)

    def ended(self, kind: str, status: int) -> None:
        """A call was answered, or broke off (status 0). Intuit meters reads that answer 2xx."""
        self._statuses[str(status)] += 1
        if kind in METERED:
            self._in_flight -= 1
            self._metered += 200 <= status < 300

    def throttled(self, kind: str, wait: float) -> None:
        """A 429 was sent which asks for a wait in seconds before the next call to the API."""
        if kind in METERED:
            self._wait.asked(wait)

    def refreshed(self, *, granted: bool) -> None:
        """A refresh token was presented, and a grant made for it or not."""
        self._refreshes += granted
        self._refused_refreshes += not granted

    def log(self, kind: str, statement: str, rows: int) -> None:
        """A statement was answered with that many objects."""
        self._statements.append({"kind": kind, "statement": statement, "rows": rows})

    def report(self) -> Report:
        """Everything counted since the last reset."""
        return {
            "calls": dict(self._calls),
            "statuses": dict(self._statuses),
            "metered": self._metered,
            "in_flight": self._in_flight,
            "max_in_flight": self._max_in_flight,
            "max_per_minute": self._minute.most,
            "early_after_throttle": self._early,
            "longest_early": self._longest_early,
            "refreshes": self._refreshes,
            "refused_refreshes": self._refused_refreshes,
            "statements": list(self._statements),
        }
