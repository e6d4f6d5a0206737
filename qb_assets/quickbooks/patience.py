"""Ends a request that takes too long, whatever the server does.

The timeouts of sockets are for one piece each: a server that sends a byte now and then, of the
headers as well as of the body, holds a call for hours. So the socket is shut down when time is up.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool
from urllib3.response import HTTPResponse

_this_thread = threading.local()


class Patience:
    """Allows so many seconds to what this thread asks within, and shuts its socket down then.

    `asked` is whether a whole request was handed to the network, `ended` whether time was up.
    """

    def __init__(self, seconds: float) -> None:
        self.asked = False
        self.ended = False
        self._socket: socket.socket | None = None
        self._guard = threading.Lock()
        self._timer = threading.Timer(max(0.0, seconds), self._end)
        self._timer.daemon = True

    def __enter__(self) -> Patience:
        _this_thread.patience = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _this_thread.patience = None
        self._timer.cancel()
        with self._guard:
            self._socket = None

    def watch(self, used: socket.socket | None) -> None:
        """The socket on which an answer is awaited from now on."""
        with self._guard:
            self.asked = True
            self._socket = used
            if self.ended:
                self._shut_down()

    def _end(self) -> None:
        with self._guard:
            self.ended = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # what TLS adds is left alone: another thread reads through it
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _watch(used: socket.socket | None) -> None:
    patience: Patience | None = getattr(_this_thread, "patience", None)
    if patience is not None:
        patience.watch(used)


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:
        _watch(self.sock)
        return super().getresponse()


class _TlsConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:
        _watch(self.sock)
        return super().getresponse()


# Other kinds, such as those through a SOCKS proxy, keep to the timeouts of their sockets.
_PATIENT: Mapping[object, object] = {
    HTTPConnection: _Connection,
    HTTPSConnection: _TlsConnection,
}


class PatientAdapter(HTTPAdapter):
    """The adapter of sessions whose requests are made within a `Patience`."""

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        """The pool of connections to the request's host, which heed a `Patience`."""
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool.ConnectionCls = _PATIENT.get(pool.ConnectionCls, pool.ConnectionCls)
        return pool
