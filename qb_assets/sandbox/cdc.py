"""Change data capture: what changed since a moment, deletes included.

Full payloads, at most 30 days back and at most 1000 objects in one answer, with no paging
(Intuit, "Change data capture").
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta

from .books import Books
from .documents import join
from .faults import QuickBooksError, unsupported, validation_error
from .graves import Tombstone
from .poison import whole
from .shelf import UPDATED, Shelf
from .values import instant, instant_key

LOOK_BACK = timedelta(days=30)
MAX_OBJECTS = 1000


def changes(books: Books, entities: str, changed_since: str) -> tuple[bytes, int]:
    """The `CDCResponse` array for comma-separated entities, and how many objects it holds.

    Raises QuickBooksError for an entity CDC does not report, a moment that is none, one longer
    ago than 30 days, and for a poisoned record in the answer.
    """
    for name, value in (("entities", entities), ("changedSince", changed_since)):
        if not value.strip():
            detail = f"Required parameter {name} is missing in the request"
            raise QuickBooksError("2020", "Required param missing", detail, element=name)
    shelves = [_reported(books, name.strip()) for name in entities.split(",")]
    since = _moment(books, changed_since)
    parts: list[bytes] = []
    room = MAX_OBJECTS
    for shelf in dict.fromkeys(shelves):
        bodies = _changed(books, shelf, since, room)
        room -= len(bodies)
        if bodies:
            key = shelf.entity.answer_key.encode()
            sized = (key, join(bodies), len(bodies))
            parts.append(b'{"%b":%b,"startPosition":1,"maxResults":%d}' % sized)
    inside = join(parts or [b"{}"])
    return b'[{"QueryResponse":%b}]' % inside, MAX_OBJECTS - room


def _reported(books: Books, name: str) -> Shelf:
    shelf = books.shelf(name)
    if shelf is None:
        raise validation_error(f"invalid context declaration: {name}")
    if not shelf.entity.cdc:
        raise unsupported(f"cdc of {shelf.entity.name}")
    return shelf


def _moment(books: Books, text: str) -> int:
    try:
        since = instant(text, books.clock.zone)
    except ValueError as error:
        raise validation_error(f"changedSince: {error}") from None
    oldest = books.clock.now() - LOOK_BACK
    if since < int(oldest.timestamp()):
        raise validation_error(
            f"changedSince {text} is too old: changes are kept for {LOOK_BACK.days} days"
        )
    return since


def _changed(books: Books, shelf: Shelf, since: int, room: int) -> list[bytes]:
    entries = shelf.index(UPDATED).entries(inactive=True)
    first = bisect_left(entries, ((1, since), -1))
    false = _misreported(books, shelf)
    # One more for each row that is told as a delete instead.
    rows = [shelf.rows[number] for _, number in entries[first : first + room + len(false)]]
    told = [row for row in rows if row.record.id not in false][:room]
    stones = [stone for stone in books.graves.tombstones if stone.entity == shelf.entity.name]
    graves = (
        stone.body(books.clock)
        for stone in (*stones, *false.values())
        if instant_key(stone.deleted) >= (1, since)
    )
    return [*whole(shelf, told), *graves][:room]


def _misreported(books: Books, shelf: Shelf) -> dict[str, Tombstone]:
    """The false tombstones of rows that were not updated again since, by Id."""
    return {
        id: stone
        for id, stone in books.graves.misreported(shelf.entity.name).items()
        if (row := shelf.get(id)) is not None
        and instant_key(row.record.updated) <= instant_key(stone.deleted)
    }
