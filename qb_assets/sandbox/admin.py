"""The sandbox's own API under /admin: edit the books, make trouble, see what was asked.

It needs no token and answers to the same machine only.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .admin_books import BooksAdmin
from .admin_server import ServerAdmin
from .state import Sandbox

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def admin_routes(sandbox: Sandbox) -> list[Route]:
    """The routes of the admin API."""
    books, server = BooksAdmin(sandbox), ServerAdmin(sandbox)
    return [
        _post("create", books.create),
        _post("edit", books.edit),
        _post("amend", books.amend),
        _post("delete", books.delete),
        _post("restore", books.restore),
        _post("false-delete", books.misreport),
        _post("void", books.void),
        _post("merge", books.merge),
        _post("deactivate", books.deactivate),
        _post("reactivate", books.reactivate),
        _post("touch", books.touch),
        _post("poison", books.poison),
        _post("file", server.file),
        _get("files", server.files),
        _get("records/{entity}", books.records),
        _get("tombstones", books.tombstones),
        _post("churn", server.churn),
        _get("churn", server.churned),
        _post("weather", server.weather),
        _get("weather", server.forecast),
        _post("clock", server.clock),
        _post("limits", server.limits),
        _post("expire", server.expire),
        _get("stats", server.stats),
        _post("stats/reset", server.reset),
    ]


def _post(path: str, handler: Callable[[bytes], bytes]) -> Route:
    async def answer(request: Request) -> Response:
        body = await request.body() or b"{}"
        return _answer(request, lambda: handler(body))

    return Route(f"/admin/{path}", answer, methods=["POST"])


def _get(path: str, handler: Callable[[dict[str, str]], bytes]) -> Route:
    async def answer(request: Request) -> Response:
        return _answer(request, lambda: handler(request.path_params))

    return Route(f"/admin/{path}", answer, methods=["GET"])


def _answer(request: Request, handle: Callable[[], bytes]) -> Response:
    """The answer to this machine; what was asked wrongly is a 400 that says why."""
    if request.client is None or request.client.host not in _LOOPBACK:
        return _error("/admin answers to the machine it runs on only", 403)
    try:
        return Response(handle(), media_type="application/json")
    except KeyError as error:
        return _error(str(error.args[0]), 404)
    except (msgspec.MsgspecError, ValueError) as error:
        return _error(str(error), 400)


def _error(says: str, status: int) -> Response:
    return Response(msgspec.json.encode({"error": says}), status, media_type="application/json")
