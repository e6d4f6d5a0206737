import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from qb_assets.quickbooks.faults import Throttled
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.sqlite_book import SqliteBook
from qb_assets.quickbooks.throttle import ProcessThrottle, SharedThrottle, throttle_for
from qb_assets.quickbooks.traffic import Limits


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


def test_batches_wait_for_their_own_limit_and_hold_up_nothing_else() -> None:
    throttle = ProcessThrottle(500, 10, batches_per_minute=1, period=0.5)
    with throttle.slot(timeout=1, batch=True):
        pass
    ended = time.monotonic()
    begun: dict[str, float] = {}

    def call(name: str, batch: bool) -> None:
        with throttle.slot(timeout=5, batch=batch):
            begun[name] = time.monotonic()

    waiting = threading.Thread(target=call, args=("batch", True))
    waiting.start()
    time.sleep(0.05)
    call("query", False)
    waiting.join()
    assert begun["batch"] >= ended + 0.5
    assert begun["query"] < ended + 0.4


def test_a_wait_that_is_known_to_be_too_long_is_not_begun() -> None:
    throttle = ProcessThrottle(1, 10)
    with throttle.slot(timeout=1):
        pass
    begun = time.monotonic()
    with pytest.raises(Throttled) as caught, throttle.slot(timeout=30):
        pass
    assert time.monotonic() - begun < 1
    assert 55 < (caught.value.retry_after or 0) <= 60


def test_a_company_has_one_throttle(tmp_path: Path) -> None:
    def of(realm: str, **changes: object) -> object:
        keys = {"QB_CLIENT_ID": "a", "QB_CLIENT_SECRET": "b"}
        settings = Settings.from_environment({**keys, "QB_CALL_BOOK": str(tmp_path / "calls.db")})
        return throttle_for(replace(settings, **changes), realm)

    assert of("1") is of("1")
    assert of("1") is not of("2")
    assert of("1") is not of("1", base_url="https://b")


def test_throttles_of_other_limits_still_share_the_traffic(tmp_path: Path) -> None:
    book = SqliteBook(tmp_path / "calls.db")
    strict = SharedThrottle(book, "a", Limits(500, 1, 40), lease=60)
    loose = SharedThrottle(book, "a", Limits(500, 2, 40), lease=60)
    other = SharedThrottle(book, "b", Limits(500, 1, 40), lease=60)
    with loose.slot(timeout=1), loose.slot(timeout=1), other.slot(timeout=1):
        with pytest.raises(Throttled), strict.slot(timeout=0.1):
            pass
        with pytest.raises(Throttled), loose.slot(timeout=0.1):
            pass
