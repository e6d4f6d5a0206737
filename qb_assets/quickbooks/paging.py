"""Reads a window of an entity page by page, without losing or repeating a row while it is edited.

Offsets move while rows change, so pages go by key: in order of LastUpdatedTime, each page begins
at the last second seen, and the rows of that second which were seen are dropped. An edit moves a
row to a later time, past the frozen end of the window, and so takes it out of the window only.

Where more rows than a page holds were updated in one second (an import does that), and where an
entity has no LastUpdatedTime to filter by, positions are all there is. Those pages are read from
the last to the first: a row that leaves moves the rows after it down, to pages still to be read,
so that it repeats rows at worst. Counts before and after tell whether to read once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import BadAnswer, IncompleteRead
from qb_assets.quickbooks.parallel import interleave
from qb_assets.quickbooks.query import EVERYTHING, MAX_RESULTS, Span, Window

PASSES = 4
"""How often the same rows are read before giving up on counting them all."""

MOST_SLICES = 8
"""Slices of a window that are read at once: below the 10 calls at once that Intuit allows."""

ROWS_OF_A_SLICE = 40_000

_SECOND = timedelta(seconds=1)

RowKey = tuple[str, int]


class Source(Protocol):
    """The rows of one entity, as the server has them at the moment."""

    def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
        """At most `limit` rows of the span from position `start`, in order of update."""
        ...

    def counts(self, spans: Sequence[Span]) -> list[int]:
        """How many rows each of the spans has, asked in one call."""
        ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a read has come: everything before the second `since` was seen, and of it `seen`.

    `since` is None at the beginning of a window without a start.
    """

    since: datetime | None
    seen: frozenset[RowKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """What a page leads to: its rows that are new, and where to go on.

    `cursor` is None at the end of the window. `crowded` says that the page brought nothing beyond
    the second it began in, which has more rows than a page holds; or, at the beginning, nothing
    beyond the rows without LastUpdatedTime, which sort first.
    """

    rows: list[Fetched]
    cursor: Cursor | None
    crowded: bool = False


def advance(cursor: Cursor, page: Sequence[Fetched], window: Window, limit: int) -> Step:
    """What a page that was asked for at the cursor leads to. Pure.

    Raises BadAnswer where the page is not in order of update, as going on would lose rows.
    """
    _check_order(page)
    inside = [row for row in page if row.updated is None or row.updated < window.end]
    ids = {identity for identity, _ in cursor.seen}
    rows = [row for row in inside if row.id not in ids or row_key(row) not in cursor.seen]
    if len(page) < limit or len(inside) < len(page):
        return Step(rows, None)
    last = page[-1].updated
    second = None if last is None else last.replace(microsecond=0)
    if second == cursor.since:
        return Step(rows, cursor, crowded=True)
    seen = frozenset(
        row_key(row) for row in inside if row.updated and second and row.updated >= second
    )
    return Step(rows, Cursor(second, seen))


def sweep(source: Source, window: Window, *, limit: int = MAX_RESULTS) -> Iterator[list[Fetched]]:
    """The rows of the window in pages, each once; see `sweep_slices`."""
    return sweep_slices(source, [window], limit=limit)


def sweep_slices(
    source: Source, slices: Sequence[Window], *, limit: int = MAX_RESULTS
) -> Iterator[list[Fetched]]:
    """The rows of windows side by side in pages, each once; the windows are read in parallel.

    A record that was edited meanwhile into a still later time of the windows comes again, as a
    newer version. A read of more than one page ends when COUNT has no more rows than were seen in
    any window, else that window is read again. Raises IncompleteRead.
    """
    handed = _Handed()
    seen: dict[Window, set[str]] = {window: set() for window in slices}
    left = list(slices)
    for _ in range(PASSES):
        pages = 0
        for place, page in interleave([_key_pages(source, window, limit) for window in left]):
            pages += 1
            seen[left[place]] |= {row.id for row in page}
            fresh = handed.take(page)
            if fresh:
                yield fresh
        if pages <= 1:  # one answer is one moment: nothing can be missing
            return
        counts = window_counts(source, left)
        left = [window for window, n in zip(left, counts, strict=True) if n > len(seen[window])]
        if not left:
            return
    raise IncompleteRead("the source counts more rows in the window than paging finds")


class _Handed:
    """The versions that a read has handed on: one of nearly each record, which is kept small."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._more: set[RowKey] = set()

    def take(self, page: Sequence[Fetched]) -> list[Fetched]:
        """The rows of a page that were not handed on yet, and now are."""
        return [row for row in page if self._is_new(row) and row.state != "moved"]

    def _is_new(self, row: Fetched) -> bool:
        key = identity, content = row_key(row)
        first = self._first.get(identity)
        if first is None:
            self._first[identity] = content
            return True
        if first == content or key in self._more:
            return False
        self._more.add(key)
        return True


def parts_of(window: Window, moments: Sequence[datetime | None]) -> list[Window]:
    """The window cut at moments of update, in order and without gaps."""
    inside = sorted(
        {moment.replace(microsecond=0) for moment in moments if moment and window.holds(moment)}
        - {window.start}
    )
    bounds = [window.start, *inside]
    return [Window(start, end) for start, end in zip(bounds, [*inside, window.end], strict=True)]


def parallel_reads(rows: int) -> int:
    """In how many slices so many rows are read: each may cost a page more than one read would."""
    return max(1, min(MOST_SLICES, rows // ROWS_OF_A_SLICE))


def sweep_by_position(
    source: Source, span: Span = EVERYTHING, *, limit: int = MAX_RESULTS
) -> Iterator[list[Fetched]]:
    """The rows of the span in pages, each once, for what can only be asked for by position.

    Raises IncompleteRead where the rows change faster than they are read.
    """
    first = source.page(span, start=1, limit=limit)
    handed = _Handed()
    fresh = handed.take(first)
    if fresh:
        yield fresh
    if len(first) < limit:  # one answer is one moment: nothing can be missing
        return
    [before] = source.counts([span])  # no more than the page has may still hide a row: one left
    for _ in range(PASSES):
        found: set[str] = set()
        last = (before - 1) // limit * limit + 1
        for start in range(last, 0, -limit):
            page = source.page(span, start=start, limit=limit)
            found |= {row.id for row in page}
            fresh = handed.take(page)
            if fresh:
                yield fresh
        [after] = source.counts([span])
        if len(found) >= before and after <= before:
            return
        before = after
    raise IncompleteRead("the source counts more rows than paging by position finds")


def window_spans(window: Window | None) -> list[Span]:
    """The spans whose counts make that of a window: the first one's, less the second one's if any.

    A window without a start holds the rows without LastUpdatedTime too, which a bound leaves out,
    so it is everything less what comes after it. None stands for everything.
    """
    if window is None:
        return [EVERYTHING]
    if window.start is None:
        return [EVERYTHING, Span(since=window.end)]
    return [Span(window.start, window.end)]


def window_counts(source: Source, windows: Sequence[Window]) -> list[int]:
    """The number of rows in each window."""
    spans = [window_spans(window) for window in windows]
    counts = iter(source.counts([span for each in spans for span in each]))
    numbers: list[int] = []
    for each in spans:
        whole, *after = islice(counts, len(each))
        numbers.append(whole - sum(after))
    return numbers


def row_key(row: Fetched) -> RowKey:
    """What tells one version of a record from another: two may have one Id and one time."""
    return row.id, hash(row.body)


def _key_pages(source: Source, window: Window, limit: int) -> Iterator[list[Fetched]]:
    cursor: Cursor | None = Cursor(window.start)
    while cursor is not None:
        # Without a lower bound no upper one either: a bound leaves out rows without
        # LastUpdatedTime. The first row past the end then ends the read.
        span = EVERYTHING if cursor.since is None else Span(cursor.since, window.end)
        page = source.page(span, start=1, limit=limit)
        step = advance(cursor, page, window, limit)
        crowded, following = step.crowded, step.cursor
        yield step.rows
        del page, step  # not to be held while the next page is on its way
        if crowded:
            yield from _crowd(source, cursor, window, limit)
        cursor = _beyond(cursor, window) if crowded else following


def _crowd(source: Source, cursor: Cursor, window: Window, limit: int) -> Iterator[list[Fetched]]:
    """The rows that are too many for paging by key: of one second, or never updated."""
    span = EVERYTHING if cursor.since is None else Span(cursor.since, cursor.since + _SECOND)
    for page in sweep_by_position(source, span, limit=limit):
        yield [row for row in page if not window.is_before(row.updated)]


def _beyond(cursor: Cursor, window: Window) -> Cursor | None:
    if cursor.since is None or cursor.since + _SECOND >= window.end:
        return None
    return Cursor(cursor.since + _SECOND)


def _check_order(page: Sequence[Fetched]) -> None:
    moments = [row.updated for row in page if row.updated is not None]
    if moments != sorted(moments):
        raise BadAnswer("the rows are not in the order of LastUpdatedTime that was asked for")
