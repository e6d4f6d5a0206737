"""The sandbox as an HTTP server."""

from __future__ import annotations

import contextlib
import gc
import os
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from .admin import admin_routes
from .api import api_routes
from .company import Company
from .files import file_routes
from .gateway import Accounting, Gateway
from .oauth import AUTHORIZE_PATH, BEARER_PATH, REVOKE_PATH, oauth_routes
from .settings import Settings
from .state import Sandbox
from .weather_layer import WeatherLayer
from .wire import Wired

Announce = Callable[[str], object]
_say: Announce = partial(print, flush=True)


def build_app(company: Company, settings: Settings, layers: Sequence[Middleware] = ()) -> Starlette:
    """The sandbox of a company as an ASGI application.

    `layers` stand between the accounting of calls and the weather, which is before the gateway:
    what they answer or spoil is counted like any other call, and every answer passes through them
    whole.
    """
    sandbox = Sandbox(company, settings)
    return Starlette(
        routes=[
            *oauth_routes(sandbox),
            *admin_routes(sandbox),
            *file_routes(sandbox.files, sandbox.clock),
            *api_routes(sandbox),
        ],
        middleware=[
            Middleware(Accounting, sandbox=sandbox),
            *layers,
            Middleware(WeatherLayer, sandbox=sandbox),
            Middleware(Gateway, sandbox=sandbox),
        ],
    )


def environment(base_url: str, realm_id: str, settings: Settings) -> dict[str, str]:
    """The `QB_*` variables which point a client at a sandbox."""
    return {
        "QB_ENVIRONMENT": "sandbox",
        "QB_BASE_URL": base_url,
        "QB_TOKEN_URL": base_url + BEARER_PATH,
        "QB_AUTHORIZE_URL": base_url + AUTHORIZE_PATH,
        "QB_REVOKE_URL": base_url + REVOKE_PATH,
        "QB_CLIENT_ID": settings.client_id,
        "QB_CLIENT_SECRET": settings.client_secret,
        "QB_REFRESH_TOKEN": settings.refresh_token,
        "QB_COMPANY": realm_id,
    }


def serve(
    company: Company,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    env_file: Path | None = None,
    settings: Settings | None = None,
    announce: Announce = _say,
    until_stdin_closes: bool = False,
) -> None:
    """Serve a company until SIGTERM or SIGINT; port 0 takes a free one.

    When it really listens, the lines of `environment` are announced and written to `env_file`
    (readable by its owner only). `until_stdin_closes` also ends it with the process that started
    it. Raises OSError, naming the address, when the port cannot be had.
    """
    settings = settings or Settings()
    app = build_app(company, settings)
    # The books live as long as the process: the collector need not walk them again and again.
    gc.freeze()
    with _listen(host, port) as listening:
        base_url = f"http://{host}:{listening.getsockname()[1]}"
        variables = environment(base_url, company.realm_id, settings)
        lines = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]

        def ready() -> None:
            if env_file is not None:
                _write_private(env_file, "\n".join(lines) + "\n")
            for line in lines:
                announce(line)

        _run(_Server(_config(app), ready), listening, until_stdin_closes=until_stdin_closes)


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        Wired(app),
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=2,
    )


def _run(server: _Server, listening: socket.socket, *, until_stdin_closes: bool) -> None:
    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        server.should_exit = True

    def wait_for_parent() -> None:
        # Past Python's buffer, whose lock a thread must not hold while the interpreter ends.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop()

    if until_stdin_closes:
        threading.Thread(target=wait_for_parent, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise OSError(f"cannot listen on {host}:{port}: {reason}; give another --port") from error
    return listening


def _write_private(path: Path, text: str) -> None:
    """Put a file in place whole and readable by its owner only from its first byte on."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the signals to who runs it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
