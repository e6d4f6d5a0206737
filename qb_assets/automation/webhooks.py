"""Which runs the notifications in the inbox ask for, and which of them Dagster has by now.

A notification is done in two steps, so that none is lost when a process dies in between. First a
run is asked for, with a run key, and stands for the notifications. When Dagster has that run, the
next look settles it. Until then each look requests it again, which makes no second run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from qb_assets.partitions import Calendar
from qb_assets.quickbooks.webhooks.inbox import AskedRun, Inbox, Waiting
from qb_assets.raw.plan import SETTLING

RIPE_AFTER = SETTLING + timedelta(seconds=5)
"""A fetch ends its window a little before now, so an earlier run would not see the change."""

ONE_RUN_IN = timedelta(minutes=1)
"""A company's runs are asked for no closer than this."""

REPEATS_KNOWN_FOR = timedelta(days=7)
"""What is done is kept for so long after its run, to know its repeats."""

AIMLESS_FOR = timedelta(days=30)
"""What is of no connected company, or of an entity without assets, is kept this long."""


@dataclass(frozen=True)
class Desk:
    """Looks at the inbox at one moment.

    `entities` are those with assets. `connected` says whether a company can be fetched, `queued`
    whether a run of its day waits to begin, and `has_run` whether Dagster has the run of a key.
    """

    inbox: Inbox
    calendar: Calendar
    now: datetime
    entities: Collection[str]
    connected: Callable[[str], bool]
    queued: Callable[[str, date], bool]
    has_run: Callable[[str], bool]
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    """Why a company's notifications wait, after a look."""

    def look(self) -> list[AskedRun]:
        """The runs to request now, those of an earlier look that did not come about first."""
        for run in self.inbox.asked():
            if self.has_run(run.key):
                self.inbox.settle(run.key, self.now)
            elif not self._can_be(run):
                self.inbox.release(run.key)
        self.inbox.forget(self.now - REPEATS_KNOWN_FOR)
        pending, last = self.inbox.asked(), self.inbox.last_asked()
        for realm, groups in _by_company(self.inbox.waiting()).items():
            if any(run.realm == realm for run in pending):
                self.reasons[realm] = "its last run is not there yet"
            elif realm in last and self.now - last[realm] < ONE_RUN_IN:
                self.reasons[realm] = "its last run was asked for less than a minute ago"
            else:
                self._ask(realm, groups)
        return list(self.inbox.asked())

    def _can_be(self, run: AskedRun) -> bool:
        return (
            self.calendar.start <= run.day <= self.calendar.today(self.now)
            and not {*run.notifications}.isdisjoint(self.entities)
            and self.connected(run.realm)
        )

    def _ask(self, realm: str, groups: Sequence[Waiting]) -> None:
        """Asks for a run of the first day of which a company has notifications."""
        connected = self.connected(realm)
        aimed = [each for each in groups if connected and each.entity in self.entities]
        self._drop_old(each for each in groups if each not in aimed)
        ripe = [each for each in aimed if each.received_at <= self.now - RIPE_AFTER]
        if not ripe:
            why = "no asset is made of them" if connected else "the company is not connected"
            self.reasons[realm] = "they have just come" if aimed else why
            return
        # Nearly always today: only what came late or waited for the daemon is of a day before.
        day = min(self.calendar.day_of(each.changed_at) for each in ripe)
        if self.queued(realm, day):
            self.reasons[realm] = f"a run of {day} is queued"
            return
        entities = dict.fromkeys((each.entity for each in ripe), 0)
        key = f"webhooks-{realm}-{day}-{self.now.timestamp():.0f}"
        self.inbox.ask(
            AskedRun(key, realm, day, self.now, entities),
            changed_before=self.calendar.end_of(day),
            received_until=self.now - RIPE_AFTER,
        )

    def _drop_old(self, aimless: Iterable[Waiting]) -> None:
        before = self.now - AIMLESS_FOR
        for each in aimless:
            if each.received_at < before:
                self.inbox.drop(each.realm, each.entity, before)


def _by_company(waiting: Iterable[Waiting]) -> dict[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = {}
    for each in waiting:
        found.setdefault(each.realm, []).append(each)
    return found
