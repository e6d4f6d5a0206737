"""A company's books in memory: what is in them now, and how they are edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from msgspec import Raw

from .clock import Clock
from .company import Company, Record, record_from
from .documents import Fields, encoded, read_fields, unwrap, write_fields
from .entities import ENTITIES, entity_named
from .shelf import Row, Shelf

DELETED = " (deleted)"
_NAMES = ("Name", "DisplayName", "FullyQualifiedName")


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A hard-deleted record, as change data capture tells of it."""

    entity: str
    id: str
    deleted: datetime

    def body(self, clock: Clock) -> bytes:
        """The object that stands for the record."""
        meta = {"LastUpdatedTime": clock.stamp(self.deleted)}
        return write_fields({"domain": "QBO", "status": "Deleted", "Id": self.id, "MetaData": meta})


class Books:
    """The company's records by entity, and every way to change them.

    Writes raise KeyError, naming entity and Id, for what there is not.
    """

    def __init__(self, company: Company, clock: Clock) -> None:
        self.realm_id = company.realm_id
        self.name = company.name
        self.clock = clock
        self.tombstones: list[Tombstone] = []
        names = dict.fromkeys((*ENTITIES, *company.records))
        self._shelves = {
            name: Shelf(
                entity_named(name), _marked(name, company.records.get(name, ())), clock.zone
            )
            for name in names
        }
        self._names = {name.casefold(): name for name in names}
        self._singletons(company)
        self._last_id = max(shelf.newest_id() for shelf in self._shelves.values())

    def shelf(self, name: str) -> Shelf | None:
        """The rows of an entity, named in any case; None when QuickBooks has no such entity."""
        return self._shelves.get(self._names.get(name.casefold(), ""))

    def create(self, entity: str, fields: Mapping[str, Raw], at: datetime | None = None) -> Record:
        """Add a record with these fields under a new Id, made `at` (now when None)."""
        shelf = self._shelf(entity)
        self._last_id += 1
        stamp = self.clock.stamp(at or self.clock.now())
        whole: Fields = {
            **fields,
            "domain": encoded("QBO"),
            "sparse": encoded(False),
            "Id": encoded(str(self._last_id)),
            "SyncToken": encoded("0"),
            "MetaData": encoded({"CreateTime": stamp, "LastUpdatedTime": stamp}),
        }
        if shelf.entity.active:
            whole.setdefault("Active", encoded(True))
        body = write_fields({"Bill": whole} if shelf.entity.wrapped else whole)
        return shelf.add(record_from(shelf.entity.name, _hide_name(body, shelf))).record

    def update(
        self,
        entity: str,
        id: str,
        fields: Mapping[str, Raw],
        *,
        at: datetime | None = None,
        keep_sync_token: bool = False,
    ) -> Record:
        """Change fields (null takes one away) and set LastUpdatedTime to `at` (now when None).

        `keep_sync_token` is how balances and statuses change: a new time and the old SyncToken.
        """
        row = self._row(entity, id)
        stamp = encoded(self.clock.stamp(at or self.clock.now()))

        def change(whole: Fields) -> None:
            _merge(whole, fields)
            meta = read_fields(whole["MetaData"]) if "MetaData" in whole else {}
            whole["MetaData"] = encoded(meta | {"LastUpdatedTime": stamp})
            if not keep_sync_token:
                token = int(bytes(whole.get("SyncToken", Raw(b'"0"'))).strip(b'"'))
                whole["SyncToken"] = encoded(str(token + 1))

        return self._change(entity, row, change)

    def edit_silently(self, entity: str, id: str, fields: Mapping[str, Raw]) -> Record:
        """Change fields and leave SyncToken and LastUpdatedTime as they are."""
        return self._change(entity, self._row(entity, id), lambda whole: _merge(whole, fields))

    def deactivate(self, entity: str, id: str) -> Record:
        """Make a list's row inactive: its name gets " (deleted)"."""
        return self.update(entity, id, {"Active": Raw(b"false")})

    def delete(self, entity: str, id: str) -> Tombstone:
        """Delete a record for good; only change data capture tells of it afterwards."""
        shelf = self._shelf(entity)
        shelf.remove(self._row(entity, id))
        tombstone = Tombstone(shelf.entity.name, id, self.clock.now())
        self.tombstones.append(tombstone)
        return tombstone

    def _shelf(self, entity: str) -> Shelf:
        shelf = self.shelf(entity)
        if shelf is None:
            raise KeyError(f"QuickBooks has no entity {entity}")
        return shelf

    def _row(self, entity: str, id: str) -> Row:
        row = self._shelf(entity).get(id)
        if row is None:
            raise KeyError(f"company {self.realm_id} has no {entity} with Id {id}")
        return row

    def _change(self, entity: str, row: Row, change: Callable[[Fields], None]) -> Record:
        shelf = self._shelf(entity)
        body = row.record.body
        if shelf.entity.wrapped:
            kind, inner = unwrap(body)
            whole = read_fields(inner)
            change(whole)
            body = write_fields({kind: whole})
        else:
            whole = read_fields(body)
            change(whole)
            body = _hide_name(write_fields(whole), shelf)
        return shelf.replace(row, record_from(shelf.entity.name, body)).record

    def _singletons(self, company: Company) -> None:
        """Give a company its CompanyInfo and Preferences where its records have none."""
        known = [row.updated for rows in company.records.values() for row in rows if row.updated]
        began = min(known, default=datetime(2015, 1, 1, tzinfo=timezone.utc))
        stamp = self.clock.stamp(began)
        common = {
            "domain": "QBO",
            "sparse": False,
            "Id": "1",
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
        }
        info = {"CompanyName": company.name, "LegalName": company.name, "Country": "US"}
        prefs = {
            "ReportPrefs": {"ReportBasis": "Accrual"},
            "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
        }
        for name, own in (("CompanyInfo", info), ("Preferences", prefs)):
            shelf = self._shelves[name]
            if not len(shelf):
                shelf.add(record_from(name, write_fields(own | common)))


def _merge(whole: Fields, fields: Mapping[str, Raw]) -> None:
    for name, value in fields.items():
        if bytes(value) == b"null":
            whole.pop(name, None)
        else:
            whole[name] = value


def _marked(name: str, records: Iterable[Record]) -> Iterable[Record]:
    if not entity_named(name).active:
        return records
    return (Record(r.id, _deleted_name(r.body), r.updated) for r in records)


def _hide_name(body: bytes, shelf: Shelf) -> bytes:
    return _deleted_name(body) if shelf.entity.active else body


def _deleted_name(body: bytes) -> bytes:
    """An inactive row with " (deleted)" at its name, as QuickBooks serves it; others as is."""
    if b"false" not in body:
        return body
    fields = read_fields(body)
    if bytes(fields.get("Active", b"")) != b"false":
        return body
    names = {name: bytes(fields[name]) for name in _NAMES if name in fields}
    marked = {
        name: Raw(text[:-1] + DELETED.encode() + b'"')
        for name, text in names.items()
        if not text.endswith(DELETED.encode() + b'"')
    }
    return write_fields(fields | marked) if marked else body
