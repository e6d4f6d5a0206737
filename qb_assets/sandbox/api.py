"""The accounting API of one company: query, read by Id, change data capture, batch
and reports."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .batch import run_batch
from .cdc import changes
from .faults import QuickBooksError, not_found, parser_error, unsupported
from .poison import whole
from .query import Answer
from .refusals import refusal
from .state import Sandbox

_WORTH_GZIP = 1_024
_WORTH_A_THREAD = 65_536
_GZIP_FORMAT = 31
_Handler = Callable[[Request], Awaitable[bytes]]


def api_routes(sandbox: Sandbox) -> list[Route]:
    """The routes under which the accounting API answers."""
    api = _Api(sandbox)
    realm = "/v3/company/{realm}"
    everything = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    return [
        Route(f"{realm}/query", api.endpoint(api.query), methods=["GET", "POST"]),
        Route(f"{realm}/cdc", api.endpoint(api.cdc), methods=["GET"]),
        Route(f"{realm}/batch", api.endpoint(api.batch), methods=["POST"]),
        Route(f"{realm}/reports/{{name}}", api.endpoint(api.report, timed=False), methods=["GET"]),
        Route(f"{realm}/preferences", api.endpoint(api.preferences), methods=["GET"]),
        Route(f"{realm}/companyinfo/{{id}}", api.endpoint(api.company_info), methods=["GET"]),
        Route(f"{realm}/{{entity}}/{{id}}", api.endpoint(api.read), methods=["GET"]),
        Route("/v3/{rest:path}", api.endpoint(api.unknown), methods=everything),
    ]


class _Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def endpoint(
        self, handler: _Handler, *, timed: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint of a handler which gives the answer's members; `timed` adds `time`."""

        async def answer(request: Request) -> Response:
            try:
                members = await handler(request)
            except QuickBooksError as fault:
                return refusal(fault, self._sandbox.clock)
            if timed:
                members += b',"time":"%b"' % self._sandbox.clock.answer_time().encode()
            return await _respond(request, b"{%b}" % members)

        return answer

    async def query(self, request: Request) -> bytes:
        statement = request.query_params.get("query", "")
        if request.method == "POST":
            if not request.headers.get("content-type", "").startswith("application/text"):
                raise parser_error("a statement is posted as Content-Type: application/text")
            statement = (await request.body()).decode(errors="replace")
        return b'"QueryResponse":%b' % self._run(statement).body

    async def cdc(self, request: Request) -> bytes:
        asked = request.query_params
        entities, since = asked.get("entities", ""), asked.get("changedSince", "")
        body, count = changes(self._sandbox.books, entities, since)
        self._sandbox.stats.log("cdc", f"{entities} since {since}", count)
        return b'"CDCResponse":%b' % body

    async def batch(self, request: Request) -> bytes:
        body, _ = run_batch(await request.body(), self._run, self._sandbox.shuffle)
        return b'"BatchItemResponse":%b' % body

    async def report(self, request: Request) -> bytes:
        name, rows = request.path_params["name"], 0
        try:
            body, rows = self._sandbox.reports.answer(name, request.query_params)
        finally:
            self._sandbox.stats.log("report", f"{name}?{request.url.query}", rows)
        return body

    async def read(self, request: Request) -> bytes:
        return self._read(request.path_params["entity"], request.path_params["id"])

    async def preferences(self, request: Request) -> bytes:
        return self._singleton("Preferences", request)

    async def company_info(self, request: Request) -> bytes:
        if request.path_params["id"] != self._sandbox.books.realm_id:
            raise not_found()
        return self._singleton("CompanyInfo", request)

    async def unknown(self, request: Request) -> bytes:
        raise unsupported(f"{request.method} {request.path_params['rest']}")

    def _run(self, statement: str) -> Answer:
        """Answer a statement, and let the books be edited before the next one."""
        rows = 0
        try:
            answer = self._sandbox.engine.run(statement)
            rows = len(answer.rows)
        finally:
            self._sandbox.stats.log("query", statement, rows)
        self._sandbox.churn.served(answer)
        return answer

    def _read(self, entity: str, id: str) -> bytes:
        shelf = self._sandbox.books.shelf(entity)
        if shelf is None:
            raise unsupported(entity)
        row = shelf.get(id)
        if row is None:
            raise not_found()
        return b'"%b":%b' % (shelf.entity.answer_key.encode(), *whole(shelf, [row]))

    def _singleton(self, entity: str, request: Request) -> bytes:
        shelf = self._sandbox.books.shelf(entity)
        row = next(iter(shelf.rows.values()), None) if shelf else None
        if shelf is None or row is None:
            raise unsupported(request.url.path)
        return b'"%b":%b' % (entity.encode(), *whole(shelf, [row]))


async def _respond(request: Request, body: bytes) -> Response:
    """The answer, compressed at the cheapest level when asked for and when it is worth it."""
    headers = {"Vary": "Accept-Encoding"}
    if len(body) >= _WORTH_GZIP and "gzip" in request.headers.get("accept-encoding", "").lower():
        headers["Content-Encoding"] = "gzip"
        # zlib lets other threads run, so other calls are answered meanwhile.
        large = len(body) >= _WORTH_A_THREAD
        body = await asyncio.to_thread(_gzip, body) if large else _gzip(body)
    return Response(body, headers=headers, media_type="application/json;charset=UTF-8")


def _gzip(body: bytes) -> bytes:
    squeeze = zlib.compressobj(1, wbits=_GZIP_FORMAT)
    return squeeze.compress(body) + squeeze.flush()
