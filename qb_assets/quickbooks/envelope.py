"""Takes answers apart without touching the records: each keeps the exact bytes it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from typing import Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from qb_assets.quickbooks.fault_shapes import ABSENT, Fault, item_fault
from qb_assets.quickbooks.faults import BadAnswer
from qb_assets.quickbooks.identity import canonical, made_up_id
from qb_assets.quickbooks.query import Queryable

T = TypeVar("T")


class Fetched(msgspec.Struct, frozen=True, gc=False):
    """A record as it was fetched.

    `updated` is its LastUpdatedTime in UTC, None where it has none. A `deleted` one is the notice
    of a deletion, which says no more than the id. `body` is the exact JSON. Of one that is not
    `unreadable` there is just what identifies it, since QuickBooks fails on it; of a `moved` one
    too, as it was changed or deleted before it could be read again. A `keyless` one came without
    its key; a `duplicate` has the key of another record of the same answer. Both have an Id that
    `identity` made up.
    """

    id: str
    updated: datetime | None
    sync_token: str | None
    deleted: bool
    body: bytes
    state: Literal["whole", "unreadable", "moved", "keyless", "duplicate"] = "whole"


class _Updated(msgspec.Struct, gc=False):
    LastUpdatedTime: datetime | None = None


class _Head(msgspec.Struct, gc=False):
    """What a raw row takes of a record; `RecordHeader` is for those that say it in another way."""

    Id: str
    SyncToken: str | None = None
    MetaData: _Updated | None = None
    status: str | None = None


class _MetaData(msgspec.Struct):
    CreateTime: str | None = None
    LastUpdatedTime: str | None = None


class RecordHeader(msgspec.Struct):
    """What every record says of itself; names are QuickBooks'."""

    Id: str | None = None
    SyncToken: str | None = None
    MetaData: _MetaData | None = None
    status: str | None = None

    @property
    def updated(self) -> datetime | None:
        """When it was last changed, in UTC."""
        return moment(self.MetaData.LastUpdatedTime) if self.MetaData else None

    @property
    def created(self) -> datetime | None:
        """When it was made, in UTC."""
        return moment(self.MetaData.CreateTime) if self.MetaData else None


Part: TypeAlias = Mapping[str, "list[Raw] | dict[str, Raw] | str | int | float | bool | None"]
"""A `QueryResponse`: the records under their key, each cut out and not looked into, and numbers.

What is an array is taken apart as it is found, since to pass over it takes as long."""


class _Query(msgspec.Struct):
    QueryResponse: Part


class _Change(msgspec.Struct):
    QueryResponse: list[dict[str, Raw]] = []


class _Changes(msgspec.Struct):
    CDCResponse: list[_Change]


class _BatchItem(msgspec.Struct):
    bid: str = msgspec.field(name="bId")
    QueryResponse: Part | None = None
    Fault: Raw = ABSENT


class _Batch(msgspec.Struct):
    BatchItemResponse: list[_BatchItem]


_NULL = Raw(b"null")
_header = msgspec.json.Decoder(RecordHeader, strict=False)
_head = msgspec.json.Decoder(_Head)
_properties = msgspec.json.Decoder(dict[str, Raw])
_rows = msgspec.json.Decoder(list[Raw])
_query = msgspec.json.Decoder(_Query)
_changes = msgspec.json.Decoder(_Changes)
_batch = msgspec.json.Decoder(_Batch)


def moment(text: str | None) -> datetime | None:
    """A date-time of an answer in UTC (a bare date: its midnight); None if it is neither."""
    if not text:
        return None
    whole = f"{text}T00:00:00Z" if len(text) == 10 else text
    try:
        said = msgspec.convert(whole, datetime)
    except msgspec.MsgspecError:
        return None
    return _in_utc(said)


def records(body: bytes, json_key: str) -> list[bytes]:
    """The exact bytes of each record of a query's answer. Raises BadAnswer."""
    return [bytes(raw) for raw in _listed(query_part(body), json_key)]


def fetched(raw: Raw | bytes, entity: Queryable) -> Fetched:
    """A record with what identifies it. Raises BadAnswer for what is no JSON object."""
    plain = None if entity.wrapped or tuple(entity.key) != ("Id",) else _plain(raw)
    if plain is not None:
        return plain
    header, inner = _read_header(raw, entity)
    key = header.Id if tuple(entity.key) == ("Id",) else _key(inner, entity.key)
    body = bytes(raw)
    return Fetched(
        id=key or made_up_id(body, entity.volatile),
        updated=header.updated,
        sync_token=header.SyncToken,
        deleted=header.status == "Deleted" and bool(key),
        body=body,
        state="whole" if key else "keyless",
    )


def told_apart(rows: list[Fetched], entity: Queryable) -> list[Fetched]:
    """The rows of one answer, in which no two records have one Id (a notice of deletion may).

    Of several records with one key the one updated last keeps it, and of several updated at one
    time the same one whatever their order; the others are duplicates. A mere repeat stays.
    """
    if len({row.id for row in rows}) == len(rows):
        return rows
    uses = Counter((row.id, row.deleted) for row in rows)
    values = {
        place: canonical(row.body, entity.volatile)
        for place, row in enumerate(rows)
        if uses[row.id, row.deleted] > 1
    }
    first = datetime.min.replace(tzinfo=timezone.utc)
    kept: dict[tuple[str, bool], bytes] = {}
    for place in sorted(values, key=lambda n: (rows[n].updated or first, values[n])):
        kept[rows[place].id, rows[place].deleted] = values[place]

    def told(place: int, row: Fetched) -> Fetched:
        if place not in values or values[place] == kept[row.id, row.deleted]:
            return row
        identity = made_up_id(row.body, entity.volatile, key=row.id)
        return replace(row, id=identity, deleted=False, state="duplicate")

    return [told(place, row) for place, row in enumerate(rows)]


