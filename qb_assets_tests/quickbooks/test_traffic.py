import math
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qb_assets.quickbooks.owners import Owner
from qb_assets.quickbooks.traffic import (
    Lease,
    Limits,
    Traffic,
    begun,
    ended,
    finished,
    moved_to,
    orphaned,
    paused,
    wait_for,
)

LIMITS = Limits(requests_per_minute=6, max_in_flight=3, batches_per_minute=2)
SOMEWHERE = Owner("another machine", 1, 0)


def lease(name: str, now: float, *, batch: bool = False, lasts: float = math.inf) -> Lease:
    return Lease(name, SOMEWHERE, batch, now, now + lasts)


def after_calls(*ends: float, batch: bool = False) -> Traffic:
    """Traffic of calls that each took half a second and ended at these moments."""
    traffic = Traffic(0.0)
    for end in ends:
        name = str(end)
        traffic = begun(traffic, end - 0.5, lease(name, end - 0.5, batch=batch))
        traffic = finished(traffic, end, name, LIMITS)
    return traffic


def waits(traffic: Traffic, now: float, *, batch: bool = False) -> float:
    wait = wait_for(moved_to(traffic, now, LIMITS), now, LIMITS, batch=batch)
    return 0.0 if wait is None else wait.seconds


def test_a_call_counts_until_a_minute_after_its_answer() -> None:
    traffic = after_calls(1, 2, 3, 4, 5, 6)
    assert waits(traffic, 10) == 51
    assert waits(traffic, 60.9) == pytest.approx(0.1)
    assert waits(traffic, 61) == 0


def test_a_call_under_way_must_end_first_and_then_count_for_a_minute() -> None:
    limits = Limits(requests_per_minute=1, max_in_flight=3, batches_per_minute=9)
    traffic = begun(Traffic(0.0), 0.0, lease("a", 0.0))
    wait = wait_for(traffic, 30.0, limits, batch=False)
    assert wait is not None
    assert (wait.seconds, wait.certain) == (60.0, True)


def test_batches_have_a_limit_of_their_own() -> None:
    traffic = after_calls(1, 2, batch=True)
    assert waits(traffic, 10) == 0
    assert waits(traffic, 10, batch=True) == 51
    assert waits(traffic, 61, batch=True) == 0
    under_way = begun(after_calls(1, batch=True), 5.0, lease("b", 5.0, batch=True))
    assert waits(under_way, 10, batch=True) == 51
    assert waits(begun(under_way, 11.0, lease("c", 11.0)), 12) == 0


def test_no_more_are_in_flight_than_may_be() -> None:
    traffic = Traffic(0.0)
    for name in "abc":
        assert waits(traffic, 1) == 0
        traffic = begun(traffic, 1.0, lease(name, 1.0))
    wait = wait_for(traffic, 1.0, LIMITS, batch=False)
    assert wait is not None
    assert not wait.certain
    assert waits(finished(traffic, 2.0, "b", LIMITS), 2) == 0


def test_a_lease_ends_at_its_deadline_and_its_call_counts_from_there() -> None:
    traffic = begun(Traffic(0.0), 0.0, lease("killed", 0.0, lasts=170))
    assert [each.id for each in moved_to(traffic, 169.9, LIMITS).leases] == ["killed"]
    later = moved_to(traffic, 175.0, LIMITS)
    assert (later.leases, later.answered) == ((), (175.0,))
    assert ended(later, 176.0, ["killed"]) is later


def test_the_calls_of_a_dead_process_linger_once() -> None:
    traffic = begun(Traffic(0.0), 0.0, lease("killed", 0.0, lasts=170))
    traffic = begun(traffic, 0.0, lease("alive", 0.0, lasts=170))
    noticed = orphaned(traffic, 20.0, ["killed"], 10.0)
    assert [each.deadline for each in noticed.leases] == [30.0, 170.0]
    assert orphaned(noticed, 25.0, ["killed"], 10.0) is noticed
    assert [each.id for each in moved_to(noticed, 30.0, LIMITS).leases] == ["alive"]
    assert orphaned(traffic, 169.0, ["killed"], 10.0) is traffic


