"""What an answer means: nothing wrong, or one of the typed errors of `faults`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import msgspec

from qb_assets.quickbooks.fault_shapes import Fault, fault_in, is_web_page, plain
from qb_assets.quickbooks.faults import (
    BadAnswer,
    BadRecord,
    CompanyLapsed,
    FeatureUnavailable,
    NotAuthorised,
    NotFound,
    QueryRejected,
    QuickBooksError,
    ReconnectNeeded,
    RequestRefused,
    ServerUnavailable,
    Throttled,
    TokenExpired,
    UnknownCompany,
    WrongCredentials,
)

_TID = re.compile(r"[\w.-]{1,80}")

_BY_CODE: Mapping[str, tuple[type[QuickBooksError], str]] = {
    "3001": (Throttled, "too many calls"),
    "3200": (TokenExpired, "QuickBooks does not take the access token"),
    "3100": (UnknownCompany, "these keys have no connection to this company"),
    "120": (NotAuthorised, "the connection is not authorised for this"),
    "5020": (NotAuthorised, "the person who connected has no permission for this"),
    "5030": (FeatureUnavailable, "the company does not have this feature"),
    "500": (FeatureUnavailable, "the company's API does not offer this"),
    "130": (ServerUnavailable, "the company is being moved"),
    "140": (ServerUnavailable, "the company is locked"),
    "150": (ServerUnavailable, "the company is in maintenance"),
    "4000": (QueryRejected, "the query was not understood"),
    "4001": (QueryRejected, "the query is not valid"),
    "4002": (QueryRejected, "the query cannot be processed"),
    "610": (NotFound, "there is no such object"),
    "6190": (CompanyLapsed, "the company's subscription has ended"),
    "10000": (BadRecord, "QuickBooks failed while making the answer"),
    "invalid_grant": (ReconnectNeeded, "the refresh token is no longer valid"),
    "invalid_client": (WrongCredentials, "Intuit does not know the app's client id and secret"),
}

_ALSO_IN_TROUBLE = frozenset({"3100", "120", "500", "5020", "5030", "610"})

_BY_STATUS: Mapping[int, tuple[type[QuickBooksError], str]] = {
    401: (TokenExpired, "QuickBooks does not take the access token"),
    403: (NotAuthorised, "QuickBooks forbids this"),
    408: (ServerUnavailable, "QuickBooks took too long"),
    429: (Throttled, "too many calls"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer with its whole body, unpacked."""

    http_status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def intuit_tid(self) -> str | None:
        """Intuit's correlation id, which their support asks for."""
        found = _TID.fullmatch(self.headers.get("intuit_tid", "").strip())
        return found.group() if found else None


def verdict(
    answer: Answer, *, company: str | None, entity: str | None, text: bool = False
) -> QuickBooksError | None:
    """The error that an answer means, or None where it is good.

    A good answer is whole JSON with HTTP 2xx and no fault in it, or is plain `text`.
    """
    succeeded = 200 <= answer.http_status < 300
    try:
        fault = fault_in(answer.body)
    except msgspec.MsgspecError:
        fault = None
        if succeeded and not text:
            return _error(BadAnswer, "the answer is cut short or not JSON", answer, company, entity)
    if fault is not None:
        return fault_error(fault, answer, company=company, entity=entity)
    if succeeded and answer.body.lstrip()[:1] != b"<":
        return None
    what = "a web page" if is_web_page(answer.body) else "an answer that says nothing"
    if succeeded:
        return _error(BadAnswer, f"{what} came instead of JSON", answer, company, entity)
    return fault_error(Fault("", what, "", ""), answer, company=company, entity=entity)


def fault_error(
    fault: Fault, answer: Answer | None, *, company: str | None, entity: str | None
) -> QuickBooksError:
    """The typed error of a fault: by its code, then by the HTTP status, then by its type.

    `answer` is None for the fault of one item of a batch that was answered well.
    """
    kind, words = _kind(fault, answer.http_status if answer else 200)
    said = ""
    if kind is QueryRejected:
        said = plain(fault.detail or fault.message)
    elif kind is RequestRefused:
        said = plain(fault.message)  # the detail may hold names of the company's customers
    if said:
        words = f"{words}: {said.rstrip('.')}"
    return _error(kind, words, answer, company, entity, code=fault.code or None)


def _kind(fault: Fault, http_status: int) -> tuple[type[QuickBooksError], str]:
    if http_status == 429 or "ThrottleExceeded" in f"{fault.message} {fault.detail}":
        return Throttled, "too many calls"
    if "invalid context declaration" in fault.detail:  # how a query of an unknown entity fails
        return FeatureUnavailable, "the company's API does not offer this"
    # In trouble of its own QuickBooks also sends codes that mean other things (seen: 3100 and 120
    # with HTTP 500, 500 in a SystemFault). At their word they would end a good connection, or
    # leave an entity out.
    troubled = http_status >= 500 or fault.type.lower() in ("systemfault", "service")
    if fault.code in _BY_CODE and not (troubled and fault.code in _ALSO_IN_TROUBLE):
        return _BY_CODE[fault.code]
    if http_status in _BY_STATUS:
        return _BY_STATUS[http_status]
    if troubled:
        return ServerUnavailable, "QuickBooks has trouble of its own"
    return RequestRefused, "QuickBooks refused the request"


def _error(
    kind: type[QuickBooksError],
    words: str,
    answer: Answer | None,
    company: str | None,
    entity: str | None,
    *,
    code: str | None = None,
) -> QuickBooksError:
    return kind(
        words,
        company=company,
        entity=entity,
        code=plain(code) if code else None,
        http_status=answer.http_status if answer else None,
        intuit_tid=answer.intuit_tid if answer else None,
        retry_after=retry_after(answer.headers) if answer else None,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header, which is a number or an HTTP date.

    A date is taken against the answer's own, as this machine's clock may be wrong.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until = _date(text)
    if until is None:
        return None
    since = _date(headers.get("Date", "")) or datetime.now(timezone.utc)
    return max(0.0, (until - since).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
