import threading
import time

import pytest

from qb_assets.quickbooks.faults import Throttled
from qb_assets.quickbooks.throttle import ProcessThrottle, throttle_for


def test_no_sliding_period_and_no_moment_holds_too_many_calls() -> None:
    throttle = ProcessThrottle(12, 4, period=0.4)
    guard = threading.Lock()
    begun: list[float] = []
    ended: list[float] = []
    inside: list[int] = []

    def call() -> None:
        with throttle.slot(timeout=20):
            with guard:
                begun.append(time.monotonic())
                inside.append(len(begun) - len(ended))
            time.sleep(0.01)
            with guard:
                ended.append(time.monotonic())

    threads = [threading.Thread(target=call) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(inside) <= 4
    assert len(begun) == 40
    # QuickBooks may see a call anywhere from its beginning to its end.
    for place, end in enumerate(sorted(ended)[: 40 - 12]):
        assert sorted(begun)[place + 12] >= end + 0.4


def test_a_pause_holds_all_callers_back() -> None:
    throttle = ProcessThrottle(500, 10)
    begun: list[float] = []

    def call() -> None:
        with throttle.slot(timeout=5):
            begun.append(time.monotonic())

    paused = time.monotonic()
    throttle.pause(0.2)
    throttle.pause(0.05)
    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 5
    assert min(begun) >= paused + 0.2


def test_a_wait_ends_at_its_timeout() -> None:
    throttle = ProcessThrottle(500, 1)
    begun = time.monotonic()
    with (
        throttle.slot(timeout=1),
        pytest.raises(Throttled, match="deadline"),
        throttle.slot(timeout=0.05),
    ):
        pass
    assert time.monotonic() - begun < 1
    throttle.pause(60)
    with pytest.raises(Throttled), throttle.slot(timeout=0.5):
        pass


def test_a_failed_call_gives_its_place_back() -> None:
    throttle = ProcessThrottle(500, 1)
    for _ in range(3):
        with pytest.raises(KeyError), throttle.slot(timeout=0.5):
            raise KeyError


def test_a_company_has_one_throttle() -> None:
    def limits(realm: str, host: str = "https://a") -> object:
        return throttle_for(host, realm, requests_per_minute=500, max_in_flight=10)

    assert limits("1") is limits("1")
    assert limits("1") is not limits("2")
    assert limits("1") is not limits("1", "https://b")
