"""Several iterators at once: everything comes, errors come, and nobody is left waiting."""

import threading
from collections.abc import Iterator

import pytest

from qb_assets.quickbooks.parallel import interleave


def test_everything_comes_once_with_its_place() -> None:
    found = list(interleave([iter(range(100)), iter(range(7)), iter(())]))
    assert [n for place, n in found if place == 0] == list(range(100))
    assert [n for place, n in found if place == 1] == list(range(7))


def test_they_are_read_at_the_same_time() -> None:
    """Each waits for the other in its midst, which one after the other would do for ever."""
    barrier = threading.Barrier(2, timeout=10)

    def waits() -> Iterator[int]:
        yield barrier.wait()

    assert len(list(interleave([waits(), waits()]))) == 2


def test_an_error_of_one_ends_all() -> None:
    def fails() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    def endless() -> Iterator[int]:
        while True:
            yield 2

    with pytest.raises(LookupError, match="no more"):
        for _ in interleave([fails(), endless()]):
            pass


def test_a_taker_who_stops_leaves_no_thread_behind() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    before = threading.active_count()
    items = interleave([endless(), endless(), endless()])
    assert next(items)[1] == 1
    items.close()
    assert threading.active_count() == before
