"""Poisoned records: any answer that would hold one whole fails.

QuickBooks fails on a whole answer for one row that it cannot serialise (code 10000). What does not
need the record's body, as a COUNT or the Id and the time of it, is still answered.
"""

from __future__ import annotations

from collections.abc import Sequence

from .faults import system_failure
from .shelf import Row, Shelf

STATUSES = (200, 400, 500)


def whole(shelf: Shelf, rows: Sequence[Row]) -> list[bytes]:
    """The bodies of rows; raises QuickBooksError 10000 when one of them is poisoned."""
    if shelf.poison:
        for row in rows:
            if row.record.id in shelf.poison:
                raise system_failure(shelf.poison[row.record.id])
    return [row.record.body for row in rows]


def poison(shelf: Shelf, id: str, status: int) -> None:
    """Poison a record; answers fail with the HTTP status. ValueError for any other status."""
    if status not in STATUSES:
        raise ValueError(f"code 10000 comes with the statuses {STATUSES}, not {status}")
    shelf.poison[id] = status


def cure(shelf: Shelf, id: str) -> None:
    """Make a record servable again."""
    shelf.poison.pop(id, None)
