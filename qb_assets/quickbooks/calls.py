"""The calls of the API as data: where each goes, and how its answer is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from qb_assets.quickbooks.envelope import (
    Fetched,
    Part,
    batch_parts,
    changed_rows,
    part_count,
    part_rows,
    query_part,
    read_row,
)
from qb_assets.quickbooks.fault_shapes import Fault
from qb_assets.quickbooks.faults import BadAnswer, ReportTooLarge
from qb_assets.quickbooks.query import (
    EVERYTHING,
    MAX_RESULTS,
    Queryable,
    Span,
    count_statement,
    ids_statement,
    instant,
    page_statement,
)
from qb_assets.quickbooks.report_answer import is_cut_off
from qb_assets.quickbooks.transport import Call

MAX_BATCH_ITEMS = 30
"""Items of one batch call (Intuit, "Batch operations"; code 1040 above it)."""

_LONGEST_GET = 1500
"""Characters of a statement beyond which it goes as the body of a POST."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One statement, to be sent alone or in a batch, and how to read its `QueryResponse`."""

    kind: str
    entity: Queryable
    statement: str
    read: Callable[[Part], T]
    rows: Callable[[T], int]


class _BatchItem(msgspec.Struct):
    bid: str = msgspec.field(name="bId")
    query: str = msgspec.field(name="Query")


class _BatchBody(msgspec.Struct):
    items: list[_BatchItem] = msgspec.field(name="BatchItemRequest")


def count_ask(entity: Queryable, span: Span) -> Ask[int]:
    """Asks how many rows the span has."""
    return Ask("count", entity, count_statement(entity, span), part_count, lambda _: 1)


def page_ask(
    entity: Queryable,
    span: Span = EVERYTHING,
    *,
    start: int = 1,
    limit: int = MAX_RESULTS,
    properties: Sequence[str] = (),
) -> Ask[list[Fetched]]:
    """Asks for rows of the span, from a position on."""
    statement = page_statement(entity, span, start=start, limit=limit, properties=properties)
    return Ask("query", entity, statement, lambda part: part_rows(part, entity), len)


def ids_ask(
    entity: Queryable, ids: Sequence[str], *, properties: Sequence[str] = ()
) -> Ask[list[Fetched]]:
    """Asks for the records with these Ids."""
    statement = ids_statement(entity, ids, properties=properties)
    return Ask("query", entity, statement, lambda part: part_rows(part, entity), len)


def query_call(ask: Ask[T]) -> Call[T]:
    """Sends one statement."""

    def read(body: bytes) -> T:
        return ask.read(query_part(body))

    if len(ask.statement) <= _LONGEST_GET:
        params = {"query": ask.statement}
        return Call(ask.kind, ask.entity.name, "query", read, ask.rows, params)
    body = ask.statement.encode()
    return Call(ask.kind, ask.entity.name, "query", read, ask.rows, {}, body, "application/text")


def batch_call(asks: Sequence[Ask[T]]) -> Call[list[T | Fault]]:
    """Sends up to 30 statements; each answers for itself, in the order of the asks."""

    def read(body: bytes) -> list[T | Fault]:
        parts = batch_parts(body)
        answers: list[T | Fault] = []
        for number, ask in enumerate(asks):
            part = parts.get(str(number))
            if part is None:
                raise BadAnswer("the batch's answer lacks an item", entity=ask.entity.name)
            answers.append(part if isinstance(part, Fault) else ask.read(part))
        return answers

    def rows(answers: list[T | Fault]) -> int:
        pairs = zip(asks, answers, strict=True)
        return sum(ask.rows(answer) for ask, answer in pairs if not isinstance(answer, Fault))

    items = [_BatchItem(str(number), ask.statement) for number, ask in enumerate(asks)]
    names = _names([ask.entity for ask in asks])
    return Call("batch", names, "batch", read, rows, {}, msgspec.json.encode(_BatchBody(items)))


def read_call(entity: Queryable, identity: str) -> Call[Fetched]:
    """Reads one record by its Id."""
    path = f"{entity.name.lower()}/{quote(identity, safe='')}"
    return Call("read", entity.name, path, lambda body: read_row(body, entity))


def cdc_call(entities: Sequence[Queryable], since: datetime) -> Call[dict[str, list[Fetched]]]:
    """Asks what changed since a moment, deletions included."""

    def rows(found: dict[str, list[Fetched]]) -> int:
        return sum(map(len, found.values()))

    params = {
        "entities": ",".join(entity.name for entity in entities),
        "changedSince": instant(since),
    }
    return Call(
        "cdc", _names(entities), "cdc", lambda body: changed_rows(body, entities), rows, params
    )


def report_call(name: str, params: Mapping[str, str], *, divisible: bool = False) -> Call[bytes]:
    """Asks for a report, whose answer is left as it is.

    One that is `divisible` is not waited for a second time, see `Call`.
    """

    def read(body: bytes) -> bytes:
        if is_cut_off(body):
            raise ReportTooLarge("the report has more than 400,000 cells", entity=name)
        return body

    path = f"reports/{quote(name, safe='')}"
    return Call("report", name, path, read, params=params, divisible=divisible)


def download_call(identity: str) -> Call[str]:
    """Asks for the address of an attachment's file, which is signed and good for 15 minutes."""

    def read(body: bytes) -> str:
        try:
            link = body.decode("ascii").strip().strip('"')
        except UnicodeDecodeError:
            link = ""
        if not link.startswith(("https://", "http://")):
            raise BadAnswer("the answer is no address of a file", entity="Attachable")
        return link

    path = f"download/{quote(identity, safe='')}"
    return Call("download", "Attachable", path, read, text=True)


def _names(entities: Sequence[Queryable]) -> str:
    names = {entity.name for entity in entities}
    return names.pop() if len(names) == 1 else f"{len(names)}-entities"
