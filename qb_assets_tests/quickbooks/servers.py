"""Small real HTTP servers that misbehave as they are told."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from qb_assets.quickbooks.settings import Settings

CLIENT_SECRET = "SECRETclientsecret0123456789abcdef"
ACCESS = "SECRETaccess{}eyJhbGciOiJkaXIiLCJlbmMi"
REFRESH = "SECRETrefreshAB11732{}kd93kdk3"

Reply = Callable[[BaseHTTPRequestHandler], None]


def reply(
    body: bytes, status: int = 200, headers: dict[str, str] | None = None, *, zipped: bool = False
) -> Reply:
    """An answer with a length."""
    data = gzip.compress(body) if zipped else body

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("intuit_tid", "1-tid-7")
        handler.send_header("Content-Length", str(len(data)))
        if zipped:
            handler.send_header("Content-Encoding", "gzip")
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return send


class ScriptedServer:
    """Answers /v3 calls with the given replies in turn, the last one for ever.

    Its token endpoint gives `ACCESS` and `REFRESH` numbered from 1, or `token_reply`.
    """

    def __init__(self, *replies: Reply, token_reply: Reply | None = None) -> None:
        self.replies = list(replies)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.tokens = 0
        self._token_reply = token_reply
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def settings(self, **changes: Any) -> Settings:
        """Settings that point here, with short waits."""
        values: dict[str, Any] = {
            "client_id": "the-client-id",
            "client_secret": CLIENT_SECRET,
            "base_url": self.url,
            "token_url": f"{self.url}/token",
            "revoke_url": f"{self.url}/revoke",
            "first_wait": 0.01,
            "throttle_pause": 0.2,
        }
        return Settings(**{**values, **changes})

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self._guard:
            self.seen.append((handler.command, handler.path, dict(handler.headers), body))
            if handler.path == "/token":
                self.tokens += 1
                answer = self._token_reply or a_grant(self.tokens)
            elif len(self.replies) > 1:
                answer = self.replies.pop(0)
            else:
                answer = self.replies[0]
        answer(handler)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer(self)

            def do_POST(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def a_grant(number: int = 1) -> Reply:
    """The token endpoint's answer with the tokens of this number."""
    return reply(
        f'{{"token_type":"bearer","access_token":"{ACCESS.format(number)}","expires_in":3600,'
        f'"refresh_token":"{REFRESH.format(number)}","x_refresh_token_expires_in":8726400,'
        '"x_refresh_token_hard_expires_in":157680000}'.encode()
    )
