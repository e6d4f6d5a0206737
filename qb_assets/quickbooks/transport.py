"""Sends the calls of one company: throttle, budget, token, request, fault, retry, log, figures."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from qb_assets.quickbooks.budget import Budget
from qb_assets.quickbooks.call_log import CallLine
from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.faults import (
    ConnectionFailed,
    NotAuthorised,
    QuickBooksError,
    ReportTooSlow,
    Throttled,
    TokenExpired,
    TooSlow,
    Unreachable,
)
from qb_assets.quickbooks.retry import RetryPolicy, asked_wait, with_retries
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.throttle import Throttle
from qb_assets.quickbooks.tokens import Token
from qb_assets.quickbooks.usage import Figures, Usage
from qb_assets.quickbooks.verdict import Answer, verdict
from qb_assets.quickbooks.wire import Wire

log = logging.getLogger("qb_assets.quickbooks")
T = TypeVar("T")

_JSON = "application/json"
_TEXT = "text/plain, application/json"  # faults come as JSON then
_TIMED_OUT = (408, 504)


def _one(_value: object) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: what to send, and how to read the answer's body.

    `kind` and `entity` name it in logs and counters. `read` raises BadAnswer for a body that is
    not what was asked for; `rows` counts what it read. `text` says that the answer is plain text,
    where all others are JSON. Of what is `divisible` an answer that takes too long is not waited
    for again, as less of it can be asked for: it is a ReportTooSlow.
    """

    kind: str
    entity: str
    path: str
    read: Callable[[bytes], T] = field(repr=False)
    rows: Callable[[T], int] = field(default=_one, repr=False)
    params: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    text: bool = False
    divisible: bool = False


@dataclass(slots=True)
class _Try:
    """One sending of a call: when it must end, which one it is, and how long it waited."""

    give_up: float
    attempt: int
    again: bool
    waited: float = 0.0


