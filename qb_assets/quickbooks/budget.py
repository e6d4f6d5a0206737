"""The budget: how many metered calls an app may make in a month, and how many it has made.

Since November 2025 Intuit counts each GET, query, CDC, batch and report that it answers with HTTP
2xx in production; its free plan ends at 500,000 a month. Calls of a sandbox company cost nothing
there, and are counted here all the same. Months are those of UTC.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.call_book import CallBook, Count, Line, app_name
from qb_assets.quickbooks.faults import BudgetSpent
from qb_assets.quickbooks.settings import Settings

WARN_AT = 0.8
"""The share of the budget from which on it is warned of."""

log = logging.getLogger("qb_assets.quickbooks")


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class BudgetState:
    """The calls that an app has used in a month, of its budget (None: there is none).

    Calls whose answer is not known count as used. `share` is 1.0 where all are used.
    """

    month: str
    used: int
    budget: int | None

    @property
    def share(self) -> float | None:
        """The part of the budget that is used; None without a budget."""
        return None if self.budget is None else self.used / self.budget

    @property
    def level(self) -> Literal["ok", "warn", "spent"]:
        """`warn` from 80 % on, `spent` where the next call would be refused."""
        share = self.share or 0.0
        return "spent" if share >= 1 else "warn" if share >= WARN_AT else "ok"

    def __str__(self) -> str:
        if self.budget is None:
            return f"{self.used} calls in {self.month} (UTC)"
        return f"{self.used} of {self.budget} calls in {self.month} (UTC)"


class Budget:
    """Counts the calls of a company before they are sent, and refuses those beyond the budget."""

    def __init__(
        self, settings: Settings, realm: str, *, now: Callable[[], datetime] = _now
    ) -> None:
        self._book = call_book(settings.call_book)
        self._app = app_name(settings.client_id)
        self._realm = realm
        self._budget = settings.monthly_call_budget
        self._forced = settings.force_calls
        self._now = now

    def reserve(self, kind: str, entity: str) -> Reservation:
        """Counts a call that is about to be sent, durably. Raises BudgetSpent, CallBookError."""
        month = month_of(self._now())
        line = Line(month, self._app, self._realm, kind, entity)
        used = self._book.reserve(line, None if self._forced else self._budget)
        if self._budget is not None:
            if used > self._budget and not self._forced:
                raise BudgetSpent(
                    f"the budget of {self._budget} calls in {month} (UTC) is spent: {used - 1} are "
                    "counted",
                    company=self._realm,
                    entity=entity,
                )
            _warn_once(self._app, BudgetState(month, used, self._budget))
        return Reservation(self._book, line)


class Reservation:
    """A call that was counted. One that is never settled stays counted as used."""

    def __init__(self, book: CallBook, line: Line) -> None:
        self._book = book
        self._line = line

    def settle(self, *, metered: bool) -> None:
        """Says whether Intuit meters the call, now that this is known."""
        self._book.settle(self._line, metered=metered)


def month_of(moment: datetime) -> str:
    """The month of a moment in UTC, such as 2026-03."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m")


def budget_state(settings: Settings, *, now: datetime | None = None) -> BudgetState:
    """How the app stands in the month of `now`. Raises CallBookError, ConfigurationError."""
    used = sum(count.used for count in month_counts(settings, now=now))
    return BudgetState(month_of(now or _now()), used, settings.monthly_call_budget)


def calls_this_month(settings: Settings, *, now: datetime | None = None) -> Mapping[str, int]:
    """The used calls of the app by company, 0 of others. Raises as `budget_state`."""
    calls: Counter[str] = Counter()
    for count in month_counts(settings, now=now):
        calls[count.line.realm] += count.used
    return calls


def month_counts(settings: Settings, *, now: datetime | None = None) -> Sequence[Count]:
    """The app's calls of the month, by company, kind and entity. Raises as `budget_state`."""
    month = month_of(now or _now())
    return call_book(settings.call_book).counts(app_name(settings.client_id), month)


_warned: set[tuple[str, str]] = set()
_guard = threading.Lock()


def _warn_once(app: str, state: BudgetState) -> None:
    if state.level == "ok":
        return
    with _guard:
        known = (app, state.month) in _warned
        _warned.add((app, state.month))
    if not known:
        log.warning(
            "budget %s: %.0f %% of QB_MONTHLY_CALL_BUDGET is used; beyond 100 %% calls are "
            "refused unless QB_FORCE_CALLS=1",
            state,
            100 * (state.share or 0),
            extra={"month": state.month, "used": state.used, "budget": state.budget},
        )
