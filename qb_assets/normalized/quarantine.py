"""Which of the records that had to step aside are still not right, and which a person accepted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Entity, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.errors import ObjectExists
from qb_assets.lake.store import Lake
from qb_assets.normalized.aside import QUARANTINE_SCHEMA
from qb_assets.normalized.read import (
    VERSION,
    Slice,
    accepted_prefix,
    accepted_versions,
    frame,
)

_ASIDE_COLUMNS = ["id", "extracted_at", "reason", "raw_object", "payload"]


@dataclass(frozen=True, slots=True)
class Aside:
    """A version of a record that is in quarantine."""

    entity: str
    company: str
    id: str
    reason: str
    extracted_at: datetime
    raw_object: str
    payload: bytes

    @property
    def day(self) -> date:
        """Its partition."""
        return layout.parse(self.raw_object).day

    @property
    def version(self) -> str:
        """What tells this version from every other one of the record: a digest of Id and bytes."""
        text = self.id.encode() + b"\0" + self.payload
        return hashlib.blake2b(text, digest_size=16).hexdigest()


class Acceptance(msgspec.Struct, frozen=True):
    """A person's word that a version may stay aside."""

    entity: str
    company: str
    id: str
    version: str
    """`Aside.version`: another version of the record is not covered."""
    why_aside: str
    reason: str
    by: str
    at: datetime


class Waiting:
    """Records in quarantine that no version fetched later has made good."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._aside: dict[tuple[str, str], Aside] = {}
        self._accepted: set[str] = set()

    def take(self, part: Slice) -> None:
        """Looks at a slice. They come in order of the days, so what makes good comes no earlier."""
        self.put(part.company, part.quarantined)
        self.make_good(part.company, part.tables[self._entity.table])
        self.accept(part.accepted)

    def put(self, company: str, quarantined: pa.Table) -> None:
        """Notes records that are aside; of several versions the one that was fetched last."""
        for row in quarantined.select(_ASIDE_COLUMNS).to_pylist():
            aside = Aside(self._entity.name, company, **row)
            known = self._aside.get((company, aside.id))
            if known is None or known.extracted_at <= aside.extracted_at:
                self._aside[company, aside.id] = aside

    def make_good(self, company: str, rows: pl.DataFrame) -> None:
        """Forgets the records of which these rows of the parent table are later versions."""
        ids = [identity for of, identity in self._aside if of == company]
        if not ids:
            return
        keys = tables_of(self._entity)[0].key
        identity = pl.concat_str([pl.col(key).cast(pl.String) for key in keys], separator="/")
        held = rows.select(identity.alias("identity"), VERSION).filter(
            pl.col("identity").is_in(ids)
        )
        for name, fetched in held.iter_rows():
            aside = self._aside.get((company, name))
            if aside is not None and fetched > aside.extracted_at:
                del self._aside[company, name]

    def accept(self, versions: Set[str]) -> None:
        """Notes versions that a person accepted."""
        self._accepted |= versions

    def left(self) -> list[Aside]:
        """The records that are left, without those that were accepted."""
        return [each for each in self._aside.values() if each.version not in self._accepted]

    def accepted(self) -> list[Aside]:
        """The records that are aside, and accepted as they are."""
        return [each for each in self._aside.values() if each.version in self._accepted]


def waiting(lake: Lake, entity: Entity, company: str) -> Waiting:
    """The quarantine of an entity and company as the lake has it.

    Raises:
        LakeError: an object could not be read.
    """
    return settled(lambda: _waiting(lake, entity, company))


def _waiting(lake: Lake, entity: Entity, company: str) -> Waiting:
    found = Waiting(entity)
    objects = layout.all_objects(lake, layout.QUARANTINE, entity.table, company)
    if not objects:
        return found
    for data in lake.iterate(each.path for each in objects):
        found.put(company, parquet.align(parquet.decode(data), QUARANTINE_SCHEMA))
    first = min(layout.parse(each.path).day for each in objects)
    later = [
        each.path
        for each in layout.all_objects(lake, layout.NORMALIZED, entity.table, company)
        if layout.parse(each.path).day >= first
    ]
    columns = [*tables_of(entity)[0].key, VERSION]
    for data in lake.iterate(later):
        found.make_good(company, frame(parquet.decode(data, columns)))
    found.accept(accepted_versions(lake, entity, company))
    return found


def companies_aside(lake: Lake, entities: Sequence[Entity]) -> Iterator[tuple[Entity, str]]:
    """The entities and companies of which anything is in quarantine, by one listing."""
    by_table = {entity.table: entity for entity in entities if tables_of(entity)}
    found = {(at.name, at.company) for at in layout.locations(lake, layout.QUARANTINE)}
    for table, company in sorted(found):
        if table in by_table:
            yield by_table[table], company


def accept(lake: Lake, aside: Aside, *, reason: str, by: str, at: datetime) -> bool:
    """Records beside the quarantine that a version may stay aside; False if that was so already.

    Raises:
        LakeError: it could not be written.
    """
    word = Acceptance(
        aside.entity,
        aside.company,
        aside.id,
        aside.version,
        why_aside=aside.reason,
        reason=reason,
        by=by,
        at=at,
    )
    table = layout.parse(aside.raw_object).name
    path = f"{accepted_prefix(table, aside.company)}/{aside.version}.json"
    try:
        lake.create(path, msgspec.json.encode(word))
    except ObjectExists:
        return False
    return True
