"""The TCP connection under a call, for faults that HTTP has no words for."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "qb_assets.transport"
_LINGER_0 = struct.pack("ii", 1, 0)
_A_MOMENT = 0.001


class Wired:
    """The outermost layer under uvicorn: lets the layers inside reach the call's connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        # ASGI has no way to the transport; uvicorn's `send` is a method of what holds it.
        cycle: Any = getattr(send, "__self__", None)
        scope[_KEY] = getattr(cycle, "transport", None)
        await self._app(scope, receive, send)


async def reset(scope: Scope) -> None:
    """Break the connection of a call off with a TCP reset, after what was written to it.

    Raises RuntimeError when the call did not come through `Wired`.
    """
    transport: Any = scope.get(_KEY)
    if transport is None:
        raise RuntimeError("only a call that came over TCP can be reset")
    while transport.get_write_buffer_size() and not transport.is_closing():
        await asyncio.sleep(_A_MOMENT)
    if not transport.is_closing():
        # Closed without lingering, a socket resets its connection instead of ending it.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        transport.abort()
