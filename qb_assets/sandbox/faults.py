"""QuickBooks' errors: the API layer's `Fault` and the gateway's lower-case `fault`.

Shapes and texts as seen in recorded answers of the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import msgspec

VALIDATION = "ValidationFault"
SYSTEM = "SystemFault"


@dataclass(eq=False)
class QuickBooksError(Exception):
    """An error the API layer answers with: `status` is the HTTP status, `code` Intuit's."""

    code: str
    message: str
    detail: str
    status: int = 400
    type: str = VALIDATION
    element: str | None = None

    def fragment(self) -> bytes:
        """The `Fault` object, as it stands in an answer or in one item of a batch."""
        error = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return msgspec.json.encode({"Error": [error], "type": self.type})

    def json(self, time: str) -> bytes:
        """The body of a JSON answer."""
        return b'{"Fault":%b,"time":"%b"}' % (self.fragment(), time.encode())

    def xml(self, time: str) -> bytes:
        """The body of an XML answer."""
        return _xml(self.type, self.code, self.message, self.detail, time)


@dataclass(eq=False)
class GatewayError(Exception):
    """An error of the gateway before the API: token, authorization, throttle or outage.

    `retry_after` is the wait in seconds which its answer asks for, if it does.
    """

    status: int
    code: str
    name: str
    detail: str | None
    type: str
    retry_after: float | None = None

    @property
    def message(self) -> str:
        """The gateway's message, in its `key=value; …` form."""
        return f"message={self.name}; errorCode=00{self.code}; statusCode={self.status}"

    def json(self, milliseconds: int) -> bytes:
        """The body in the gateway's lower-case shape; its time is in milliseconds since 1970."""
        error = {
            "message": self.message,
            "detail": self.detail,
            "code": self.code,
            "element": None,
        }
        nothing = dict.fromkeys(("report", "queryResponse", "batchItemResponse"))
        nothing |= {"attachableResponse": [], "syncErrorResponse": None}
        body = {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": self.type},
            **nothing,
            "requestId": None,
            "time": milliseconds,
            "status": None,
            "cdcresponse": [],
        }
        return msgspec.json.encode(body)

    def xml(self, time: str) -> bytes:
        """The body of an XML answer."""
        return _xml(self.type, self.code, self.message, self.detail, time)


def _xml(type_: str, code: str, message: str, detail: str | None, time: str) -> bytes:
    details = "" if detail is None else f"<Detail>{escape(detail)}</Detail>"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time={quoteattr(time)} xmlns="http://schema.intuit.com/finance/v3">'
        f"<Fault type={quoteattr(type_)}><Error code={quoteattr(code)}>"
        f"<Message>{escape(message)}</Message>{details}</Error></Fault></IntuitResponse>"
    ).encode()


def parser_error(detail: str) -> QuickBooksError:
    """A statement that is not in the grammar."""
    return QuickBooksError("4000", "Error parsing query", f"QueryParserError: {detail}")


def unexpected(found: str, column: int, expected: Sequence[str]) -> QuickBooksError:
    """A token that cannot stand where it stands; `column` counts from 1."""
    wanted = "".join(f"\n    {name} ..." for name in expected)
    return parser_error(
        f'Encountered " {found} " at line 1, column {column}.\nWas expecting one of:{wanted}\n    '
    )


def validation_error(detail: str) -> QuickBooksError:
    """A statement in the grammar which asks for what there is not."""
    return QuickBooksError("4001", "Invalid query", f"QueryValidationError: {detail}")


def not_found() -> QuickBooksError:
    """No object has the Id (HTTP 400, not 404)."""
    detail = (
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees."
    )
    return QuickBooksError("610", "Object Not Found", detail, element="")


def unsupported(what: str) -> QuickBooksError:
    """An operation or entity that the endpoint does not have."""
    return QuickBooksError("500", "Unsupported Operation", f"Operation {what} is not supported.")


def token_fault(detail: str) -> GatewayError:
    """A missing, unknown or expired access token."""
    return GatewayError(401, "3200", "AuthenticationFailed", detail, "AUTHENTICATION")


def not_authorized() -> GatewayError:
    """A good token that is not this realm's."""
    name = "ApplicationAuthorizationFailed"
    detail = "Application Authorization Failed for the company"
    return GatewayError(403, "3100", name, detail, "AUTHORIZATION")


def throttled(limit: str, retry_after: float | None = None, status: int = 429) -> GatewayError:
    """Too many calls, per minute or at once; older answers have the status 403."""
    detail = f"The request limit was reached: {limit}"
    return GatewayError(status, "3001", "ThrottleExceeded", detail, "SERVICE", retry_after)


def system_failure(status: int = 500) -> QuickBooksError:
    """A failure while the answer was made (seen with the statuses 500, 400 and 200)."""
    message = "An application error has occurred while processing your request"
    detail = "System Failure Error: java.lang.NullPointerException"
    return QuickBooksError("10000", message, detail, status, SYSTEM)
