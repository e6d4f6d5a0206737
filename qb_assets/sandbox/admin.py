"""The sandbox's own API under /admin: edit the books, move the clock, see what was asked.

It needs no token and answers to the same machine only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .churn import Plan
from .company import Record
from .documents import join
from .state import Sandbox

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_Handler = Callable[[Request], Awaitable[bytes]]


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    """What may be asked of a write; which fields count depends on the path."""

    entity: str
    id: str = ""
    fields: dict[str, Raw] = {}
    silent: bool = False
    keep_sync_token: bool = False
    at: datetime | None = None


class _Clock(msgspec.Struct, forbid_unknown_fields=True):
    now: datetime | None = None
    advance: float = 0.0
    frozen: bool | None = None


class _Limits(msgspec.Struct, forbid_unknown_fields=True):
    requests_per_minute: int | None = None
    concurrent: int | None = None
    batches_per_minute: int | None = None
    latency: float | None = None


def admin_routes(sandbox: Sandbox) -> list[Route]:
    """The routes of the admin API."""
    admin = _Admin(sandbox)
    posts = {
        "create": admin.create,
        "edit": admin.edit,
        "delete": admin.delete,
        "deactivate": admin.deactivate,
        "clock": admin.clock,
        "churn": admin.churn,
        "limits": admin.limits,
        "expire": admin.expire,
        "stats/reset": admin.reset,
    }
    gets = {
        "stats": admin.stats,
        "churn": admin.churned,
        "records/{entity}": admin.records,
        "tombstones": admin.tombstones,
    }
    return [
        *(Route(f"/admin/{path}", _local(at), methods=["POST"]) for path, at in posts.items()),
        *(Route(f"/admin/{path}", _local(at), methods=["GET"]) for path, at in gets.items()),
    ]


def _local(handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for this machine; what was asked wrongly is a 400 that says why."""

    async def answer(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return _json({"error": "/admin answers to the machine it runs on only"}, 403)
        try:
            return Response(await handler(request), media_type="application/json")
        except KeyError as error:
            return _json({"error": str(error.args[0])}, 404)
        except (msgspec.MsgspecError, ValueError) as error:
            return _json({"error": str(error)}, 400)

    return answer


def _json(value: object, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


class _Admin:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._books = sandbox.books

    async def create(self, request: Request) -> bytes:
        asked = await _read(request, _Asked)
        return self._books.create(asked.entity, asked.fields, _aware(asked.at)).body

    async def edit(self, request: Request) -> bytes:
        asked = await _read(request, _Asked)
        return self._edit(asked).body

    def _edit(self, asked: _Asked) -> Record:
        if asked.silent:
            return self._books.edit_silently(asked.entity, asked.id, asked.fields)
        return self._books.update(
            asked.entity,
            asked.id,
            asked.fields,
            at=_aware(asked.at),
            keep_sync_token=asked.keep_sync_token,
        )

    async def delete(self, request: Request) -> bytes:
        asked = await _read(request, _Asked)
        return self._books.delete(asked.entity, asked.id).body(self._sandbox.clock)

    async def deactivate(self, request: Request) -> bytes:
        asked = await _read(request, _Asked)
        return self._books.deactivate(asked.entity, asked.id).body

    async def clock(self, request: Request) -> bytes:
        asked = await _read(request, _Clock)
        clock = self._sandbox.clock
        clock.set(_aware(asked.now) or clock.now(), frozen=asked.frozen)
        clock.advance(asked.advance)
        return msgspec.json.encode({"now": clock.answer_time()})

    async def churn(self, request: Request) -> bytes:
        self._sandbox.churn.start(await _read(request, Plan))
        return b"{}"

    async def churned(self, _: Request) -> bytes:
        return msgspec.json.encode(self._sandbox.churn.done())

    async def limits(self, request: Request) -> bytes:
        asked = await _read(request, _Limits)
        limits = self._sandbox.limits
        if asked.requests_per_minute is not None:
            limits.per_minute = asked.requests_per_minute
        if asked.concurrent is not None:
            limits.concurrent = asked.concurrent
        if asked.batches_per_minute is not None:
            limits.batches_per_minute = asked.batches_per_minute
        if asked.latency is not None:
            self._sandbox.latency = asked.latency
        return b"{}"

    async def expire(self, _: Request) -> bytes:
        self._sandbox.tokens.expire_all()
        return b"{}"

    async def stats(self, _: Request) -> bytes:
        return msgspec.json.encode(self._sandbox.stats.report())

    async def reset(self, _: Request) -> bytes:
        self._sandbox.stats.reset()
        return b"{}"

    async def records(self, request: Request) -> bytes:
        entity = request.path_params["entity"]
        shelf = self._books.shelf(entity)
        if shelf is None:
            raise KeyError(f"QuickBooks has no entity {entity}")
        return join(row.record.body for row in shelf.rows.values())

    async def tombstones(self, _: Request) -> bytes:
        return msgspec.json.encode(self._books.tombstones)


_T = TypeVar("_T")


async def _read(request: Request, kind: type[_T]) -> _T:
    return msgspec.json.decode(await request.body() or b"{}", type=kind)


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset: end it with Z or -08:00")
    return moment
