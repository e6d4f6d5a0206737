"""What change data capture tells of deletes: true ones, and one that was only an update."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .clock import Clock
from .company import Deleted, Record
from .documents import write_fields


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


class Graves:
    """The tombstones of a company, and the last version of what lies under them."""

    def __init__(self) -> None:
        self.tombstones: list[Tombstone] = []
        self._last: dict[tuple[str, str], bytes] = {}
        self._false: dict[tuple[str, str], Tombstone] = {}

    def remember(self, deleted: Iterable[Deleted]) -> None:
        """Records were deleted, by entity, Id and moment, of which nothing else is known."""
        self.tombstones += [Tombstone(entity, id, at) for entity, id, at in deleted]

    def bury(self, entity: str, record: Record, at: datetime) -> Tombstone:
        """A record was deleted."""
        tombstone = Tombstone(entity, record.id, at)
        self.tombstones.append(tombstone)
        self._last[entity, record.id] = record.body
        return tombstone

    def dig_up(self, entity: str, id: str) -> bytes:
        """The last body of a deleted record, whose tombstone goes; KeyError when there is none."""
        if (entity, id) not in self._last:
            raise KeyError(f"no {entity} with Id {id} was deleted")
        self.tombstones = [s for s in self.tombstones if (s.entity, s.id) != (entity, id)]
        return self._last.pop((entity, id))

    def misreport(self, entity: str, id: str, at: datetime) -> Tombstone:
        """An update of a living record is told as its delete, until its next update."""
        tombstone = self._false[entity, id] = Tombstone(entity, id, at)
        return tombstone

    def misreported(self, entity: str) -> dict[str, Tombstone]:
        """The false tombstones of an entity by Id."""
        return {id: stone for (name, id), stone in self._false.items() if name == entity}
