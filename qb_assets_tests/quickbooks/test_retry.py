import pytest

from qb_assets.quickbooks.faults import (
    BadRecord,
    ConnectionFailed,
    QueryRejected,
    QuickBooksError,
    ReconnectNeeded,
    ServerUnavailable,
    Throttled,
)
from qb_assets.quickbooks.retry import RetryPolicy, may_retry, wait_before_next, with_retries

POLICY = RetryPolicy(attempts=5, first_wait=1.0, longest_wait=8.0, throttle_pause=60.0)


def test_only_what_may_pass_is_sent_again() -> None:
    assert may_retry(ServerUnavailable("x"), 4, POLICY)
    assert not may_retry(ServerUnavailable("x"), 5, POLICY)
    assert may_retry(BadRecord("x"), 1, POLICY)
    assert not may_retry(BadRecord("x"), 2, POLICY)
    for error in (QueryRejected("x"), ReconnectNeeded("x"), ValueError("x"), None):
        assert not may_retry(error, 1, POLICY)


def test_what_was_tried_again_already_is_not_multiplied() -> None:
    error = ConnectionFailed("x")
    error.attempts = 4
    assert not may_retry(error, 1, POLICY)


@pytest.mark.parametrize(
    ("error", "attempt", "roll", "seconds"),
    [
        (ServerUnavailable("x"), 1, 0.0, 1.0),
        (ServerUnavailable("x"), 3, 0.0, 4.0),
        (ServerUnavailable("x"), 3, 1.0, 6.0),
        (ServerUnavailable("x"), 9, 0.0, 8.0),
        (Throttled("x"), 1, 0.0, 60.0),
        (Throttled("x", retry_after=5.0), 1, 0.0, 5.0),
        (ServerUnavailable("x", retry_after=7.0), 2, 0.5, 7.5),
        (ServerUnavailable("x", retry_after=0.0), 2, 0.0, 2.0),
        (Throttled("x", retry_after=0.0), 1, 0.0, 60.0),
        (Throttled("x", retry_after=86_400.0), 1, 0.0, 900.0),
    ],
)
def test_waits(error: QuickBooksError, attempt: int, roll: float, seconds: float) -> None:
    assert wait_before_next(error, attempt, POLICY, roll) == seconds


def failing(*errors: Exception):
    left = list(errors)

    def send(attempt: int) -> int:
        if left:
            raise left.pop(0)
        return attempt

    return send


def test_it_waits_longer_each_time_and_returns_what_comes() -> None:
    waits: list[float] = []
    send = failing(ServerUnavailable("a"), ConnectionFailed("b"), ServerUnavailable("c"))
    assert with_retries(send, POLICY, sleep=waits.append) == 4
    assert len(waits) == 3
    assert all(base <= wait <= 1.5 * base for base, wait in zip((1, 2, 4), waits, strict=True))


def test_the_last_error_says_how_often_it_was_tried() -> None:
    errors = [ServerUnavailable("down") for _ in range(9)]
    with pytest.raises(ServerUnavailable, match="tried 5 times") as caught:
        with_retries(failing(*errors), POLICY, sleep=lambda _: None)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_final_error_is_raised_at_once() -> None:
    waits: list[float] = []
    with pytest.raises(QueryRejected):
        with_retries(failing(QueryRejected("x")), POLICY, sleep=waits.append)
    assert waits == []


def test_no_wait_goes_past_the_deadline() -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=5, throttle_pause=60.0, deadline=30.0)
    with pytest.raises(Throttled):
        with_retries(failing(Throttled("x")), policy, sleep=waits.append)
    assert waits == []
