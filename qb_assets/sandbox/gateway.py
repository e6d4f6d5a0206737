"""What stands before the API: accounting of every call, tokens, limits and the answer's form.

Both classes are plain ASGI middleware. A layer that spoils answers on purpose belongs between
them: it is counted like any other call, and sees whole answers leave.
"""

from __future__ import annotations

import asyncio
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import GatewayError, not_authorized, token_fault
from .state import Sandbox
from .stats import kind_of

_API = "/v3/company/"
_NOT_JSON = "Only application/json is served here: send Accept: application/json"


class Accounting:
    """Counts every call but those to /admin, and gives every answer its `intuit_tid`."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._stats = sandbox.stats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["path"].startswith("/admin"):
            await self._app(scope, receive, send)
            return
        kind, status = kind_of(scope["path"]), 0

        async def send_with_tid(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                tid = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
                MutableHeaders(scope=message)["intuit_tid"] = tid
            await send(message)

        self._stats.began(kind)
        try:
            await self._app(scope, receive, send_with_tid)
        finally:
            self._stats.ended(kind, status)


class Gateway:
    """Lets a call to the API through when its token, its realm and the limits allow it."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._authorize(scope["path"], headers)
            self._sandbox.limits.enter(batch=kind_of(scope["path"]) == "batch")
        except GatewayError as error:
            await self._refuse(error, headers)(scope, receive, send)
            return
        try:
            if self._sandbox.latency:
                await asyncio.sleep(self._sandbox.latency)
            app = self._app if accepts_json(headers) else _not_acceptable(self._sandbox)
            await app(scope, receive, send)
        finally:
            self._sandbox.limits.leave()

    def _authorize(self, path: str, headers: Headers) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise token_fault("Missing bearer token")
        self._sandbox.tokens.check(token.strip())
        if path.removeprefix(_API).partition("/")[0] != self._sandbox.books.realm_id:
            raise not_authorized()

    def _refuse(self, error: GatewayError, headers: Headers) -> Response:
        clock = self._sandbox.clock
        as_json = accepts_json(headers)
        if error.status == 429:
            as_json = self._sandbox.settings.throttle_body == "json"
        if as_json:
            body = error.json(int(clock.seconds() * 1000))
            return Response(body, error.status, media_type="application/json")
        body = error.xml(clock.answer_time())
        return Response(body, error.status, media_type="application/xml")


def accepts_json(headers: Headers) -> bool:
    """Whether an answer may be JSON: QuickBooks answers XML to whoever does not ask for it."""
    return "application/json" in headers.get("accept", "").lower()


def _not_acceptable(sandbox: Sandbox) -> Response:
    error = GatewayError(406, "0406", "NotAcceptable", _NOT_JSON, "SERVICE")
    body = error.xml(sandbox.clock.answer_time())
    return Response(body, error.status, media_type="application/xml")
