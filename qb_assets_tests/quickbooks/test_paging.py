"""Paging against books that change between any two calls."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import BadAnswer, IncompleteRead
from qb_assets.quickbooks.paging import (
    Cursor,
    advance,
    parallel_reads,
    parts_of,
    row_key,
    sweep,
    sweep_by_position,
    sweep_slices,
)
from qb_assets.quickbooks.query import Span, Window

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = START + timedelta(days=1)
LIMIT = 5


def row(identity: int, updated: datetime | None) -> Fetched:
    return Fetched(str(identity), updated, "0", False, b"{}")


class Books:
    """Rows in a stable order, as a server holds them; `edit` runs after each call."""

    def __init__(self, rows: dict[int, datetime | None], edit: Callable[["Books"], None]) -> None:
        self.rows = rows
        self.edit = edit
        self.pages = 0
        self.now = END + timedelta(minutes=1)
        self._lock = threading.Lock()

    def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
        with self._lock:
            found = self._found(span)[start - 1 : start - 1 + limit]
            self.pages += 1
            self.edit(self)
            return found

    def counts(self, spans: Sequence[Span]) -> list[int]:
        with self._lock:
            numbers = [len(self._found(span)) for span in spans]
            self.edit(self)
            return numbers

    def touch(self, identity: int) -> None:
        self.now += timedelta(seconds=1)
        self.rows[identity] = self.now

    def _found(self, span: Span) -> list[Fetched]:
        def inside(moment: datetime | None) -> bool:
            if moment is None:
                return span == Span()
            after = span.since is None or moment >= span.since
            return after and (span.until is None or moment < span.until)

        listed = [row(number, moment) for number, moment in self.rows.items() if inside(moment)]
        return sorted(
            listed,
            key=lambda each: (
                each.updated or datetime.min.replace(tzinfo=timezone.utc),
                int(each.id),
            ),
        )


def still(_: Books) -> None:
    """No edits."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def ids(pages: Sequence[Sequence[Fetched]]) -> list[int]:
    return [int(each.id) for page in pages for each in page]


