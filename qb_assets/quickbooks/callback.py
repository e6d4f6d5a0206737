"""The local page to which Intuit sends a person's browser back after "Connect"."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Mapping
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from qb_assets.quickbooks.faults import ConfigurationError, ConnectRefused, QuickBooksError
from qb_assets.quickbooks.tokens import Connection

Finish = Callable[[str, str], Connection]
"""Makes the connection from the code and the realm of the redirect."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{{color-scheme:light dark;--sign:{color}}}
body{{font:1.05rem/1.6 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;
place-items:center;background:Canvas;color:CanvasText}}
main{{max-width:34rem;margin:1.5rem;padding:2rem 2.5rem;border:1px solid #8884;
border-top:.4rem solid var(--sign);border-radius:.6rem}}
h1{{font-size:1.5rem;line-height:1.3;margin:0 0 .8rem}}
p{{margin:.6rem 0;overflow-wrap:anywhere}}
small{{opacity:.7}}
</style></head>
<body><main><h1>{title}</h1>
{text}
<small>qb_assets on this machine. You can close this page.</small></main></body></html>"""

_GOOD, _BAD = "#2e9e5b", "#d0453f"

_POLL = 0.2
"""Seconds between looks at whether a request has ended the wait."""

_REFUSALS: Mapping[str, str] = {
    "access_denied": "the person did not allow it",
    "invalid_scope": "the app may not read accounting data; add the Accounting scope to it",
}


class CallbackServer:
    """Waits on the redirect address for one redirect that carries our `state`.

    Raises ConfigurationError where the address is not one of this machine, or is in use.
    """

    def __init__(self, redirect_uri: str, state: str, finish: Finish) -> None:
        parts = urlsplit(redirect_uri)
        if parts.hostname not in ("localhost", "127.0.0.1") or parts.scheme != "http":
            raise ConfigurationError(
                "QB_REDIRECT_URI is not an http address of this machine",
                what_to_do="Set it to one like http://localhost:8765/callback, and add the same to "
                "the app's redirect URIs on developer.intuit.com.",
            )
        self._path = parts.path or "/"
        self._state = state
        self._finish = finish
        self._guard = threading.Lock()
        self._outcome: Connection | QuickBooksError | None = None
        self._server = _listen(parts.port or 80, self._answer)

    def wait(self, timeout: float) -> Connection:
        """The connection that was made. Raises what went wrong, at last ConnectRefused."""
        give_up = time.monotonic() + timeout
        with self._server:
            while self._outcome is None and (left := give_up - time.monotonic()) > 0:
                self._server.timeout = min(left, _POLL)
                self._server.handle_request()
        if self._outcome is None:
            raise ConnectRefused(f"nobody came back from Intuit's page in {timeout:.0f} s")
        if isinstance(self._outcome, QuickBooksError):
            raise self._outcome
        return self._outcome

    def _answer(self, target: str) -> tuple[int, str]:
        """Status and page for a request; only one with our state counts."""
        parts = urlsplit(target)
        given = dict(parse_qsl(parts.query))
        if parts.path != self._path:
            return 404, _page(_BAD, "Not here", "This address is for coming back from Intuit.")
        if not hmac.compare_digest(given.get("state", "").encode(), self._state.encode()):
            return 400, _page(
                _BAD,
                "Not connected",
                "This page was not opened by the connection that is under way here.",
                "Start again from the terminal with: qb-assets connect",
            )
        # A code is good once, so a page that is loaded twice must not use it twice.
        with self._guard:
            if self._outcome is None:
                self._outcome = self._redirected(given)
        return _told(self._outcome)

    def _redirected(self, given: Mapping[str, str]) -> Connection | QuickBooksError:
        code, realm = given.get("code"), given.get("realmId")
        if not code or not realm:
            reason = _REFUSALS.get(given.get("error", ""), "Intuit sent no code")
            return ConnectRefused(f"the company was not connected: {reason}")
        try:
            return self._finish(code, realm)
        except QuickBooksError as error:
            return error


def _told(outcome: Connection | QuickBooksError) -> tuple[int, str]:
    if isinstance(outcome, QuickBooksError):
        happened = str(outcome).removesuffix(outcome.what_to_do)
        return 400, _page(_BAD, "Not connected", happened, outcome.what_to_do)
    return 200, _page(
        _GOOD,
        f"{outcome.name or outcome.realm} is connected",
        f"Company {outcome.realm} of QuickBooks {outcome.environment} can be read now.",
        "The terminal says how to go on.",
    )


def _page(color: str, title: str, *lines: str) -> str:
    text = "\n".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return _PAGE.format(color=color, title=escape(title), text=text)


def _listen(port: int, answer: Callable[[str], tuple[int, str]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET; logs nothing, as the request line holds the code."""

        timeout = 3  # browsers open connections ahead and send nothing on them

        def do_GET(self) -> None:
            """Answers with the page."""
            status, page = answer(self.path)
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        """Closes only after the page has been sent."""

        daemon_threads = False

    try:
        return Server(("127.0.0.1", port), Handler)
    except OSError:
        pass
    raise ConfigurationError(
        f"port {port} of this machine is in use",
        what_to_do="Close what uses it, or set QB_REDIRECT_URI to another port (also in the app's "
        "redirect URIs on developer.intuit.com).",
    )
