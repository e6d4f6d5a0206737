"""A company's books as the sandbox holds them: every record with its exact JSON bytes.

Bytes and not dictionaries, for two reasons. QuickBooks' JSON mixes `0`, `1201.0` and `10.5`, and
a client's handling of money is tested only if those literals are served as they were recorded.
And a page of 1000 records is then a join of ready bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    # The generator makes companies, so at run time it imports this module.
    from .generate.world import World

DEFAULT_REALM = "4620816365000000001"
Deleted = tuple[str, str, datetime]
"""The entity, the Id and the moment of a delete, in UTC."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of one entity.

    `id` is the QuickBooks Id, "" where the record has none (an ExchangeRate). `body` is the exact
    JSON object. `updated` is MetaData.LastUpdatedTime in UTC, None where the record has none.
    """

    id: str
    body: bytes
    updated: datetime | None


@dataclass
class Company:
    """A QuickBooks company: its realm, its name and its records by entity name ("Invoice").

    `world` is what a generated company was rendered from, with its ledger; None for a recorded one.
    `deleted` are those of its records that were deleted.
    """

    realm_id: str
    name: str
    records: dict[str, list[Record]] = field(default_factory=dict[str, list[Record]])
    world: World | None = None
    deleted: list[Deleted] = field(default_factory=list[Deleted])


class _MetaData(msgspec.Struct):
    last_updated: str | None = msgspec.field(default=None, name="LastUpdatedTime")


class _Head(msgspec.Struct):
    id: str = msgspec.field(default="", name="Id")
    meta: _MetaData | None = msgspec.field(default=None, name="MetaData")


_head = msgspec.json.Decoder(_Head)
_wrapped_head = msgspec.json.Decoder(dict[str, _Head])
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


def record_from(entity: str, body: bytes) -> Record:
    """The record whose JSON object is `body`; raises ValueError when it is not one.

    A RecurringTransaction is wrapped in the kind of its template (`{"Bill": {…}}`): its Id and
    times are the inner object's.
    """
    try:
        if entity == "RecurringTransaction":
            head = next(iter(_wrapped_head.decode(body).values()), _Head())
        else:
            head = _head.decode(body)
        stamp = head.meta.last_updated if head.meta else None
        return Record(head.id, body, _utc(stamp) if stamp else None)
    except (msgspec.MsgspecError, ValueError) as error:
        raise ValueError(f"a record of {entity} is not as QuickBooks writes it: {error}") from error


def load_folder(path: Path, realm_id: str = DEFAULT_REALM) -> Company:
    """The company recorded in a folder of `{Entity}.json` files, each a JSON array of records.

    Each record keeps the exact bytes it has in its file. Raises ValueError, naming the file, when
    the folder holds no such file or one of them is not an array of records.
    """
    files: Sequence[Path] = sorted(path.glob("*.json"))
    if not files:
        raise ValueError(f"{path} holds no {{Entity}}.json file: give a folder of QuickBooks lists")
    company = Company(realm_id, path.name)
    for file in files:
        entity = file.stem
        try:
            bodies = _raw_list.decode(file.read_bytes())
            company.records[entity] = [record_from(entity, bytes(body)) for body in bodies]
        except (msgspec.MsgspecError, ValueError) as error:
            raise ValueError(f"{file} is not a JSON array of {entity} records: {error}") from error
    return company


def _utc(stamp: str) -> datetime:
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"LastUpdatedTime {stamp!r} has no offset")
    return moment.astimezone(timezone.utc)
