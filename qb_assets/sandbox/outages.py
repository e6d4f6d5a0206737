"""The answers that come when QuickBooks or the gateway before it is in trouble."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response

from .call import Answer, Call
from .faults import SYSTEM, GatewayError, QuickBooksError, system_failure
from .refusals import refusal

STATUSES = (500, 502, 503, 504)

# Those at 500 and 504 as seen; the codes at 502 and 503, seen as pages only, stand in for theirs.
_GATEWAY = {
    500: ("3100", "InternalServerError"),
    502: ("6001", "BadGateway"),
    503: ("6003", "ServiceUnavailable"),
    504: ("6002", "Timeout occurred while proxying request"),
}
# The codes are documented, the words are not.
_API = {
    502: ("130", "Wrong Cluster", "The company is on another cluster"),
    503: ("150", "Maintenance", "The company is in maintenance"),
    504: ("140", "Company Locked", "The company is locked for the moment"),
}
# As nginx, which stands before the gateway, says it.
_PAGE = """<html>
<head><title>{title}</title></head>
<body>
<center><h1>{title}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""


def page(status: int) -> Response:
    """A web page instead of an answer."""
    return HTMLResponse(_PAGE.format(title=f"{status} {HTTPStatus(status).phrase}"), status)


def gateway_error(status: int) -> GatewayError:
    """The gateway's own error at a status of `STATUSES`."""
    code, name = _GATEWAY[status]
    return GatewayError(status, code, name, None, "SERVICE")


def api_error(status: int) -> QuickBooksError:
    """The API layer's error at a status of `STATUSES`: a failure, or an unavailable company."""
    if status not in _API:
        return system_failure(status)
    return QuickBooksError(*_API[status], status, SYSTEM)


def unavailable(status: int) -> QuickBooksError:
    """A company in maintenance, told with another status than its own 503."""
    return QuickBooksError(*_API[503], status, SYSTEM)


def unknown_authorization() -> QuickBooksError:
    """A failure of the API's own authorization, which passes (seen with HTTP 500)."""
    detail = "AuthorizationFailure: Unknown Error during Authentication, statusCode: 500"
    return QuickBooksError("120", "Authorization Failure", detail, 500, "AuthorizationFault")


def refused(call: Call, error: QuickBooksError | GatewayError, *, as_json: bool = True) -> Answer:
    """The answer that tells of an error."""
    return said(refusal(error, call.clock, as_json=as_json))


def said(response: Response) -> Answer:
    """A ready response as an answer."""
    headers = dict(Headers(raw=response.raw_headers))
    headers.pop("content-length", None)
    return Answer(response.status_code, headers, bytes(response.body))