def test_pages_go_by_key_and_drop_the_repeats() -> None:
    books = Books({n: at(n // 2) for n in range(23)}, still)
    pages = list(sweep(books, Window(START, END), limit=LIMIT))
    assert sorted(ids(pages)) == list(range(23))
    assert all(pages)


def test_one_page_costs_one_call_and_no_count() -> None:
    books = Books({n: at(n) for n in range(4)}, still)
    assert len(ids(list(sweep(books, Window(START, END), limit=LIMIT)))) == 4
    assert books.pages == 1


def test_a_window_takes_its_start_and_leaves_its_end() -> None:
    books = Books({1: START - timedelta(seconds=1), 2: START, 3: END, 4: None}, still)
    assert ids(list(sweep(books, Window(START, END), limit=LIMIT))) == [2]


def test_a_window_without_start_holds_the_rows_never_updated() -> None:
    rows: dict[int, datetime | None] = dict.fromkeys(range(12))
    rows |= {n: at(n) for n in range(12, 30)} | {n: END + timedelta(seconds=n) for n in (30, 31)}
    books = Books(rows, still)
    assert sorted(ids(list(sweep(books, Window(None, END), limit=LIMIT)))) == list(range(30))


def test_more_rows_in_one_second_than_a_page_holds() -> None:
    rows: dict[int, datetime | None] = {n: at(10 + n / 100) for n in range(33)}
    rows |= {n: at(n) for n in range(40, 60)}
    books = Books(rows, still)
    found = ids(list(sweep(books, Window(START, END), limit=LIMIT)))
    assert sorted(found) == sorted(rows)


def test_an_edit_while_a_crowded_second_is_read_hides_no_other_row() -> None:
    def edit(books: Books) -> None:
        if books.pages == 3:
            books.touch(0)
            books.touch(1)

    books = Books({n: at(10) for n in range(33)}, edit)
    found = ids(list(sweep(books, Window(START, END), limit=LIMIT)))
    assert set(range(2, 33)) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("when", [2, 3])
def test_a_row_that_leaves_a_page_just_full_hides_not_the_one_after_it(when: int) -> None:
    def edit(books: Books) -> None:
        if books.pages == when:
            books.touch(0)

    books = Books({n: at(10) for n in range(LIMIT + 1)}, edit)
    found = ids(list(sweep(books, Window(START, END), limit=LIMIT)))
    assert set(range(1, LIMIT + 1)) <= set(found)


def test_rows_that_leave_after_they_were_read_cost_no_second_read() -> None:
    def edit(books: Books) -> None:
        if books.pages == 4:
            books.touch(32)  # read by then, as positions are read from the last

    quiet, edited = (Books({n: at(10) for n in range(33)}, how) for how in (still, edit))
    for books in (quiet, edited):
        assert sorted(ids(list(sweep(books, Window(START, END), limit=LIMIT)))) == list(range(33))
    assert edited.pages == quiet.pages


@settings(max_examples=150, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 12) | st.none(), max_size=60),
    start=st.sampled_from([None, START, at(5)]),
    cuts=st.lists(st.integers(0, 14), max_size=3),
    seed=st.integers(0, 2**32),
)
def test_edits_while_paging_lose_and_repeat_nothing(
    seconds: list[int | None], start: datetime | None, cuts: list[int], seed: int
) -> None:
    dice = Random(seed)
    first = {n: None if s is None else at(s) for n, s in enumerate(seconds)}
    window = Window(start, END)

    def edit(books: Books) -> None:
        for _ in range(dice.randrange(3)):
            if books.rows:
                books.touch(dice.choice(list(books.rows)))
        if dice.random() < 0.2:
            books.touch(len(books.rows) + 1000)

    books = Books(dict(first), edit)
    try:
        slices = parts_of(window, [at(cut) for cut in cuts])
        found = ids(list(sweep_slices(books, slices, limit=LIMIT)))
    except IncompleteRead:  # a crowded second that is edited without end may be given up on
        assert max(seconds.count(s) for s in seconds) >= LIMIT
        return
    stayed = {n for n, moment in books.rows.items() if window.holds(moment)}
    assert stayed <= set(found)
    assert set(found) <= {n for n, moment in first.items() if window.holds(moment)}
    assert len(found) == len(set(found))


def test_an_entity_without_cursor_is_read_by_position() -> None:
    books = Books(dict.fromkeys(range(23)), still)
    assert sorted(ids(list(sweep_by_position(books, limit=LIMIT)))) == list(range(23))


def test_a_page_just_full_is_read_once_more() -> None:
    """Only then it is sure that no row was behind it when one of it left."""
    books = Books(dict.fromkeys(range(LIMIT)), still)
    assert ids(list(sweep_by_position(books, limit=LIMIT))) == list(range(LIMIT))
    assert books.pages == 2


def test_rows_deleted_while_reading_by_position_hide_no_other_row() -> None:
    def edit(books: Books) -> None:
        if books.pages in (1, 2, 3):
            books.rows.pop(books.pages, None)

    books = Books(dict.fromkeys(range(23)), edit)
    found = ids(list(sweep_by_position(books, limit=LIMIT)))
    assert set(books.rows) <= set(found)
    assert len(found) == len(set(found))


def test_rows_that_change_faster_than_they_are_read_are_an_error() -> None:
    def edit(books: Books) -> None:
        first = min(books.rows)
        del books.rows[first]
        books.rows |= {max(books.rows) + n: None for n in (1, 2)}

    books = Books(dict.fromkeys(range(23)), edit)
    with pytest.raises(IncompleteRead):
        list(sweep_by_position(books, limit=LIMIT))


def test_a_count_above_what_was_seen_reads_again() -> None:
    class Forgetful(Books):
        """Leaves a row out of its second page, once."""

        def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
            found = super().page(span, start=start, limit=limit)
            return found[:2] + found[3:] if self.pages == 2 else found

    books = Forgetful({n: at(n) for n in range(8)}, still)
    assert sorted(ids(list(sweep(books, Window(START, END), limit=LIMIT)))) == list(range(8))


def test_a_source_that_never_gives_all_it_counts_is_an_error() -> None:
    class Short(Books):
        """Counts one more than it has."""

        def counts(self, spans: Sequence[Span]) -> list[int]:
            return [number + 1 for number in super().counts(spans)]

    books = Short({n: at(n) for n in range(8)}, still)
    with pytest.raises(IncompleteRead):
        list(sweep(books, Window(START, END), limit=LIMIT))


def test_rows_out_of_order_are_not_paged_over() -> None:
    page = [row(1, at(5)), row(2, at(4))]
    with pytest.raises(BadAnswer, match="order"):
        advance(Cursor(START), page, Window(START, END), LIMIT)


def test_a_step_keeps_what_was_seen_of_the_last_second() -> None:
    page = [row(n, at(n // 3)) for n in range(LIMIT)]
    step = advance(Cursor(START), page, Window(START, END), LIMIT)
    assert step.cursor == Cursor(at(1), frozenset(map(row_key, [row(3, at(1)), row(4, at(1))])))
    assert step.cursor is not None
    again = advance(step.cursor, page[3:], Window(START, END), LIMIT)
    assert (again.rows, again.cursor) == ([], None)


def test_slices_share_no_row_and_miss_none() -> None:
    window = Window(START, END)
    slices = parts_of(window, [at(9), None, at(3), at(3), START, END])
    assert slices == [Window(START, at(3)), Window(at(3), at(9)), Window(at(9), END)]
    assert parts_of(Window(None, END), []) == [Window(None, END)]


def test_slices_are_few_where_each_would_cost_a_page() -> None:
    assert [parallel_reads(n) for n in (0, 79_999, 100_000, 10**7)] == [1, 1, 2, 8]


def test_rows_that_moved_keep_their_place_and_are_not_handed_out() -> None:
    """A page around a bad record has places in it whose records come later, or never."""

    class Spoilt(Books):
        def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
            found = super().page(span, start=start, limit=limit)
            return [replace(r, state="moved") if r.id in ("2", "4") else r for r in found]

    books = Spoilt({n: at(n) for n in range(12)}, still)
    assert sorted(ids(list(sweep(books, Window(START, END), limit=LIMIT)))) == [
        n for n in range(12) if n not in (2, 4)
    ]
