"""Which failed calls are sent again, when, and how often."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying

from qb_assets.quickbooks.faults import QuickBooksError, Throttled

LONGEST_WAIT = 900.0
"""Seconds; a server that asks for more is asked again after these."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long; times in seconds.

    `throttle_pause` is the wait after a 429 without Retry-After (Intuit: wait 60 s).
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    throttle_pause: float = 60.0
    deadline: float = 900.0


def wait_before_next(
    error: QuickBooksError, attempt: int, policy: RetryPolicy, roll: float
) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 1).

    What the server asked for, or the pause of a 429, or else twice the wait before; with up to
    half more by `roll` (from 0 to 1), so that callers do not come back all at once.
    """
    if isinstance(error, Throttled) or error.retry_after:
        base, spread = asked_wait(error, policy), policy.first_wait
    else:
        base = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait)
        spread = base / 2
    return base + spread * roll


def asked_wait(error: QuickBooksError, policy: RetryPolicy) -> float:
    """The wait in seconds that the server asked for, else the pause of a 429; 15 minutes at most.

    A 429 that asks for no time at all is held for one that asks for none in particular.
    """
    return min(error.retry_after or policy.throttle_pause, LONGEST_WAIT)


def may_retry(error: BaseException | None, attempt: int, policy: RetryPolicy) -> bool:
    """Whether a call that failed so may be sent again after attempt number `attempt` (from 1)."""
    if not isinstance(error, QuickBooksError) or not error.retryable:
        return False
    if error.attempts > 1:  # it has been tried again where it arose, as a refresh is
        return False
    return attempt < min(policy.attempts, error.tries or policy.attempts)


def with_retries(
    send: Callable[[int], T],
    policy: RetryPolicy,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What `send(attempt)` returns, sent again by the policy; attempts count from 1.

    Raises the last error, whose `attempts` says how often it was sent. No wait goes past the
    deadline: where it would, the error is raised at once.
    """

    def error_of(state: RetryCallState) -> BaseException | None:
        return state.outcome.exception() if state.outcome else None

    def retry(state: RetryCallState) -> bool:
        return may_retry(error_of(state), state.attempt_number, policy)

    def wait(state: RetryCallState) -> float:
        error = error_of(state)
        if not isinstance(error, QuickBooksError):
            return 0.0
        return wait_before_next(error, state.attempt_number, policy, roll())

    def stop(state: RetryCallState) -> bool:
        elapsed = state.seconds_since_start or 0.0
        return elapsed + state.upcoming_sleep > policy.deadline

    roll = secrets.SystemRandom().random
    attempt = 0
    failure: QuickBooksError
    try:
        for step in Retrying(retry=retry, wait=wait, stop=stop, sleep=sleep, reraise=True):
            with step:
                attempt = step.retry_state.attempt_number
                return send(attempt)
        raise AssertionError("tenacity ends with an answer or an error")
    except QuickBooksError as error:
        failure = error
    failure.attempts = max(failure.attempts, attempt)
    raise failure
