"""The part of /admin that edits the books."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Raw

from .amendments import Amend
from .documents import join
from .poison import cure, poison
from .shelf import Shelf
from .state import Sandbox

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment that says its offset."""


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A write to one record at a moment, now when None."""

    entity: str
    id: str
    at: Moment | None = None


class _Create(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    fields: dict[str, Raw] = {}
    at: Moment | None = None


class _Edit(_Asked):
    fields: dict[str, Raw] = {}
    silent: bool = False
    keep_sync_token: bool = False


class _Merge(_Asked):
    into: str = ""


class _Touch(msgspec.Struct, forbid_unknown_fields=True):
    """The first `count` rows of an entity, in the order they were made."""

    entity: str
    count: int
    at: Moment | None = None


class _Poison(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    id: str
    remove: bool = False
    status: int = 500


class BooksAdmin:
    """Handlers: each takes the JSON it is asked, and gives the JSON it answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock
        self._books = sandbox.books

    def create(self, body: bytes) -> bytes:
        """Add a record; answers it."""
        asked = msgspec.json.decode(body, type=_Create)
        return self._books.create(asked.entity, asked.fields, asked.at).body

    def edit(self, body: bytes) -> bytes:
        """Change fields of a record, and of nothing else; answers it."""
        asked = msgspec.json.decode(body, type=_Edit)
        if asked.silent:
            return self._books.edit_silently(asked.entity, asked.id, asked.fields).body
        return self._books.update(
            asked.entity,
            asked.id,
            asked.fields,
            at=asked.at,
            keep_sync_token=asked.keep_sync_token,
        ).body

    def amend(self, body: bytes) -> bytes:
        """Edit a posted document in its ledger, and all that follows from it; answers it.

        An edit of fields, on the other hand, changes a record alone and leaves the ledger: that is
        how a source is made to disagree with itself.
        """
        return self._books.amend(msgspec.json.decode(body, type=Amend)).body

    def delete(self, body: bytes) -> bytes:
        """Delete a record; answers its tombstone."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.delete(asked.entity, asked.id, asked.at).body(self._clock)

    def restore(self, body: bytes) -> bytes:
        """Bring a deleted record back; answers it."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.restore(asked.entity, asked.id, asked.at).body

    def misreport(self, body: bytes) -> bytes:
        """Let change data capture call an update a delete; answers the false tombstone."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.misreport(asked.entity, asked.id, asked.at).body(self._clock)

    def void(self, body: bytes) -> bytes:
        """Void a transaction; answers it."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.void(asked.entity, asked.id, asked.at).body

    def merge(self, body: bytes) -> bytes:
        """Make a list's row one with another; answers the tombstone of the one that is gone."""
        asked = msgspec.json.decode(body, type=_Merge)
        merged = self._books.merge(asked.entity, asked.id, asked.into, asked.at)
        return merged.body(self._clock)

    def deactivate(self, body: bytes) -> bytes:
        """Make a list's row inactive; answers it."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.deactivate(asked.entity, asked.id, asked.at).body

    def reactivate(self, body: bytes) -> bytes:
        """Make a list's row active again; answers it."""
        asked = msgspec.json.decode(body, type=_Asked)
        return self._books.reactivate(asked.entity, asked.id, asked.at).body

    def touch(self, body: bytes) -> bytes:
        """Give many rows at once a new LastUpdatedTime; answers their Ids."""
        asked = msgspec.json.decode(body, type=_Touch)
        rows = islice(self._shelf(asked.entity).rows.values(), asked.count)
        ids = [row.record.id for row in rows if row.record.id]
        for id in ids:
            self._books.update(asked.entity, id, {}, at=asked.at)
        return msgspec.json.encode(ids)

    def poison(self, body: bytes) -> bytes:
        """Poison a record, or cure it."""
        asked = msgspec.json.decode(body, type=_Poison)
        shelf = self._shelf(asked.entity)
        if asked.remove:
            cure(shelf, asked.id)
        elif shelf.get(asked.id) is None:
            raise KeyError(f"there is no {asked.entity} with Id {asked.id}")
        else:
            poison(shelf, asked.id, asked.status)
        return b"{}"

    def records(self, path: dict[str, str]) -> bytes:
        """Every record of an entity, poisoned or not, as the exact bytes that are served."""
        return join(row.record.body for row in self._shelf(path["entity"]).rows.values())

    def tombstones(self, _: dict[str, str]) -> bytes:
        """Every record that was deleted and not brought back."""
        return msgspec.json.encode(self._books.graves.tombstones)

    def _shelf(self, entity: str) -> Shelf:
        shelf = self._books.shelf(entity)
        if shelf is None:
            raise KeyError(f"QuickBooks has no entity {entity}")
        return shelf
