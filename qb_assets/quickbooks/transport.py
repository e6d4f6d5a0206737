"""Sends the calls of one company: throttle, token, request, fault, retry, log line, counters."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Generic, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.faults import (
    ConnectionFailed,
    NotAuthorised,
    QuickBooksError,
    Throttled,
    TokenExpired,
)
from qb_assets.quickbooks.retry import RetryPolicy, with_retries
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.throttle import Throttle
from qb_assets.quickbooks.tokens import Token
from qb_assets.quickbooks.verdict import Answer, verdict

MINOR_VERSION = "75"
"""Intuit, "Minor versions": 75 is the oldest that is still answered."""

_CHUNK = 1 << 16

log = logging.getLogger("qb_assets.quickbooks")
T = TypeVar("T")


def _one(_value: object) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: what to send, and how to read the answer's body.

    `kind` and `entity` name it in logs and counters. `read` raises BadAnswer for a body that is
    not what was asked for; `rows` counts what it read.
    """

    kind: str
    entity: str
    path: str
    read: Callable[[bytes], T] = field(repr=False)
    rows: Callable[[T], int] = field(default=_one, repr=False)
    params: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"


@dataclass(slots=True)
class Usage:
    """What was sent, by (kind, entity).

    `metered` are the answers with HTTP 2xx, which Intuit counts as calls of the plan since
    November 2025; `sent` are all requests.
    """

    sent: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    metered: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, call: Call[T], http_status: int | None) -> None:
        """Adds one request."""
        with self._guard:
            self.sent[call.kind, call.entity] += 1
            if http_status is not None and 200 <= http_status < 300:
                self.metered[call.kind, call.entity] += 1

    def metered_so_far(self) -> Counter[tuple[str, str]]:
        """A copy of `metered` as it is now."""
        with self._guard:
            return self.metered.copy()


class _Bearer(AuthBase):
    """Sets the header itself: with an `auth` given, requests leaves ~/.netrc alone."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token.access}"
        return r


class Transport:
    """Sends the calls of one company, from any number of threads."""

    def __init__(self, settings: Settings, custody: Custody, throttle: Throttle, realm: str):
        self.usage = Usage()
        self._settings = settings
        self._custody = custody
        self._throttle = throttle
        self._realm = realm
        self._policy = RetryPolicy(
            attempts=settings.attempts,
            first_wait=settings.first_wait,
            throttle_pause=settings.throttle_pause,
            deadline=settings.deadline,
        )
        self._session = _session(settings)

    def send(self, call: Call[T]) -> T:
        """What the call brings. Raises a QuickBooksError, after the tries that make sense."""
        give_up = time.monotonic() + self._settings.deadline

        def attempt(number: int) -> T:
            return self._authorised(call, number, give_up)

        return with_retries(attempt, self._policy)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def _authorised(self, call: Call[T], attempt: int, give_up: float) -> T:
        token = self._custody.current()
        outcome = self._once(call, token, attempt, give_up)
        if isinstance(outcome, TokenExpired):
            token = self._custody.renew(token)
            outcome = self._once(call, token, attempt, give_up)
        if isinstance(outcome, TokenExpired):
            raise NotAuthorised(
                "QuickBooks does not take a token that was refreshed just now",
                company=self._realm,
                entity=call.entity,
                code=outcome.code,
                http_status=outcome.http_status,
                intuit_tid=outcome.intuit_tid,
            )
        if isinstance(outcome, QuickBooksError):
            raise outcome
        self._custody.worked(token)
        return outcome

    def _once(
        self, call: Call[T], token: Token, attempt: int, give_up: float
    ) -> T | QuickBooksError:
        """One request in its slot of the throttle; logged and counted whatever comes."""
        with self._throttle.slot(timeout=give_up - time.monotonic()):
            begun = time.monotonic()
            answer = self._request(call, token, give_up)
            outcome = answer if isinstance(answer, QuickBooksError) else self._read(call, answer)
            if isinstance(outcome, Throttled):
                # Still in the slot, so that no other call slips out before the pause.
                self._throttle.pause(outcome.retry_after or self._settings.throttle_pause)
        failed = isinstance(answer, QuickBooksError)
        self.usage.count(call, None if failed else answer.http_status)
        log.info(
            "call company=%s entity=%s kind=%s status=%s rows=%s bytes=%s ms=%.0f attempt=%s "
            "intuit_tid=%s%s",
            self._realm,
            call.entity,
            call.kind,
            "-" if failed else answer.http_status,
            0 if isinstance(outcome, QuickBooksError) else call.rows(outcome),
            0 if failed else len(answer.body),
            (time.monotonic() - begun) * 1000,
            attempt,
            "-" if failed else answer.intuit_tid or "-",
            f" error={type(outcome).__name__}" if isinstance(outcome, QuickBooksError) else "",
        )
        return outcome

    def _read(self, call: Call[T], answer: Answer) -> T | QuickBooksError:
        error = verdict(answer, company=self._realm, entity=call.entity)
        if error is not None:
            return error
        try:
            return call.read(answer.body)
        except QuickBooksError as found:
            found.company = found.company or self._realm
            found.entity = found.entity or call.entity
            found.http_status = found.http_status or answer.http_status
            found.intuit_tid = found.intuit_tid or answer.intuit_tid
            return found

    def _request(self, call: Call[T], token: Token, give_up: float) -> Answer | ConnectionFailed:
        begun = time.monotonic()
        allowed = max(1.0, min(self._settings.timeout, give_up - begun))
        headers = {"Content-Type": call.content_type} if call.body is not None else {}
        try:
            with self._session.request(
                "GET" if call.body is None else "POST",
                f"{self._settings.base_url}/v3/company/{self._realm}/{call.path}",
                params={**call.params, "minorversion": MINOR_VERSION},
                data=call.body,
                headers=headers,
                auth=_Bearer(token),
                timeout=(min(self._settings.connect_timeout, allowed), allowed),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response, begun + allowed)
                if body is not None:
                    return Answer(response.status_code, response.headers, body)
                what = f"no whole answer came in {allowed:.0f} s"
        except requests.Timeout:
            what = f"no answer came in {allowed:.0f} s"
        except (requests.ConnectionError, requests.exceptions.InvalidURL):
            what = f"{_host(self._settings.base_url)} cannot be reached, or closed the connection"
        except (requests.RequestException, HTTPError) as error:
            what = f"the answer broke off ({type(error).__name__})"
        return ConnectionFailed(what, company=self._realm, entity=call.entity)


def _body(response: requests.Response, give_up: float) -> bytes | None:
    """The unpacked body, or None where it takes too long; a trickle must not hold a call."""
    parts: list[bytes] = []
    while part := response.raw.read1(_CHUNK, decode_content=True):
        parts.append(part)
        if time.monotonic() > give_up:
            return None
    return b"".join(parts)


def _session(settings: Settings) -> requests.Session:
    session = requests.Session()
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=settings.max_in_flight, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
