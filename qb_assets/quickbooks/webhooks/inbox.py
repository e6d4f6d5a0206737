"""The inbox: notifications are kept there until a run was requested for them.

It holds Ids and times, and nothing of what the records say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from qb_assets.quickbooks.webhooks.notification import Notification


class Waiting(msgspec.Struct, frozen=True):
    """Notifications of one entity of a company that no run was asked for, of a quarter of an hour.

    `changed_at` is the time of the first change among them, `received_at` when the first was
    received.
    """

    realm: str
    entity: str
    changed_at: datetime
    received_at: datetime
    notifications: int


class AskedRun(msgspec.Struct, frozen=True):
    """A run of a company's day that stands for notifications of these entities.

    `key` is its run key, and `notifications` how many there are of each entity.
    """

    key: str
    realm: str
    day: date
    asked_at: datetime
    notifications: Mapping[str, int]


class Inbox(Protocol):
    """Keeps notifications. Every method may raise InboxError, and be called from any thread.

    A notification waits until a run is asked for it; it is done when that run is settled, as
    Dagster has it then. Whatever is kept is kept when the method returns, for a power cut, too.
    """

    def begun(self) -> bool:
        """Whether there is anything at all: a place where nobody has written yet is not made."""
        ...

    def keep(self, notifications: Sequence[Notification]) -> int:
        """Keeps those that are not there yet, all or none, and says how many these were."""
        ...

    def waiting(self) -> Sequence[Waiting]:
        """What no run was asked for."""
        ...

    def ask(
        self, run: AskedRun, *, changed_before: datetime, received_until: datetime
    ) -> AskedRun | None:
        """Lets a run stand for what waits of its company and entities, within these moments.

        Returns the run with the notifications it stands for by now; None, and nothing is asked,
        where there are none.
        """
        ...

    def asked(self) -> Sequence[AskedRun]:
        """The runs that were asked for and not settled, the first first."""
        ...

    def settle(self, key: str, at: datetime) -> None:
        """Dagster has the run: what it stands for is done."""
        ...

    def release(self, key: str) -> None:
        """The run cannot be: what it stands for waits again."""
        ...

    def last_asked(self) -> Mapping[str, datetime]:
        """When a run was last asked for, by company."""
        ...

    def forget(self, settled_before: datetime) -> None:
        """Removes the notifications whose run was settled before a moment.

        Until then they are kept, so that their repeats are known.
        """
        ...

    def drop(self, realm: str, entity: str, received_before: datetime) -> int:
        """Removes old notifications that wait, and says how many: no run can be for them."""
        ...
