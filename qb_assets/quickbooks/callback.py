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

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}}
</style></head><body><h1>{title}</h1><p>{text}</p></body></html>"""

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
            return 404, _page("Not here", "This address is only for coming back from Intuit.")
        if not hmac.compare_digest(given.get("state", "").encode(), self._state.encode()):
            return 400, _page(
                "Not connected",
                "This page was not opened by the connection that is under way here. Start again "
                "from the terminal.",
            )
        with (
            self._guard
        ):  # a code is good once, so a page that is loaded twice must not use it twice
            if self._outcome is None:
                self._outcome = self._redirected(given)
        if isinstance(self._outcome, QuickBooksError):
            return 400, _page("Not connected", str(self._outcome))
        name = self._outcome.name or self._outcome.realm
        return 200, _page(f"{name} is connected", "You can close this page.")

    def _redirected(self, given: Mapping[str, str]) -> Connection | QuickBooksError:
        code, realm = given.get("code"), given.get("realmId")
        if not code or not realm:
            reason = _REFUSALS.get(given.get("error", ""), "Intuit sent no code")
            return ConnectRefused(f"the company was not connected: {reason}")
        try:
            return self._finish(code, realm)
        except QuickBooksError as error:
            return error


def _page(title: str, text: str) -> str:
    return _PAGE.format(title=escape(title), text=escape(text))


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
