"""Keeps what many requests bring at once in one transaction, before any of them is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """A durable write takes milliseconds; what comes meanwhile goes into the next one together.

    So thousands of requests a second cost no more writes to disk than there is time for. For one
    event loop; `keep` is called in a thread, one call at a time.
    """

    def __init__(self, keep: Callable[[Sequence[T]], int]) -> None:
        self._keep = keep
        self._queue: list[tuple[Sequence[T], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, items: Sequence[T]) -> None:
        """Returns when the items are kept. Raises what `keep` raised of them."""
        kept = asyncio.get_running_loop().create_future()
        self._queue.append((items, kept))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._queue:
            group, self._queue = self._queue, []
            items = [item for each, _ in group for item in each]
            failure: Exception | None = None
            try:
                await asyncio.to_thread(self._keep, items)
            except Exception as error:  # each request of the group is told, and answers so
                failure = error
            for _, kept in group:
                if kept.done():  # its request was given up
                    continue
                if failure is None:
                    kept.set_result(None)
                else:
                    kept.set_exception(failure)
        self._writer = None
