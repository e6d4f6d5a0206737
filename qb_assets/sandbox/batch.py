"""Batches: up to 30 queries in one call, each answered or refused by itself."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from msgspec import Raw

from .documents import write_fields
from .faults import QuickBooksError, unsupported
from .query import Answer

MAX_ITEMS = 30
MAX_OBJECTS = 1000


class _Request(msgspec.Struct):
    items: list[dict[str, Any]] = msgspec.field(name="BatchItemRequest")


_request = msgspec.json.Decoder(_Request)


def run_batch(body: bytes, run: Callable[[str], Answer], order: Random) -> tuple[bytes, int]:
    """The `BatchItemResponse` array, shuffled by `order`, and how many objects it holds.

    Raises QuickBooksError for a body that is no batch (2010) and for more than 30 items (1040).
    """
    try:
        items = _request.decode(body).items
    except msgspec.MsgspecError as error:
        detail = f"Property Name: BatchItemRequest is not as it must be: {error}"
        raise QuickBooksError(
            "2010", "Request has invalid or unsupported property", detail
        ) from None
    if len(items) > MAX_ITEMS:
        raise _too_large(f"a batch holds at most {MAX_ITEMS} items, this one has {len(items)}")
    answers: list[bytes] = []
    total = 0
    for item in items:
        answer, rows = _item(item, run, MAX_OBJECTS - total)
        answers.append(answer)
        total += rows
    order.shuffle(answers)
    return b"[" + b",".join(answers) + b"]", total


def _item(item: dict[str, Any], run: Callable[[str], Answer], room: int) -> tuple[bytes, int]:
    rows = 0
    try:
        if "Query" not in item:
            raise unsupported("batch of anything but Query")
        answer = run(str(item["Query"]))
        rows = len(answer.rows)
        if rows > room:
            raise _too_large(f"the answers of a batch hold at most {MAX_OBJECTS} objects")
        outcome = {"QueryResponse": Raw(answer.body)}
    except QuickBooksError as fault:
        rows, outcome = 0, {"Fault": Raw(fault.fragment())}
    name = {"bId": str(item["bId"])} if "bId" in item else {}
    return write_fields({**outcome, **name}), rows


def _too_large(detail: str) -> QuickBooksError:
    return QuickBooksError("1040", "Batch size limit exceeded", detail)
