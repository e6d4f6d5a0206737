"""Several iterators read at once, each by a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from queue import Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

_POLL = 0.1


def interleave(sources: Sequence[Iterator[T]]) -> Generator[tuple[int, T]]:
    """The items of all iterators as they come, each with the place of its iterator.

    Besides the items that their threads hold, a quarter as many wait to be taken as there are
    iterators, one at least. What one of them raises is raised here, and the others are left where
    they are, as they are when the taker stops.
    """
    if len(sources) == 1:
        yield from ((0, item) for item in sources[0])
        return
    line: _Line[T] = _Line(len(sources))
    threads = [
        threading.Thread(target=line.fill, args=(place, source), daemon=True)
        for place, source in enumerate(sources)
    ]
    for thread in threads:
        thread.start()
    try:
        yield from line.items()
    finally:
        line.stopped.set()
        for thread in threads:
            thread.join()


class _End:
    """The end of one iterator, and what it raised."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Line(Generic[T]):
    def __init__(self, sources: int) -> None:
        self.stopped = threading.Event()
        self._open = sources
        self._queue: Queue[tuple[int, T | _End]] = Queue(maxsize=max(1, sources // 4))

    def fill(self, place: int, source: Iterator[T]) -> None:
        """Puts an iterator's items into the line until it ends, or all is stopped."""
        error: BaseException | None = None
        try:
            for item in source:
                self._put(place, item)
                del item  # which may be large, and is not to wait here for the next one
                if self.stopped.is_set():
                    return
        except BaseException as raised:  # given on to the taker
            error = raised
        self._put(place, _End(error))

    def items(self) -> Iterator[tuple[int, T]]:
        """Takes items until all iterators have ended; raises what one of them raised."""
        while self._open:
            place, item = self._queue.get()
            if not isinstance(item, _End):
                yield place, item
                del item
            elif item.error is not None:
                raise item.error
            else:
                self._open -= 1

    def _put(self, place: int, item: T | _End) -> None:
        while not self.stopped.is_set():
            with suppress(Full):
                self._queue.put((place, item), timeout=_POLL)
                return
