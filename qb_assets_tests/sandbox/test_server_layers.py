"""A layer between accounting and gateway: the seam for answers that are spoilt on purpose."""

import asyncio
import json
from pathlib import Path

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qb_assets.sandbox.company import load_folder
from qb_assets.sandbox.server import build_app

from .conftest import FREE


class Unavailable:
    """Answers every call to the API with a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spoils = scope["path"].startswith("/v3/")
        app = PlainTextResponse("down", 503) if spoils else self._app
        await app(scope, receive, send)


def ask(app: ASGIApp, path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
    }

    async def call() -> None:
        await app(scope, receive, send)

    asyncio.run(call())
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return messages[0]["status"], dict(messages[0]["headers"]), body


def test_a_layer_comes_before_the_gateway_and_is_counted(company_dir: Path) -> None:
    company = load_folder(company_dir)
    app = build_app(company, FREE, layers=[Middleware(Unavailable)])
    status, headers, _ = ask(app, f"/v3/company/{company.realm_id}/query")
    assert status == 503
    assert b"intuit_tid" in headers
    report = json.loads(ask(app, "/admin/stats")[2])
    assert report["statuses"] == {"503": 1}
    assert report["metered"] == 0
    assert report["in_flight"] == 0
