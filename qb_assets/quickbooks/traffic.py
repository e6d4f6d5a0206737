"""The traffic of one company, as a value, and the rules by which a call may begin.

Everything here is pure: the moments are seconds of a clock that whoever keeps the traffic reads.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from qb_assets.quickbooks.owners import Owner

MINUTE = 60.0

_POLL, _POLL_SPREAD = 0.02, 0.08
_RESTART_SPREAD = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a company: requests and batches a period (seconds), and requests at once."""

    requests_per_minute: int
    max_in_flight: int
    batches_per_minute: int
    period: float = MINUTE


class Lease(msgspec.Struct, frozen=True, array_like=True):
    """A call in flight. It ends at `deadline` if nobody ends it, as when its process is killed."""

    id: str
    owner: Owner
    batch: bool
    begun: float
    deadline: float


class Traffic(msgspec.Struct, frozen=True, array_like=True):
    """The calls of a company that still count, as they stood at the moment `at`.

    `answered` are the moments at which calls ended, `batches` those of batches among them; both
    in order. No call begins before `paused_until`. `pace` is how many may be in flight after a
    429, growing back; None when none came lately.
    """

    at: float
    leases: tuple[Lease, ...] = ()
    answered: tuple[float, ...] = ()
    batches: tuple[float, ...] = ()
    paused_until: float = -math.inf
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Why no call may begin now: look again after `seconds`, and up to `spread` more by chance.

    `certain`: it is of no use to look before.
    """

    seconds: float
    spread: float
    certain: bool


def moved_to(traffic: Traffic, now: float, limits: Limits) -> Traffic:
    """The traffic as it stands at `now`: what is over is gone. The same object if nothing is.

    A clock that shows less than before began anew, as at a boot: then no time counts as passed,
    which is true of no clock, and safe.
    """
    if now < traffic.at:
        traffic = _shifted(traffic, now - traffic.at)
    late = [lease.id for lease in traffic.leases if lease.deadline <= now]
    if late:
        traffic = ended(traffic, now, late)
    oldest = now - limits.period
    answered = traffic.answered[bisect_right(traffic.answered, oldest) :]
    batches = traffic.batches[bisect_right(traffic.batches, oldest) :]
    if len(answered) + len(batches) < len(traffic.answered) + len(traffic.batches):
        traffic = replace(traffic, at=now, answered=answered, batches=batches)
    return traffic


def wait_for(traffic: Traffic, now: float, limits: Limits, *, batch: bool) -> Wait | None:
    """Why a call may not begin at `now`, to which the traffic has been moved; None if it may.

    A call counts from its beginning until a period after its answer. QuickBooks sees it somewhere
    between both, so no sliding minute there holds more than the limit.
    """
    pause = traffic.paused_until - now
    if pause > 0:
        return Wait(pause, min(_RESTART_SPREAD, pause / 10), certain=True)
    window = _window(
        len(traffic.leases), traffic.answered, limits.requests_per_minute, now, limits.period
    )
    if batch:
        under_way = sum(lease.batch for lease in traffic.leases)
        of_batches = _window(
            under_way, traffic.batches, limits.batches_per_minute, now, limits.period
        )
        window = max(window, of_batches)
    if window > 0:
        return Wait(window, _POLL, certain=True)
    if len(traffic.leases) >= _at_once(traffic, limits):
        return Wait(_POLL, _POLL_SPREAD, certain=False)
    return None


def begun(traffic: Traffic, now: float, lease: Lease) -> Traffic:
    """With a call that begins now; the same lease twice is one."""
    others = tuple(each for each in traffic.leases if each.id != lease.id)
    return replace(traffic, at=now, leases=(*others, lease))


def ended(traffic: Traffic, now: float, ids: Collection[str]) -> Traffic:
    """With these leases ended now; those that have ended before change nothing."""
    over = [lease for lease in traffic.leases if lease.id in ids]
    if not over:
        return traffic
    return replace(
        traffic,
        at=now,
        leases=tuple(lease for lease in traffic.leases if lease.id not in ids),
        answered=(*traffic.answered, *(now for _ in over)),
        batches=(*traffic.batches, *(now for lease in over if lease.batch)),
    )


def orphaned(traffic: Traffic, now: float, ids: Collection[str], seconds: float) -> Traffic:
    """With these leases, whose processes have died, ending so long from now at the latest."""
    soon = now + seconds
    if not any(lease.id in ids and lease.deadline > soon for lease in traffic.leases):
        return traffic
    leases = tuple(
        replace(lease, deadline=min(lease.deadline, soon)) if lease.id in ids else lease
        for lease in traffic.leases
    )
    return replace(traffic, at=now, leases=leases)


def finished(traffic: Traffic, now: float, lease_id: str, limits: Limits) -> Traffic:
    """With this call ended; a pace grows by one after each round of calls that began since."""
    pace = traffic.pace
    if pace is not None and any(
        lease.id == lease_id and lease.begun >= traffic.paused_until for lease in traffic.leases
    ):
        pace += 1 / pace
        traffic = replace(traffic, pace=pace if pace < limits.max_in_flight else None)
    return ended(traffic, now, (lease_id,))


def paused(traffic: Traffic, now: float, seconds: float, limits: Limits) -> Traffic:
    """With no call to begin for so long; a longer pause that is under way stays.

    Half as many calls may be in flight afterwards; refusals of one moment halve it once.
    """
    pace = traffic.pace
    if now >= traffic.paused_until:
        pace = max(1.0, min(pace or limits.max_in_flight, limits.max_in_flight) / 2)
    until = max(traffic.paused_until, now + seconds)
    return replace(traffic, at=now, paused_until=until, pace=pace)


def _window(
    under_way: int, ends: tuple[float, ...], limit: int, now: float, period: float
) -> float:
    """Seconds until fewer than `limit` calls count; 0 where they do."""
    over = under_way + len(ends) - limit + 1
    if over <= 0:
        return 0.0
    if over > len(ends):  # one that is under way must end first, and then count for a period
        return period
    return max(ends[over - 1] + period - now, 0.001)


def _at_once(traffic: Traffic, limits: Limits) -> int:
    if traffic.pace is None:
        return limits.max_in_flight
    return min(limits.max_in_flight, max(1, int(traffic.pace)))


def _shifted(traffic: Traffic, seconds: float) -> Traffic:
    return Traffic(
        at=traffic.at + seconds,
        leases=tuple(
            replace(lease, begun=lease.begun + seconds, deadline=lease.deadline + seconds)
            for lease in traffic.leases
        ),
        answered=tuple(moment + seconds for moment in traffic.answered),
        batches=tuple(moment + seconds for moment in traffic.batches),
        paused_until=traffic.paused_until + seconds,
        pace=traffic.pace,
    )
