"""The throttle across processes: real ones, which share a call book and may be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.faults import Throttled
from qb_assets.quickbooks.owners import Owner, is_gone, this_process
from qb_assets.quickbooks.throttle import SharedThrottle
from qb_assets.quickbooks.traffic import Limits

PERIOD = 0.4

Call = tuple[float, float]
"""When a call began and ended, by the clock that the machine's processes share."""


class Caller:
    """A process that makes calls: `python -m qb_assets_tests.quickbooks.caller`."""

    def __init__(self, book: str, limits: Limits, **work: float) -> None:
        figures = {"limits": [limits.requests_per_minute, limits.max_in_flight, PERIOD], **work}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qb_assets_tests.quickbooks.caller", json.dumps(figures)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "QB_CALL_BOOK": book},
            text=True,
        )

    def told(self) -> list[Call]:
        """What it tells next."""
        assert self.process.stdout is not None
        return [(begun, ended) for begun, ended in json.loads(self.process.stdout.readline())]

    def go(self) -> None:
        """Lets it begin, once it is ready."""
        self.told()
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def book(tmp_path: Path) -> str:
    return str(tmp_path / "calls.db")


@pytest.fixture
def callers() -> Iterator[list[Caller]]:
    running: list[Caller] = []
    yield running
    for each in running:
        each.process.kill()
        each.process.communicate()


def start(callers: list[Caller], number: int, book: str, limits: Limits, **work: float) -> None:
    callers += [Caller(book, limits, **work) for _ in range(number)]
    for each in callers:
        each.go()


def in_flight(book: str) -> int:
    return call_book(book).change("company", lambda traffic, _: (traffic, len(traffic.leases)))


@pytest.mark.parametrize("kind", ["file", "database"])
def test_processes_keep_to_the_limits_together(
    kind: str, book: str, callers: list[Caller], request: pytest.FixtureRequest
) -> None:
    if kind == "database":
        book = request.getfixturevalue("postgres_url")
    limits = Limits(24, 4, 40, PERIOD)
    start(callers, 4, book, limits, threads=3, calls=20, seconds=0.01)
    calls = sorted(call for each in callers for call in each.told())
    assert len(calls) == 80
    begins, ends = sorted(begun for begun, _ in calls), sorted(ended for _, ended in calls)
    for begun in begins:
        assert sum(first <= begun < last for first, last in calls) <= 4
    # QuickBooks may see a call anywhere from its beginning to its end.
    for place, ended in enumerate(ends[: 80 - 24]):
        assert begins[place + 24] >= ended + PERIOD
    # Nobody waits for nothing: the calls take little more than the periods they must.
    assert ends[-1] - begins[0] < 3 * PERIOD + 3


def test_a_pause_holds_the_callers_of_all_processes_back(book: str, callers: list[Caller]) -> None:
    limits = Limits(5000, 8, 40, PERIOD)
    start(callers, 3, book, limits, threads=2, calls=600, seconds=0.02, until=1.2)
    mine = SharedThrottle(call_book(book), "company", limits, lease=60)
    time.sleep(0.3)
    asked = time.monotonic()
    mine.pause(0.5)
    paused = time.monotonic() + 0.1  # what had its slot before may be a moment late
    calls = sorted(call for each in callers for call in each.told())
    before = [begun for begun, _ in calls if begun < paused]
    after = [begun for begun, _ in calls if begun >= paused]
    assert before
    assert min(after) >= asked + 0.5
    # Half of 8 at most begin at once, in all processes together.
    first = min(after)
    assert sum(begun < first + 0.01 for begun in after) <= 4


def test_the_slots_of_a_killed_process_are_free_soon(book: str, callers: list[Caller]) -> None:
    limits = Limits(6, 3, 40, PERIOD)
    start(callers, 1, book, limits, threads=3, calls=3, seconds=600)
    mine = SharedThrottle(call_book(book), "company", limits, lease=600, lingers=0.3)
    until = time.monotonic() + 10
    while in_flight(book) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)
    with pytest.raises(Throttled), mine.slot(timeout=0.05):
        pass
    killed = callers[0].process
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    begun = time.monotonic()
    with mine.slot(timeout=5):  # QuickBooks may be at work on its calls for a while
        assert 0.3 <= time.monotonic() - begun < 4  # not the 600 s that the leases were for
    for _ in range(3):
        with mine.slot(timeout=5):
            pass
    # Its three calls still count for the period: of six, three were left.
    assert time.monotonic() - begun >= 0.3 + PERIOD


def test_a_process_is_gone_when_it_has_ended_or_is_another() -> None:
    me = this_process()
    assert not is_gone(me)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    there = Owner(me.machine, child.pid, 0)
    assert not is_gone(there)
    assert not is_gone(Owner("another machine", 2**22 + 5, 0))
    if sys.platform == "linux":  # a number that was given to another process since
        assert is_gone(Owner(me.machine, me.pid, me.began - 1))
    child.kill()
    if sys.platform == "linux":
        until = time.monotonic() + 10
        while not is_gone(there):  # dead, though nobody has asked for its exit code
            assert time.monotonic() < until
    child.communicate()
    assert is_gone(there)
