"""A company's books in memory: what is in them now, and how they are edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw

from .clock import Clock
from .company import Company, Record, record_from
from .documents import Fields, encoded, read_fields, unwrap, write_fields
from .entities import ENTITIES, entity_named
from .graves import Graves, Tombstone
from .inactive import NAMES, marked, reactivated
from .references import Merge
from .shelf import Row, Shelf
from .voids import voided

if TYPE_CHECKING:
    from .amendments import Amend
    from .generate.living import Living
    from .generate.world import World


_NEXT = timedelta(seconds=1)


class Books:
    """The company's records by entity, and every way to change them.

    `world` is what a generated company was rendered from, None for a recorded one. Voids, deletes
    and un-deletes of its transactions are made in its ledger first, and the records whose balances
    and links they change follow. Other writes change records alone: that is how a source comes to
    disagree with itself.

    Writes are made `at` a moment, now when None. They raise KeyError, naming entity and Id, for
    what there is not, and ValueError for what QuickBooks does not do with such a record.
    """

    def __init__(self, company: Company, clock: Clock) -> None:
        self.realm_id = company.realm_id
        self.name = company.name
        self.clock = clock
        self.world = company.world
        self._living = _living(company.world)
        self.graves = Graves()
        self.graves.remember(company.deleted)
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

    @property
    def version(self) -> int:
        """A number that every write makes greater."""
        return sum(shelf.version for shelf in self._shelves.values())

    def shelf(self, name: str) -> Shelf | None:
        """The rows of an entity, named in any case; None when QuickBooks has no such entity."""
        return self._shelves.get(self._names.get(name.casefold(), ""))

    def create(self, entity: str, fields: Mapping[str, Raw], at: datetime | None = None) -> Record:
        """Add a record with these fields, under a new Id where such records have one."""
        shelf = self._shelf(entity)
        stamp = self.clock.stamp(at or self.clock.now())
        whole: Fields = {
            **fields,
            "domain": encoded("QBO"),
            "sparse": encoded(False),
            "SyncToken": encoded("0"),
            "MetaData": encoded({"CreateTime": stamp, "LastUpdatedTime": stamp}),
        }
        if not shelf.entity.told_by:
            self._last_id += 1
            whole["Id"] = encoded(str(self._last_id))
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
        """Change fields (null takes one away) and set LastUpdatedTime.

        `keep_sync_token` is how balances and statuses change: a new time and the old SyncToken.
        """

        def change(whole: Fields) -> None:
            _put(whole, fields)
            self._touch(whole, at, keep_sync_token=keep_sync_token)

        return self._change(entity, self._row(entity, id), change)

    def edit_silently(self, entity: str, id: str, fields: Mapping[str, Raw]) -> Record:
        """Change fields and leave SyncToken and LastUpdatedTime as they are."""
        return self._change(entity, self._row(entity, id), lambda whole: _put(whole, fields))

    def deactivate(self, entity: str, id: str, at: datetime | None = None) -> Record:
        """Make a list's row inactive: its name gets " (deleted)"."""
        return self.update(entity, id, {"Active": Raw(b"false")}, at=at)

    def reactivate(self, entity: str, id: str, at: datetime | None = None) -> Record:
        """Make a list's row active again, under the name it had."""
        fields = reactivated(self._row(entity, id).record.body)
        return self.update(entity, id, fields, at=at)

    def void(self, entity: str, id: str, at: datetime | None = None) -> Record:
        """Void a transaction: its amounts become 0 and its memo begins with Voided."""
        shelf, row = self._shelf(entity), self._row(entity, id)
        name = shelf.entity.name
        if not shelf.entity.transaction:
            raise ValueError(f"QuickBooks voids transactions; {entity} is none")
        living = self._living
        own: Fields = {}
        if living is not None and living.holds(name, id):
            own = self._follow(living.void(name, id), (name, id), at)

        def change(whole: Fields) -> None:
            _put(whole, own)
            _put(whole, voided(whole))
            self._touch(whole, at)

        return self._change(entity, row, change)

    def amend(self, asked: Amend) -> Record:
        """Edit a posted document of a generated company: its ledger first, then all that follows.

        Raises ValueError for a document that the ledger does not hold, and for such edits as
        QuickBooks refuses.
        """
        shelf, world = self._shelf(asked.entity), self.world
        name, id = shelf.entity.name, asked.id
        self._row(name, id)
        if self._living is None or world is None or not self._living.holds(name, id):
            raise ValueError(f"{name} {id} is in no ledger: edit its record")
        changes = self._living.amend(name, id, asked.amendment(world))
        return self.update(name, id, self._follow(changes, (name, id), asked.at), at=asked.at)

    def delete(self, entity: str, id: str, at: datetime | None = None) -> Tombstone:
        """Delete a record for good; only change data capture tells of it afterwards."""
        shelf, row = self._shelf(entity), self._row(entity, id)
        shelf.remove(row)
        living, name = self._living, shelf.entity.name
        if living is not None and living.holds(name, id):
            self._follow(living.delete(name, id), (name, id), at)
        return self.graves.bury(shelf.entity.name, row.record, at or self.clock.now())

    def restore(self, entity: str, id: str, at: datetime | None = None) -> Record:
        """Bring a deleted record back under its Id; its tombstone is gone."""
        shelf = self._shelf(entity)
        body = self.graves.dig_up(shelf.entity.name, id)
        shelf.add(record_from(shelf.entity.name, body))
        living, name = self._living, shelf.entity.name
        own: Fields = {}
        if living is not None and living.remembers(name, id):
            own = self._follow(living.restore(name, id), (name, id), at)
        return self.update(entity, id, own, at=at)

    def misreport(self, entity: str, id: str, at: datetime | None = None) -> Tombstone:
        """Update a record and let change data capture call it deleted, though it is still there."""
        at = at or self.clock.now()
        self.update(entity, id, {}, at=at)
        return self.graves.misreport(self._shelf(entity).entity.name, id, at)

    def merge(self, entity: str, id: str, into: str, at: datetime | None = None) -> Tombstone:
        """Make a list's row one with another: it is deleted, and references to it follow.

        Records that refer to it and the other row get a new LastUpdatedTime and keep their
        SyncToken. Balances stay as they are, as for every write.
        """
        shelf = self._shelf(entity)
        name = shelf.entity.name
        if not shelf.entity.active:
            raise ValueError(f"QuickBooks merges rows of lists; {name} is none")
        if id == into:
            raise ValueError(f"{name} {id} cannot be merged into itself")
        self._row(name, id)
        merge = Merge(name, id, into, _told_name(self._row(name, into).record))
        at = at or self.clock.now()
        tombstone = self.delete(name, id, at)
        for owner, shelf in self._shelves.items():
            for row in list(shelf.rows.values()):
                fields = merge.applied(owner, row.record.body)
                if fields is not None and row.record.id:
                    self.update(owner, row.record.id, fields, at=at, keep_sync_token=True)
        self.update(name, into, {}, at=at, keep_sync_token=True)
        return tombstone

    def _follow(
        self, changes: Mapping[tuple[str, str], Fields], own: tuple[str, str], at: datetime | None
    ) -> Fields:
        """Let the other records follow a write in the ledger; the fields of the written one.

        They change as balances do: a new time and the old SyncToken.
        """
        at = at or self.clock.now()
        for (entity, id), fields in changes.items():
            row = self._shelf(entity).get(id)
            if row is not None and (entity, id) != own:
                # A write dated in the past still comes after what was written before.
                last = row.record.updated or at
                later = at if at > last else last + _NEXT
                self.update(entity, id, fields, at=later, keep_sync_token=True)
        return changes.get(own, {})

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

    def _touch(self, whole: Fields, at: datetime | None, *, keep_sync_token: bool = False) -> None:
        """Give a record's fields the time of a write, and the next SyncToken."""
        stamp = encoded(self.clock.stamp(at or self.clock.now()))
        meta = read_fields(whole["MetaData"]) if "MetaData" in whole else {}
        whole["MetaData"] = encoded(meta | {"LastUpdatedTime": stamp})
        if not keep_sync_token:
            token = int(bytes(whole.get("SyncToken", Raw(b'"0"'))).strip(b'"'))
            whole["SyncToken"] = encoded(str(token + 1))

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


def _living(world: World | None) -> Living | None:
    if world is None:
        return None
    # The generator is only loaded for a company that it made.
    from .generate.living import Living

    return Living(world)


def _put(whole: Fields, fields: Mapping[str, Raw]) -> None:
    for name, value in fields.items():
        if bytes(value) == b"null":
            whole.pop(name, None)
        else:
            whole[name] = value


def _marked(name: str, records: Iterable[Record]) -> Iterable[Record]:
    if not entity_named(name).active:
        return records
    return (Record(r.id, marked(r.body), r.updated) for r in records)


def _hide_name(body: bytes, shelf: Shelf) -> bytes:
    return marked(body) if shelf.entity.active else body


def _told_name(record: Record) -> str:
    """The name by which references tell of a row."""
    fields = read_fields(record.body)
    first = next((fields[name] for name in NAMES if name in fields), Raw(b'""'))
    return msgspec.json.decode(first, type=str)
