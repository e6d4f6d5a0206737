"""The rows of one entity, held so that a page of them is found without looking at the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from zoneinfo import ZoneInfo

import msgspec

from .company import Record
from .documents import property_names, property_reader, read_fields, write_fields
from .entities import Entity
from .values import Key, instant_key, key_of

UPDATED = "MetaData.LastUpdatedTime"
_COMMON = ("Id", "SyncToken", "MetaData", "MetaData.CreateTime", UPDATED, "domain", "sparse")

Entry = tuple[Key, int]


class Row:
    """A record in its place: `number` tells rows apart where records have no Id."""

    __slots__ = ("_starred", "active", "number", "record")

    def __init__(self, number: int, record: Record, active: bool) -> None:
        self.number = number
        self.record = record
        self.active = active
        self._starred: bytes | None = None

    def starred(self, hidden: str) -> bytes:
        """The record as `SELECT *` gives it: without the entity's hidden property."""
        if not hidden:
            return self.record.body
        if self._starred is None:
            fields = read_fields(self.record.body)
            hides = fields.pop(hidden, None) is not None
            self._starred = write_fields(fields) if hides else self.record.body
        return self._starred


class Index:
    """Rows in the order of one property; equal ones in the order they were made."""

    def __init__(self, key: Callable[[Row], Key], rows: Iterable[Row]) -> None:
        self._key = key
        keyed = [((key(row), row.number), row.active) for row in rows]
        keyed.sort(key=itemgetter(0))
        self._all = [entry for entry, _ in keyed]
        self._active = [entry for entry, active in keyed if active]

    def entries(self, *, inactive: bool) -> Sequence[Entry]:
        """The entries (key, row number) in order; `inactive` says whether of hidden rows too."""
        return self._all if inactive else self._active

    def add(self, row: Row) -> None:
        """Put a row in its place."""
        entry = (self._key(row), row.number)
        insort(self._all, entry)
        if row.active:
            insort(self._active, entry)

    def remove(self, row: Row) -> None:
        """Take a row out; it must be as it was when it was put in."""
        entry = (self._key(row), row.number)
        del self._all[bisect_left(self._all, entry)]
        if row.active:
            del self._active[bisect_left(self._active, entry)]


class _Activity(msgspec.Struct):
    active: bool = msgspec.field(default=True, name="Active")


_activity = msgspec.json.Decoder(_Activity)


class Shelf:
    """All rows of one entity. `version` changes with every write.

    `poison` holds the Ids of the records that cannot be served whole, and the HTTP status of the
    failure.
    """

    def __init__(self, entity: Entity, records: Iterable[Record], zone: ZoneInfo) -> None:
        self.entity = entity
        self.version = 0
        self._zone = zone
        self._next = 0
        self.rows: dict[int, Row] = {}
        self.poison: dict[str, int] = {}
        self._by_id: dict[str, Row] = {}
        self._told_by = property_reader(entity.told_by)
        self._indexes: dict[str, Index] = {}
        self._names: dict[str, str] | None = None
        for record in records:
            self.add(record)
        self.index(UPDATED)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, id: str) -> Row | None:
        """The row of this Id; of rows without one, "EUR/USD/2026-05-04": what tells them apart."""
        return self._by_id.get(id)

    def add(self, record: Record) -> Row:
        """Put in a new record."""
        return self._put(Row(self._next, record, self._is_active(record)))

    def replace(self, row: Row, record: Record) -> Row:
        """Put a record in the place of an older version of it."""
        self.remove(row)
        return self._put(Row(row.number, record, self._is_active(record)))

    def remove(self, row: Row) -> None:
        """Take a row out."""
        for index in self._indexes.values():
            index.remove(row)
        del self.rows[row.number]
        self._by_id.pop(self._name(row.record), None)
        self.version += 1

    def index(self, path: str) -> Index:
        """The order of the rows by a property; it is kept from the first time on."""
        index = self._indexes.get(path)
        if index is None:
            index = self._indexes[path] = Index(self.keyer(path), self.rows.values())
        return index

    def keyer(self, path: str) -> Callable[[Row], Key]:
        """A function which gives a row's comparison key for a property."""
        if path == UPDATED:
            return lambda row: instant_key(row.record.updated)
        if path == "Id":
            return lambda row: key_of(path, row.record.id or None, self._zone)
        read = property_reader([path], wrapped=self.entity.wrapped)
        return lambda row: key_of(path, read(row.record.body)[0], self._zone)

    def property_named(self, name: str) -> str | None:
        """The exact name of a property written in any case; None when no row can have it.

        With no row to tell, every name is taken as it is.
        """
        folded = name.casefold()
        known = _fold((*_COMMON, *self.entity.documented))
        if folded in known:
            return known[folded]
        if not self.rows:
            return name
        if self._names is None:
            seen: set[str] = set()
            for row in self.rows.values():
                seen |= property_names(row.record.body, wrapped=self.entity.wrapped)
            self._names = _fold(seen)
        return self._names.get(folded)

    def newest_id(self) -> int:
        """The greatest Id in use, 0 where there is none."""
        return max((int(id) for id in self._by_id if id.isdecimal()), default=0)

    def _name(self, record: Record) -> str:
        """What a row is asked for by; empty where there is nothing."""
        if record.id or not self.entity.told_by:
            return record.id
        return "/".join(map(str, self._told_by(record.body)))

    def _is_active(self, record: Record) -> bool:
        return not self.entity.active or _activity.decode(record.body).active

    def _put(self, row: Row) -> Row:
        self.rows[row.number] = row
        self._next = max(self._next, row.number + 1)
        if name := self._name(row.record):
            self._by_id[name] = row
        for index in self._indexes.values():
            index.add(row)
        if self._names is not None:
            self._names |= _fold(property_names(row.record.body, wrapped=self.entity.wrapped))
        self.version += 1
        return row


def _fold(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names}


def bounds(entries: Sequence[Entry], operator: str, literal: Key) -> tuple[int, int]:
    """Where in ordered entries a comparison with a literal holds: from the first to the second.

    A row without the property is earlier than everything: it matches `<` and `<=` only.
    """
    below = bisect_left(entries, (literal, -1))
    above = bisect_left(entries, (literal, 1 << 62))
    return {
        "<": (0, below),
        "<=": (0, above),
        ">": (above, len(entries)),
        ">=": (below, len(entries)),
        "=": (below, above),
    }[operator]
