"""What stands before the API: accounting of every call, tokens, limits and the answer's form.

Both classes are plain ASGI middleware. A layer that spoils answers on purpose belongs between
them: it is counted like any other call, and sees whole answers leave.
"""

from __future__ import annotations

import asyncio
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import GatewayError, not_authorized, token_fault
from .refusals import refusal
from .state import Sandbox
from .stats import DEFAULT_WAIT, kind_of

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
        kind, status, wait = kind_of(scope["path"]), 0, DEFAULT_WAIT

        async def send_with_tid(message: Message) -> None:
            nonlocal status, wait
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["intuit_tid"] = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
                wait = float(headers.get("retry-after", DEFAULT_WAIT))
            await send(message)
            if status == 429 and message["type"] == "http.response.body":
                self._stats.throttled(kind, wait)

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
            as_json = self._says_json(error, headers)
            refused = refusal(error, self._sandbox.clock, as_json=as_json)
            await refused(scope, receive, send)
            return
        try:
            if self._sandbox.latency:
                await asyncio.sleep(self._sandbox.latency)
            app = self._app
            if not accepts_json(headers) and kind_of(scope["path"]) != "download":
                app = refusal(_not_acceptable(), self._sandbox.clock, as_json=False)
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

    def _says_json(self, error: GatewayError, headers: Headers) -> bool:
        if error.status == 429:
            return self._sandbox.settings.throttle_body == "json"
        return accepts_json(headers)


def accepts_json(headers: Headers) -> bool:
    """Whether an answer may be JSON: QuickBooks answers XML to whoever does not ask for it."""
    return "application/json" in headers.get("accept", "").lower()


def _not_acceptable() -> GatewayError:
    return GatewayError(406, "0406", "NotAcceptable", _NOT_JSON, "SERVICE")
