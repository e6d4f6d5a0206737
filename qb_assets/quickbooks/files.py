"""Fetches the files of attachments: an address from the API, and the bytes from where it leads.

Intuit, "Download attachments": `download/{id}` answers an address that is good for 15 minutes. It
leads to another host, which is sent no token. Intuit meters the call for the address alone; its
limits are those of the API, so the file itself takes no place in the throttle.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from qb_assets.quickbooks.call_log import CallLine
from qb_assets.quickbooks.calls import download_call
from qb_assets.quickbooks.faults import (
    ConnectionFailed,
    LinkExpired,
    LinkNotTrusted,
    NotFound,
    QuickBooksError,
    RequestRefused,
    ServerUnavailable,
)
from qb_assets.quickbooks.links import check_link
from qb_assets.quickbooks.patience import Patience, PatientAdapter
from qb_assets.quickbooks.retry import RetryPolicy, with_retries
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.transport import Transport
from qb_assets.quickbooks.usage import Figures
from qb_assets.quickbooks.verdict import retry_after

ENTITY = "Attachable"
KIND = "file"

_CHUNK = 1 << 16
_REACH = "Check the network to the host of the files, then run it again."

_this_thread = threading.local()


class Sink(Protocol):
    """Takes a file in. What either method raises ends the download, and is raised."""

    def begin(self, content_type: str, length: int | None) -> None:
        """A body begins, of so many bytes (None: not told); whatever came before is void."""
        ...

    def write(self, piece: bytes) -> None:
        """The next bytes of the body."""
        ...

    def end(self) -> None:
        """The body is whole, as far as HTTP can tell. A QuickBooksError may be tried again."""
        ...


class FileHost:
    """Downloads files of one company, from any number of threads.

    `seconds` are for one file's body, whatever the server does.
    """

    def __init__(
        self, settings: Settings, transport: Transport, realm: str, *, seconds: float
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._realm = realm
        self._seconds = seconds
        self._policy = RetryPolicy(
            attempts=settings.attempts,
            first_wait=settings.first_wait,
            throttle_pause=settings.throttle_pause,
            deadline=settings.deadline,
        )
        self._session = requests.Session()
        # Packed bodies could be of any size unpacked, and lengths would not be the file's.
        self._session.headers.update({"Accept": "*/*", "Accept-Encoding": "identity"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = PatientAdapter(pool_maxsize=settings.max_in_flight, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def download(self, identity: str, sink: Sink) -> None:
        """Brings the file of an attachment into the sink, tried again as any call is.

        Each try asks for an address of its own: one that had waited might have ended. Raises a
        QuickBooksError, and what the sink raises.
        """
        give_up = time.monotonic() + self._settings.deadline

        def attempt(number: int) -> None:
            link = self._transport.send(download_call(identity))
            check_link(link, self._settings)
            self._fetch(link, sink, number, give_up)

        failure: QuickBooksError
        try:
            return with_retries(attempt, self._policy)
        except QuickBooksError as error:
            error.company = error.company or self._realm
            error.entity = error.entity or ENTITY
            failure = error
        raise failure

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def _fetch(self, link: str, sink: Sink, attempt: int, give_up: float) -> None:
        """One request for the file, logged and counted whatever comes of it."""
        counted = _Counted(sink)
        begun = time.monotonic()
        error: str | None = None
        failure: QuickBooksError
        try:
            seconds = max(1.0, min(self._seconds, give_up - begun))
            return self._ask(link, counted, seconds)
        except QuickBooksError as found:
            error, failure = type(found).__name__, found
        except Exception as found:
            error = type(found).__name__
            raise
        finally:
            self._record(counted, attempt, time.monotonic() - begun, error)
        # Outside of the handler: what requests and urllib3 raised names the address.
        raise failure

    def _ask(self, link: str, sink: _Counted, seconds: float) -> None:
        failure: QuickBooksError | None = None
        with Patience(seconds) as patience, _unlogged():
            try:
                with self._session.get(
                    link,
                    auth=_Nobody(),
                    timeout=(min(self._settings.connect_timeout, seconds), seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    sink.status = response.status_code
                    failure = _refusal(response.status_code, response.headers)
                    if failure is None:
                        sink.begin(*_head(response.headers))
                        while piece := response.raw.read1(_CHUNK, decode_content=True):
                            sink.write(piece)
            except (requests.RequestException, HTTPError) as error:
                failure = _broken(f"the file broke off ({type(error).__name__})")
        if patience.ended:  # a socket that is shut down looks like the end of a body
            failure = _broken(f"the file was not whole in {seconds:.0f} s")
        if failure is None:
            return sink.end()
        failure.http_status = failure.http_status or sink.status
        raise failure

    def _record(self, counted: _Counted, attempt: int, seconds: float, error: str | None) -> None:
        figures = Figures(
            sent=1,
            retried=int(attempt > 1),
            bytes=counted.bytes,
            seconds=seconds,
            errors={error: 1} if error else {},
        )
        self._transport.usage.add(KIND, ENTITY, figures)
        CallLine(
            company=self._realm,
            entity=ENTITY,
            kind=KIND,
            status=counted.status,
            rows=0 if error else 1,
            bytes=counted.bytes,
            ms=round(seconds * 1000),
            waited_ms=0,
            attempt=attempt,
            intuit_tid=None,
            error=error,
        ).write()


class _Counted:
    """A sink that counts, for the log."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.status: int | None = None
        self.bytes = 0

    def begin(self, content_type: str, length: int | None) -> None:
        self._sink.begin(content_type, length)

    def write(self, piece: bytes) -> None:
        self.bytes += len(piece)
        self._sink.write(piece)

    def end(self) -> None:
        self._sink.end()


class _Nobody(AuthBase):
    """Sends nothing: without an `auth`, requests would look for the host in ~/.netrc."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers.pop("Authorization", None)
        return r


def _head(headers: Mapping[str, str]) -> tuple[str, int | None]:
    """The content type without its parameters, and the length of the file where it is told."""
    length = headers.get("Content-Length", "").strip()
    known = length.isascii() and length.isdigit() and not headers.get("Content-Encoding")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind, int(length) if known else None


def _broken(words: str) -> ConnectionFailed:
    return ConnectionFailed(words, what_to_do=_REACH)


@contextmanager
def _unlogged() -> Generator[None]:
    """Keeps urllib3 from logging the address for debugging: who has it, has the file."""
    _this_thread.fetches = True
    try:
        yield
    finally:
        _this_thread.fetches = False


def _may_log(_record: logging.LogRecord) -> bool:
    return not getattr(_this_thread, "fetches", False)


for _name in ("connection", "connectionpool", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_may_log)


def _refusal(status: int, headers: Mapping[str, str]) -> QuickBooksError | None:
    """What a status of the files' host means, None for the file."""
    if status == 200:
        return None
    if status in (401, 403):  # S3 says 403 of an address that ended, Intuit's own store 401
        return LinkExpired("the host of the files does not take the address", http_status=status)
    if status in (404, 410):
        return NotFound("the host of the files has no such file", http_status=status)
    if 300 <= status < 400:
        return LinkNotTrusted("the address of the file leads on to another", http_status=status)
    if status in (408, 429) or status >= 500:
        return ServerUnavailable(
            "the host of the files has trouble of its own",
            http_status=status,
            retry_after=retry_after(headers),
        )
    return RequestRefused("the host of the files refused the request", http_status=status)