class Transport:
    """Sends the calls of one company, from any number of threads."""

    def __init__(
        self,
        settings: Settings,
        custody: Custody,
        throttle: Throttle,
        budget: Budget,
        realm: str,
    ) -> None:
        self.usage = Usage()
        self._settings = settings
        self._custody = custody
        self._throttle = throttle
        self._budget = budget
        self._realm = realm
        self._policy = RetryPolicy(
            attempts=settings.attempts,
            first_wait=settings.first_wait,
            throttle_pause=settings.throttle_pause,
            deadline=settings.deadline,
        )
        self._wire = Wire(settings, realm)

    def send(self, call: Call[T]) -> T:
        """What the call brings. Raises a QuickBooksError, after the tries that make sense."""
        give_up = time.monotonic() + self._settings.deadline

        def attempt(number: int) -> T:
            return self._authorised(call, number, give_up)

        failure: QuickBooksError
        try:
            return with_retries(attempt, self._policy)
        except QuickBooksError as error:
            failure = self._placed(error, call)
        raise failure

    def close(self) -> None:
        """Closes the connections."""
        self._wire.close()

    def _authorised(self, call: Call[T], attempt: int, give_up: float) -> T:
        token = self._custody.current()
        outcome = self._once(call, token, _Try(give_up, attempt, again=attempt > 1))
        if isinstance(outcome, TokenExpired):
            token = self._custody.renew(token)
            outcome = self._once(call, token, _Try(give_up, attempt, again=True))
        if isinstance(outcome, TokenExpired):
            raise NotAuthorised(
                "QuickBooks does not take a token that was refreshed just now",
                code=outcome.code,
                http_status=outcome.http_status,
                intuit_tid=outcome.intuit_tid,
            )
        if isinstance(outcome, QuickBooksError):
            raise outcome
        self._custody.worked(token)
        return outcome

    def _once(self, call: Call[T], token: Token, this: _Try) -> T | QuickBooksError:
        """One request in its slot of the throttle; logged and counted whatever comes."""
        asked = time.monotonic()
        batch = call.kind == "batch"
        with self._throttle.slot(timeout=this.give_up - asked, batch=batch):
            this.waited = time.monotonic() - asked
            reservation = self._budget.reserve(call.kind, call.entity)
            begun = time.monotonic()
            answer = self._request(call, token, this.give_up)
            outcome = answer if isinstance(answer, QuickBooksError) else self._read(call, answer)
            seconds = time.monotonic() - begun
            if call.divisible and isinstance(outcome, QuickBooksError):
                outcome = _less_of_it(outcome)
            if isinstance(outcome, Throttled):
                # Still in the slot, so that no other call slips out before the pause.
                self._hold_back(outcome)
            if answer.http_status is not None or isinstance(answer, Unreachable):
                reservation.settle(metered=_metered(answer))
        self._record(call, answer, outcome, seconds, this)
        return outcome

    def _hold_back(self, refusal: Throttled) -> None:
        seconds = asked_wait(refusal, self._policy)
        self._throttle.pause(seconds)
        log.warning(
            "throttled company=%s pause_s=%.0f: no call of any process begins before",
            self._realm,
            seconds,
            extra={"company": self._realm, "pause_s": seconds},
        )

    def _request(self, call: Call[T], token: Token, give_up: float) -> Answer | ConnectionFailed:
        try:
            return self._wire.ask(
                call.path,
                call.params,
                token,
                body=call.body,
                content_type=call.content_type,
                accept=_TEXT if call.text else _JSON,
                seconds=max(1.0, min(self._settings.timeout, give_up - time.monotonic())),
            )
        except ConnectionFailed as error:
            return error

    def _read(self, call: Call[T], answer: Answer) -> T | QuickBooksError:
        error = verdict(answer, company=self._realm, entity=call.entity, text=call.text)
        if error is not None:
            return error
        try:
            return call.read(answer.body)
        except QuickBooksError as found:
            found.http_status = found.http_status or answer.http_status
            found.intuit_tid = found.intuit_tid or answer.intuit_tid
            return found

    def _placed(self, error: QuickBooksError, call: Call[T]) -> QuickBooksError:
        error.company = error.company or self._realm
        error.entity = error.entity or call.entity
        return error

    def _record(
        self,
        call: Call[T],
        answer: Answer | ConnectionFailed,
        outcome: T | QuickBooksError,
        seconds: float,
        this: _Try,
    ) -> None:
        failed = isinstance(outcome, QuickBooksError)
        error = type(outcome).__name__ if failed else None
        rows = 0 if failed else call.rows(outcome)
        size = len(answer.body) if isinstance(answer, Answer) else 0
        figures = Figures(
            sent=1,
            metered=int(_metered(answer)),
            retried=int(this.again),
            rows=rows,
            bytes=size,
            seconds=seconds,
            waited=this.waited,
            errors={error: 1} if error else {},
        )
        self.usage.add(call.kind, call.entity, figures)
        CallLine(
            company=self._realm,
            entity=call.entity,
            kind=call.kind,
            status=answer.http_status,
            rows=rows,
            bytes=size,
            ms=round(seconds * 1000),
            waited_ms=round(this.waited * 1000),
            attempt=this.attempt,
            intuit_tid=answer.intuit_tid,
            error=error,
        ).write()


def _metered(answer: Answer | ConnectionFailed) -> bool:
    """Intuit meters what it answers with HTTP 2xx, even where the answer broke off on its way."""
    return answer.http_status is not None and 200 <= answer.http_status < 300


def _less_of_it(error: QuickBooksError) -> QuickBooksError:
    """The error, or that less should be asked for where it tells of too long a wait."""
    if not isinstance(error, TooSlow) and error.http_status not in _TIMED_OUT:
        return error
    return ReportTooSlow(
        error.message,
        code=error.code,
        http_status=error.http_status,
        intuit_tid=error.intuit_tid,
    )
