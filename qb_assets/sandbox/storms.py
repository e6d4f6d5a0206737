"""Every fault that can befall a call, by name: which calls, and what it does to one.

A fault that comes instead of an answer leaves the books and the tokens untouched; one that spoils
an answer lets the call be done whole first. None does half of it.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec
from msgspec import Raw

from .call import Answer, Call, within
from .documents import encoded, read_fields, write_fields
from .faults import (
    SYSTEM,
    GatewayError,
    QuickBooksError,
    not_authorized,
    system_failure,
    throttled,
    token_fault,
)
from .outages import (
    STATUSES,
    api_error,
    gateway_error,
    page,
    refused,
    said,
    unavailable,
    unknown_authorization,
)

API = frozenset({"query", "read", "cdc", "batch", "report", "download"})
TOKEN = frozenset({"token", "revoke"})
FILE = frozenset({"file"})
KINDS = API | TOKEN | FILE
_LIMIT = "500 requests a minute"
_DROP_EVERY = 0.05

Act = Callable[[Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Storm:
    """A fault: what it does to a call, and the kinds of calls it can befall.

    `common` ones are meant by `any` fault; the others come by their name only.
    """

    act: Act
    kinds: frozenset[str] = API
    common: bool = True


async def _slow(call: Call) -> None:
    # Waited before the call is done: a client that gives up meanwhile has lost nothing.
    if not await call.left(call.seconds):
        await call.reply(await call.answer())


async def _hang(call: Call) -> None:
    await call.left()


async def _hang_midway(call: Call) -> None:
    answer = await call.answer()
    await call.begin(answer)
    await call.go_on(answer.body[: within(answer.body, call.place)])
    await call.left()


async def _trickle(call: Call) -> None:
    answer = await call.answer()
    size = math.ceil(len(answer.body) / max(2, call.seconds / _DROP_EVERY))
    starts = range(0, len(answer.body), max(1, size))
    await call.begin(answer)
    for start in starts:
        if await call.left(call.seconds / len(starts)):
            return
        await call.go_on(answer.body[start : start + starts.step])
    await call.go_on(b"", more=False)


async def _reset(call: Call) -> None:
    await call.reset()


async def _reset_midway(call: Call) -> None:
    answer = await call.answer()
    await call.begin(answer)
    await call.go_on(answer.body[: within(answer.body, call.place)])
    await call.reset()


async def _reset_after_grant(call: Call) -> None:
    await call.answer()
    await call.reset()


async def _truncated_json(call: Call) -> None:
    await call.reply((await call.answer()).plain().cut(call.place))


async def _truncated_gzip(call: Call) -> None:
    answer = await call.answer()
    if call.accepts_gzip:
        answer = answer.zipped()
    await call.reply(answer.cut(call.place))


async def _corrupt_gzip(call: Call) -> None:
    answer = await call.answer()
    if not call.accepts_gzip:
        await call.reply(answer.cut(call.place))
        return
    answer = answer.zipped()
    spoilt = bytearray(answer.body)
    at = within(answer.body, call.place)
    # Flipped bits are always noticed by gzip's checksum, if not before.
    spoilt[at : at + 4] = bytes(byte ^ 0xFF for byte in spoilt[at : at + 4])
    await call.reply(replace(answer, body=bytes(spoilt)))


async def _empty(call: Call) -> None:
    await call.reply(Answer(200, {"content-type": "application/json;charset=UTF-8"}, b""))


async def _link_expired(call: Call) -> None:
    text = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    await call.reply(Answer(403, {"content-type": "application/xml"}, text))


async def _token_expired(call: Call) -> None:
    await call.reply(refused(call, _expired(call)))


async def _token_expired_xml(call: Call) -> None:
    await call.reply(refused(call, _expired(call), as_json=False))


def _expired(call: Call) -> GatewayError:
    token = call.headers.get("authorization", "").partition(" ")[2]
    return token_fault(f"Token expired: {token}")


def _error(
    make: Callable[[], QuickBooksError | GatewayError],
    *,
    as_json: bool = True,
    kinds: frozenset[str] = API,
    common: bool = True,
) -> Storm:
    """An error that comes instead of the answer."""

    async def act(call: Call) -> None:
        await call.reply(refused(call, make(), as_json=as_json))

    return Storm(act, kinds, common)


def _throttled(*, as_json: bool, retry_after: bool) -> Storm:
    async def act(call: Call) -> None:
        error = throttled(_LIMIT, call.retry_after if retry_after else None)
        await call.reply(refused(call, error, as_json=as_json))

    return Storm(act)


def _page(status: int, kinds: frozenset[str]) -> Storm:
    async def act(call: Call) -> None:
        await call.reply(said(page(status)))

    return Storm(act, kinds)


def _outages(status: int) -> dict[str, Storm]:
    kinds = API | TOKEN if status in (500, 503) else API
    return {
        f"{status}_fault": _error(lambda: api_error(status)),
        f"{status}_gateway": _error(lambda: gateway_error(status), kinds=kinds),
        f"{status}_xml": _error(lambda: gateway_error(status), as_json=False),
        f"{status}_html": _page(status, kinds | FILE),
    }


def _batch_item(error: QuickBooksError) -> Storm:
    """One item of a batch that is otherwise answered fails."""

    async def act(call: Call) -> None:
        answer = (await call.answer()).plain()
        if answer.status == 200:
            answer = replace(answer, body=_with_failed_item(answer.body, error, call.place))
        await call.reply(answer)

    return Storm(act, frozenset({"batch"}))


def _with_failed_item(body: bytes, error: QuickBooksError, place: float) -> bytes:
    members = read_fields(body)
    items = msgspec.json.decode(members["BatchItemResponse"], type=list[Raw])
    if items:
        at = int(place * len(items))
        name = {k: v for k, v in read_fields(items[at]).items() if k == "bId"}
        items[at] = encoded({"Fault": Raw(error.fragment()), **name})
    return write_fields({**members, "BatchItemResponse": items})


STORMS: dict[str, Storm] = {
    "401_json": Storm(_token_expired),
    "401_xml": Storm(_token_expired_xml),
    "403_json": _error(not_authorized),
    "403_throttled": _error(lambda: throttled(_LIMIT, status=403), as_json=False),
    "429_xml": _throttled(as_json=False, retry_after=False),
    "429_json": _throttled(as_json=True, retry_after=False),
    "429_xml_retry_after": _throttled(as_json=False, retry_after=True),
    "429_json_retry_after": _throttled(as_json=True, retry_after=True),
    **{name: storm for status in STATUSES for name, storm in _outages(status).items()},
    "500_authorization": _error(unknown_authorization, common=False),
    "200_fault": _error(lambda: unavailable(200)),
    "200_10000": _error(lambda: system_failure(200)),
    "400_10000": _error(lambda: system_failure(400)),
    "empty": Storm(_empty),
    "truncated_gzip": Storm(_truncated_gzip),
    "corrupt_gzip": Storm(_corrupt_gzip),
    "truncated_json": Storm(_truncated_json),
    "cut_off": Storm(_truncated_json, FILE, common=False),
    "link_expired": Storm(_link_expired, FILE, common=False),
    "slow": Storm(_slow, KINDS),
    "trickle": Storm(_trickle, API | FILE),
    "hang": Storm(_hang, KINDS, common=False),
    "hang_midway": Storm(_hang_midway, API | FILE, common=False),
    "reset": Storm(_reset, KINDS),
    "reset_midway": Storm(_reset_midway, API | FILE),
    "reset_after_grant": Storm(_reset_after_grant, frozenset({"token"}), common=False),
    "batch_item_10000": _batch_item(system_failure()),
    "batch_item_3001": _batch_item(
        QuickBooksError(
            "3001",
            "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            f"The request limit was reached: {_LIMIT}",
            type="SERVICE",
        )
    ),
    "batch_item_500": _batch_item(
        QuickBooksError("500", "Internal Server Error", "Try again later.", type=SYSTEM)
    ),
}
"""The table: name to fault. `slow`, `reset` and `hang` strike before anything is done."""
