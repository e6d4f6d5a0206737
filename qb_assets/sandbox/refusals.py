"""Errors as HTTP answers, in the form of the layer that makes them."""

from __future__ import annotations

from starlette.responses import Response

from .clock import Clock
from .faults import GatewayError, QuickBooksError


def refusal(
    error: QuickBooksError | GatewayError, clock: Clock, *, as_json: bool = True
) -> Response:
    """The answer that tells of an error: JSON in its layer's shape, or XML."""
    headers: dict[str, str] = {}
    if isinstance(error, GatewayError) and error.retry_after is not None:
        headers["Retry-After"] = f"{error.retry_after:g}"
    if not as_json:
        body = error.xml(clock.answer_time())
        return Response(body, error.status, headers, media_type="application/xml")
    if isinstance(error, GatewayError):
        body = error.json(int(clock.seconds() * 1000))
    else:
        body = error.json(clock.answer_time())
    return Response(body, error.status, headers, media_type="application/json")
