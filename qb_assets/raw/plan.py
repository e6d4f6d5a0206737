"""Which calls bring a window of the books, for as few metered calls as can be.

Pure decisions; `extract` carries them out. Successful GET, query, CDC, batch and report calls are
metered by Intuit since November 2025, so each one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from qb_assets.partitions import Calendar, CompanyDays
from qb_assets.quickbooks.query import Window

SETTLING = timedelta(seconds=30)
"""LastUpdatedTime can lag behind the change (seen), so a window ends this long before now."""

CDC_LOOK_BACK = timedelta(days=30)
"""Change data capture tells of the last 30 days (Intuit, "Change data capture")."""

CDC_MARGIN = timedelta(hours=1)
"""Kept from the limit, for clocks that disagree and calls that wait."""

MAX_OBJECTS = 1000
"""Objects in one query page, one CDC answer, and all answers of one batch together."""

MAX_BATCH_ITEMS = 30

ROOM_FOR_DELETES = 100
"""Kept free in a change data capture answer that is planned by counts of live records."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """An unbroken run of days and the frozen window of instants that it stands for."""

    first: date
    last: date
    window: Window


def spans(scope: CompanyDays, calendar: Calendar, now: datetime) -> list[Span]:
    """The windows to ask for; days that have not begun by `now` less the settling time are none."""
    found: list[Span] = []
    for first, last in scope.spans():
        start = calendar.start_of(first)
        end = min(calendar.end_of(last), now - SETTLING)
        if start is None or start < end:
            found.append(Span(first, last, Window(start, end)))
    return found


def within_cdc(window: Window, now: datetime) -> Window | None:
    """The part of the window that change data capture reaches back to, None where there is none."""
    reach = Window(now - CDC_LOOK_BACK + CDC_MARGIN, now).start
    if reach is None or window.end <= reach:
        return None
    if window.start is not None and window.start >= reach:
        return window
    return Window(reach, window.end)


def pack(counts: Mapping[str, int]) -> tuple[list[list[str]], list[str]]:
    """Splits entities by their row counts into batches of queries, and those to be paged.

    Each batch has at most 30 items and 1,000 objects. Entities without rows appear nowhere; one
    that is alone in its batch is paged instead, which costs the same call.
    """
    small = {name: n for name, n in counts.items() if 0 < n < MAX_OBJECTS}
    paged = [name for name, n in counts.items() if n >= MAX_OBJECTS]
    batches: list[list[str]] = []
    sizes: list[int] = []
    for name in sorted(small, key=lambda name: (-small[name], name)):
        for place, size in enumerate(sizes):
            if size + small[name] <= MAX_OBJECTS and len(batches[place]) < MAX_BATCH_ITEMS:
                batches[place].append(name)
                sizes[place] += small[name]
                break
        else:
            batches.append([name])
            sizes.append(small[name])
    paged += [batch[0] for batch in batches if len(batch) == 1]
    return [batch for batch in batches if len(batch) > 1], sorted(paged)


def captures(counts: Mapping[str, int]) -> tuple[list[list[str]], list[str]]:
    """Splits entities by their counts of changes into change data capture calls, and the rest.

    A group is to stay below 1,000 objects with some room for deletes, which no count has. The rest
    has too many changes for an answer of its own.
    """
    groups: list[list[str]] = []
    sizes: list[int] = []
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        if counts[name] >= MAX_OBJECTS:
            continue
        for place, size in enumerate(sizes):
            if size + counts[name] <= MAX_OBJECTS - ROOM_FOR_DELETES:
                groups[place].append(name)
                sizes[place] += counts[name]
                break
        else:
            groups.append([name])
            sizes.append(counts[name])
    return groups, sorted(name for name in counts if counts[name] >= MAX_OBJECTS)


def halves(names: Iterable[T]) -> tuple[list[T], list[T]]:
    """Two halves of a list of entities, to narrow a full change data capture answer."""
    ordered = list(names)
    middle = len(ordered) // 2
    return ordered[:middle], ordered[middle:]