def test_nothing_begins_before_a_pause_is_over_and_a_longer_one_stays() -> None:
    traffic = paused(Traffic(0.0), 10.0, 60.0, LIMITS)
    traffic = paused(traffic, 11.0, 5.0, LIMITS)
    assert waits(traffic, 12) == 58
    assert waits(traffic, 70) == 0


def test_after_a_pause_few_are_in_flight_and_more_with_each_round() -> None:
    limits = Limits(requests_per_minute=500, max_in_flight=8, batches_per_minute=40)
    traffic = begun(Traffic(0.0), 0.0, lease("before", 0.0))
    for moment in (1.0, 1.1, 1.2):  # three refusals of one moment
        traffic = paused(traffic, moment, 60.0, limits)
    traffic = finished(traffic, 1.3, "before", limits)
    assert traffic.pace == 4.0
    now, most = 62.0, [0]
    for call in range(40):
        while wait_for(traffic, now, limits, batch=False) is None:
            traffic = begun(traffic, now, lease(f"{call}-{len(traffic.leases)}", now))
        most.append(len(traffic.leases))
        now += 0.01
        traffic = finished(traffic, now, traffic.leases[0].id, limits)
    assert most[1] == 4
    assert max(later - before for before, later in pairwise(most[1:])) <= 1
    assert most[-1] == 8
    assert traffic.pace is None
    again = paused(paused(traffic, now, 1.0, limits), now + 2, 1.0, limits)
    assert again.pace == 2.0


def test_a_clock_that_began_anew_neither_stalls_nor_lets_more_through() -> None:
    traffic = after_calls(*(1_000_000.0 + n for n in range(6)))
    traffic = paused(traffic, 1_000_005.0, 20.0, LIMITS)
    booted = moved_to(traffic, 40.0, LIMITS)
    # As if no time had passed since the last call ended.
    assert waits(booted, 40.0) == 20
    assert waits(booted, 60.0) == 35
    assert waits(booted, 95.0) == 0


def test_what_is_kept_reads_back_as_it_was() -> None:
    traffic = begun(paused(after_calls(1, 2, batch=True), 3.0, 9.0, LIMITS), 4.0, lease("a", 4.0))
    for each in (traffic, Traffic(5.0)):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=Traffic) == each


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "begin", "begin", "end", "end", "pause", "boot"]),
        st.floats(0, 25),
        st.integers(0, 9),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_no_sliding_minute_holds_more_whatever_happens(steps: list[tuple[str, float, int]]) -> None:
    """`true` is the time that passes, `clock` what the machine shows: it begins anew at a boot."""
    true = clock = 0.0
    traffic = Traffic(0.0)
    calls: dict[str, list[float]] = {}
    held_until = 0.0
    for number, (what, passes, which) in enumerate(steps):
        true, clock = true + passes, clock + passes
        if what == "boot":  # every call under way breaks off
            for call in calls.values():
                call[1] = min(call[1], true)
            clock = 0.0
        traffic = moved_to(traffic, clock, LIMITS)
        if what == "begin" and wait_for(traffic, clock, LIMITS, batch=False) is None:
            assert true >= held_until
            traffic = begun(traffic, clock, lease(str(number), clock, lasts=30.0))
            calls[str(number)] = [true, true + 30.0]
            under_way = [name for name, (_, end) in calls.items() if end > true]
            assert len(under_way) <= LIMITS.max_in_flight
            # QuickBooks may see each of them anywhere from its beginning to its end.
            assert sum(end > true - 60 for _, end in calls.values()) <= 6
        elif what == "end" and traffic.leases:
            ending = traffic.leases[which % len(traffic.leases)].id
            calls[ending][1] = min(calls[ending][1], true)
            traffic = finished(traffic, clock, ending, LIMITS)
        elif what == "pause":
            traffic = paused(traffic, clock, float(which), LIMITS)
            held_until = max(held_until, true + which)
    assert waits(traffic, clock + 3600.0) == 0
