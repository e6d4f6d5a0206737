"""One call that a fault befalls: what a fault may do with it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import wire
from .clock import Clock

_UNGZIP = 31


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; its headers say nothing of the body's length."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def plain(self) -> Answer:
        """The answer with its body as it was before compression."""
        if self.headers.get("content-encoding") != "gzip":
            return self
        rest = {name: value for name, value in self.headers.items() if name != "content-encoding"}
        return Answer(self.status, rest, zlib.decompress(self.body, _UNGZIP))

    def zipped(self) -> Answer:
        """The answer with its body compressed."""
        if self.headers.get("content-encoding") == "gzip":
            return self
        squeeze = zlib.compressobj(1, wbits=_UNGZIP)
        body = squeeze.compress(self.body) + squeeze.flush()
        return Answer(self.status, {**self.headers, "content-encoding": "gzip"}, body)

    def cut(self, place: float) -> Answer:
        """The answer with the rest of its body gone; it is no shorter than it claims to be."""
        return replace(self, body=self.body[: within(self.body, place)])


def within(body: bytes, place: float) -> int:
    """Where in a body: past its first tenth and before its last for a place from 0 to 1."""
    return int(len(body) * (0.1 + 0.8 * place))


@dataclass
class Call:
    """A call before it reached the gateway, and what decides how a fault befalls it.

    `place` (0 to 1) says where a fault strikes, `seconds` how long one takes and `retry_after`
    the wait that one asks for. Nothing has been done for the call until `answer` is awaited.
    """

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    clock: Clock
    place: float = 0.5
    seconds: float = 1.0
    retry_after: float = 1.0
    _body: bytes | None = field(default=None, init=False)

    @property
    def headers(self) -> Headers:
        """The headers of the request."""
        return Headers(scope=self.scope)

    @property
    def accepts_gzip(self) -> bool:
        """Whether the answer may be compressed."""
        return "gzip" in self.headers.get("accept-encoding", "").lower()

    async def answer(self) -> Answer:
        """Let the call be done, and keep back the answer to it."""
        body = await self._request_body()
        asked: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        start: Message = {}
        pieces: list[bytes] = []

        async def receive() -> Message:
            return asked.pop() if asked else await self.receive()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                pieces.append(message.get("body", b""))

        await self.app(self.scope, receive, send)
        headers = dict(Headers(raw=start["headers"]))
        headers.pop("content-length", None)
        return Answer(start["status"], headers, b"".join(pieces))

    async def reply(self, answer: Answer) -> None:
        """Answer the call."""
        await self.begin(answer)
        await self.go_on(answer.body, more=False)

    async def begin(self, answer: Answer) -> None:
        """Send an answer's status and headers, which promise its whole body."""
        message: Message = {"type": "http.response.start", "status": answer.status, "headers": []}
        headers = MutableHeaders(scope=message)
        headers.update({**answer.headers, "content-length": str(len(answer.body))})
        await self.send(message)

    async def go_on(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": piece, "more_body": more})

    async def left(self, seconds: float | None = None) -> bool:
        """Wait until the client leaves, for some seconds at most; whether it did."""
        await self._request_body()
        try:
            await asyncio.wait_for(self._until_left(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def reset(self) -> None:
        """Break the connection off."""
        await wire.reset(self.scope)
        await self.left()

    async def _request_body(self) -> bytes:
        if self._body is None:
            pieces: list[bytes] = []
            more = True
            while more:
                message = await self.receive()
                pieces.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._body = b"".join(pieces)
        return self._body

    async def _until_left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
