"""The server that Intuit posts its notifications to."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from qb_assets.quickbooks.faults import ConfigurationError, QuickBooksError
from qb_assets.quickbooks.webhooks.group_commit import GroupCommit
from qb_assets.quickbooks.webhooks.inbox import Inbox
from qb_assets.quickbooks.webhooks.notification import Notification, parse
from qb_assets.quickbooks.webhooks.signature import HEADER, is_genuine

PATH = "/webhooks"
HEALTH = "/health"

MAX_BYTES = 1_048_576
"""Of one POST: some 5,000 notifications, where Intuit sends some dozens."""

BODY_SECONDS = 10.0
"""For a body to arrive; Intuit itself waits 3 seconds for the answer."""

MAX_AT_ONCE = 1_000
"""Requests under way; more are answered 503, and Intuit sends them again."""

log = logging.getLogger("qb_assets.webhooks")


def build_app(inbox: Inbox, verifiers: Sequence[str], *, max_bytes: int = MAX_BYTES) -> Starlette:
    """The ASGI application: POST /webhooks keeps notifications, GET /health says whether it can."""
    receiver = _Receiver(inbox, verifiers, max_bytes)
    return Starlette(
        routes=[
            Route(PATH, receiver.receive, methods=["POST"]),
            Route(HEALTH, receiver.health, methods=["GET"]),
        ]
    )


def serve(
    inbox: Inbox,
    verifiers: Sequence[str],
    *,
    host: str,
    port: int,
    announce: Callable[[str], object],
) -> None:
    """Serves until SIGTERM or SIGINT, and then answers what is under way; port 0 is a free one.

    `announce` is told the address when it listens. Raises ConfigurationError where the port
    cannot be had, and InboxError where the inbox cannot be used.
    """
    inbox.waiting()  # else the first notification would find out
    with _listen(host, port) as listening:
        address = f"http://{host}:{listening.getsockname()[1]}{PATH}"
        config = uvicorn.Config(
            build_app(inbox, verifiers),
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=MAX_AT_ONCE,
            timeout_keep_alive=65,
            timeout_graceful_shutdown=10,
        )
        _Server(config, lambda: announce(address)).run(sockets=[listening])


class _Receiver:
    def __init__(self, inbox: Inbox, verifiers: Sequence[str], max_bytes: int) -> None:
        self._inbox = inbox
        self._verifiers = verifiers
        self._max_bytes = max_bytes
        self._commit = GroupCommit(self._keep)

    async def receive(self, request: Request) -> Response:
        """Answers 200 when every notification of the body is kept."""
        try:
            body = await asyncio.wait_for(self._body(request), BODY_SECONDS)
        except (asyncio.TimeoutError, ClientDisconnect):
            return _answer(408, f"The body did not arrive within {BODY_SECONDS:.0f} s.")
        if body is None:
            return _answer(413, f"The body is larger than {self._max_bytes:,} bytes.")
        return await self._kept(request, body)

    async def health(self, _: Request) -> Response:
        """200 where the inbox can be used."""
        try:
            await asyncio.to_thread(self._inbox.last_asked)
        except QuickBooksError as error:
            log.error("%s", error)
            return _answer(503, "The inbox cannot be used; the log says why.")
        return _answer(200, "ok")

    async def _kept(self, request: Request, body: bytes) -> Response:
        if not is_genuine(body, request.headers.get(HEADER, ""), self._verifiers):
            log.warning("a request was refused: its %s is not of our verifier token", HEADER)
            return _answer(401, f"The header {HEADER} is missing, or not of this body and token.")
        try:
            notifications = parse(body, datetime.now(timezone.utc))
        except ValueError as error:
            log.warning("a request was refused: %s", error)
            return _answer(400, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        try:
            await self._commit.add(notifications)
        except QuickBooksError as error:
            log.error("%s", error)
            return _answer(503, "The notifications could not be kept; send them again.")
        return _answer(200, "kept")

    async def _body(self, request: Request) -> bytes | None:
        """The body, None where it is too large; what it says of its length need not be true."""
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told) > self._max_bytes:
            return None
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_bytes:
                return None
        return bytes(body)

    def _keep(self, notifications: Sequence[Notification]) -> int:
        new = self._inbox.keep(notifications)
        realms = Counter(each.realm or "without a company" for each in notifications)
        told = ", ".join(f"{realm}: {count}" for realm, count in realms.items())
        log.info("kept %d of %d notifications, others were repeats (%s)", new, realms.total(), told)
        return new


def _answer(status: int, text: str) -> Response:
    # After a refusal the rest of a body may still be on its way.
    headers = {"Connection": "close"} if status in (408, 413) else None
    return PlainTextResponse(f"{text}\n", status, headers)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
    else:
        return listening
    raise ConfigurationError(
        f"cannot listen on {host}:{port}: {reason}", what_to_do="Give another --host or --port."
    )


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