def query_part(body: bytes) -> Part:
    """The `QueryResponse` of a query's answer, for `part_rows` and `part_count`."""
    return _decoded(_query, body).QueryResponse


def read_row(body: bytes, entity: Queryable) -> Fetched:
    """The record of a read by id. Raises BadAnswer."""
    answer = _decoded(_properties, body)
    raw = answer.get(answer_key(entity)) or answer.get(entity.name)
    if raw is None:
        raise BadAnswer("the answer does not hold the record", entity=entity.name)
    row = fetched(raw, entity)
    if row.state == "keyless":
        raise BadAnswer(f"the record came without its {', '.join(entity.key)}", entity=entity.name)
    return row


def changed_rows(body: bytes, entities: Sequence[Queryable]) -> dict[str, list[Fetched]]:
    """The live and the deleted records of a change data capture answer, by entity name.

    Entities without a change have an empty list. Raises BadAnswer, also for an unasked entity.
    """
    by_key = {answer_key(entity): entity for entity in entities}
    by_key |= {entity.name: entity for entity in entities}
    found: dict[str, list[Fetched]] = {entity.name: [] for entity in entities}
    for change in _decoded(_changes, body).CDCResponse:
        for part in change.QueryResponse:
            for key, raw in part.items():
                if not _starts(raw, b"["):
                    continue
                entity = by_key.get(key)
                if entity is None:
                    raise BadAnswer(f"the answer holds {key}, which was not asked for")
                found[entity.name] += [fetched(row, entity) for row in _decoded(_rows, raw)]
    return {entity.name: told_apart(found[entity.name], entity) for entity in entities}


def batch_parts(body: bytes) -> dict[str, Part | Fault]:
    """What each item of a batch answered, by its bId. Raises BadAnswer."""
    parts: dict[str, Part | Fault] = {}
    for item in _decoded(_batch, body).BatchItemResponse:
        if item.Fault != ABSENT:
            parts[item.bid] = item_fault(item.Fault)
        else:
            parts[item.bid] = item.QueryResponse or {}
    return parts


def part_rows(part: Part, entity: Queryable) -> list[Fetched]:
    """The records of a `QueryResponse`, in its order. Raises BadAnswer."""
    rows = [fetched(raw, entity) for raw in _listed(part, answer_key(entity))]
    return told_apart(rows, entity)


def part_count(part: Part) -> int:
    """The number that `SELECT COUNT(*)` answers. Raises BadAnswer."""
    count = part.get("totalCount")
    if type(count) is not int:  # a bool is one, too
        raise BadAnswer("the answer holds no count")
    return count


def answer_key(entity: Queryable) -> str:
    """The key under which answers hold the entity."""
    return entity.json_key or entity.name


def _plain(raw: Raw | bytes) -> Fetched | None:
    """A record that says everything as documented, which nearly all do; None for another."""
    try:
        head = _head.decode(raw)
    except msgspec.MsgspecError:
        return None
    if not head.Id:
        return None
    updated = _in_utc(head.MetaData.LastUpdatedTime) if head.MetaData else None
    return Fetched(head.Id, updated, head.SyncToken, head.status == "Deleted", bytes(raw))


def _in_utc(said: datetime | None) -> datetime | None:
    if said is None or said.tzinfo is timezone.utc:
        return said
    try:
        return (said if said.tzinfo else said.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except OverflowError:  # in UTC it is before the year 1, or after 9999
        return None


def _listed(answer: Part, key: str) -> list[Raw]:
    if key in answer:
        rows = answer[key]
        if not isinstance(rows, list):
            raise BadAnswer(f"the answer holds no array of {key}")
        return rows
    strange = [name for name, value in answer.items() if isinstance(value, list)]
    if strange:  # taking it for empty would lose rows
        raise BadAnswer(f"the answer holds {strange[0]} where {key} was expected")
    return []


def _read_header(raw: Raw | bytes, entity: Queryable) -> tuple[RecordHeader, Raw | bytes]:
    """The header, and the record that has it. Raises BadAnswer for what is no JSON object."""
    header = _header_of(raw)
    if not entity.wrapped or header.Id is not None:
        return header, raw
    for value in _properties.decode(raw).values():
        if _starts(value, b"{"):
            inner = _header_of(value)
            if inner.Id is not None:
                inner.status = inner.status or header.status
                return inner, value
    return header, raw


def _header_of(raw: Raw | bytes) -> RecordHeader:
    """What can be read of the header; a property of another type than documented is as missing."""
    try:
        return _header.decode(raw)
    except msgspec.MsgspecError:
        pass
    properties = _decoded(_properties, raw)
    header = RecordHeader()
    for name in RecordHeader.__struct_fields__:
        if name in properties:
            with suppress(msgspec.MsgspecError):
                part = _header.decode(msgspec.json.encode({name: properties[name]}))
                setattr(header, name, getattr(part, name))
    return header


def _key(raw: Raw | bytes, properties: Sequence[str]) -> str | None:
    values = _properties.decode(raw)
    parts = [msgspec.json.decode(values.get(name, _NULL)) for name in properties]
    return None if None in parts or "" in parts else "/".join(map(str, parts))


def _starts(raw: Raw, first: bytes) -> bool:
    return bytes(memoryview(raw)[:1]) == first


def _decoded(decoder: msgspec.json.Decoder[T], data: bytes | Raw) -> T:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        reason = "has another shape than documented"
    except msgspec.MsgspecError:
        reason = "is cut short or not JSON"
    raise BadAnswer(f"the answer {reason}")
