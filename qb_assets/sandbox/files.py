"""The files of attachments, and the addresses that are signed for a while to fetch them from.

As Intuit's "Download attachments" and recorded answers have it: `download/{id}` answers an address
as text, good for 15 minutes and without a token, on the host that keeps the files. Here that is the
sandbox's own. A store of objects answers 403 when the time is over, and 404 for what it lost.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from .books import Books
from .clock import Clock
from .faults import QuickBooksError, not_found
from .refusals import refusal

_CHUNK = 1 << 16
_SOME_BYTES = 1_000


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """How the file of an attachment is not what the record says.

    `seed` is what its bytes are made of (else the Id: files of one seed and size are the same),
    `size` their number, `content_type` what the answer says; `length` says whether it has a
    Content-Length, `gone` that the file was lost, `moved_to` that its address leads elsewhere,
    `link` what is answered in place of a signed address.
    """

    id: str
    seed: str | None = None
    size: int | None = None
    content_type: str | None = None
    length: bool = True
    gone: bool = False
    moved_to: str | None = None
    link: str | None = None


class Asked(TypedDict):
    """A request for a file: whose it was ("" for an address never given), its headers, and what
    was answered."""

    id: str
    headers: dict[str, str]
    status: int


class _Attachable(msgspec.Struct):
    name: str | None = msgspec.field(default=None, name="FileName")
    size: int | None = msgspec.field(default=None, name="Size")
    content_type: str | None = msgspec.field(default=None, name="ContentType")


_read = msgspec.json.Decoder(_Attachable)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A signed address: which file it leads to, and when it ends (seconds since 1970)."""

    id: str
    ends: float


class Files:
    """Gives addresses of files, and the files."""

    def __init__(self, books: Books, clock: Clock, lifetime: float, log_size: int) -> None:
        self._books = books
        self._clock = clock
        self._lifetime = lifetime
        self._tickets: dict[str, _Ticket] = {}
        self._changes: dict[str, Changes] = {}
        self.asked: deque[Asked] = deque(maxlen=log_size)

    def change(self, changes: Changes) -> None:
        """Make a file another than its record says; in place of what was said before."""
        self._changes[changes.id] = changes

    def address(self, host: str, id: str) -> str:
        """A signed address of a file below the host; QuickBooksError 610 where there is none."""
        name = self._attachable(id).name
        if name is None:
            raise not_found()
        changed = self._changes.get(id)
        if changed is not None and changed.link is not None:
            return changed.link
        signature = secrets.token_hex(32)
        self._tickets[signature] = _Ticket(id, self._clock.seconds() + self._lifetime)
        place = f"{self._books.realm_id}/attachments/{secrets.token_hex(8)}{quote(name, safe='')}"
        return f"{host}/files/{place}?X-Amz-Expires=900&X-Amz-Signature={signature}"

    def fetched(self, signature: str, headers: dict[str, str]) -> Response:
        """The file that a signed address leads to, or why it does not."""
        ticket = self._tickets.get(signature)
        answer = self._answer(ticket)
        self.asked.append(
            {"id": ticket.id if ticket else "", "headers": headers, "status": answer.status_code}
        )
        return answer

    def _answer(self, ticket: _Ticket | None) -> Response:
        if ticket is None:
            return _xml(403, "SignatureDoesNotMatch", "The signature does not match")
        if self._clock.seconds() >= ticket.ends:
            return _xml(403, "AccessDenied", "Request has expired")
        changed = self._changes.get(ticket.id) or Changes(ticket.id)
        if changed.gone:
            return _xml(404, "NoSuchKey", "The specified key does not exist.")
        if changed.moved_to is not None:
            return Response(status_code=307, headers={"Location": changed.moved_to})
        stated = self._attachable(ticket.id)
        size = next((n for n in (changed.size, stated.size) if n is not None), _SOME_BYTES)
        kind = changed.content_type or stated.content_type or "binary/octet-stream"
        headers = {"Content-Length": str(size)} if changed.length else {}
        body = content(changed.seed or ticket.id, size)
        return StreamingResponse(body, headers={**headers, "Content-Type": kind})

    def _attachable(self, id: str) -> _Attachable:
        shelf = self._books.shelf("Attachable")
        row = shelf.get(id) if shelf else None
        if row is None:
            raise not_found()
        return _read.decode(row.record.body)


def content(seed: str, size: int) -> Iterator[bytes]:
    """The bytes of a file, in pieces."""
    block = hashlib.shake_128(seed.encode()).digest(_CHUNK)
    for start in range(0, size, _CHUNK):
        yield block[: size - start]


def file_routes(files: Files, clock: Clock) -> list[Route]:
    """The routes of the files: what the API answers, and what the host of the files does."""

    async def link(request: Request) -> Response:
        try:
            host = f"{request.url.scheme}://{request.url.netloc}"
            return PlainTextResponse(files.address(host, request.path_params["id"]))
        except QuickBooksError as fault:
            return refusal(fault, clock)

    async def file(request: Request) -> Response:
        signature = request.query_params.get("X-Amz-Signature", "")
        return files.fetched(signature, dict(request.headers))

    return [
        Route("/v3/company/{realm}/download/{id}", link, methods=["GET"]),
        Route("/files/{rest:path}", file, methods=["GET"]),
    ]


def _xml(status: int, code: str, message: str) -> Response:
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(text, status, media_type="application/xml")
