"""The locks of a store's companies: threads are excluded here, other processes by the store."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from qb_assets.quickbooks.faults import TokenStoreError
from qb_assets.quickbooks.tokens import Purpose, check_realm

LOCK_TIMEOUTS: Mapping[Purpose, float] = {"token": 360.0, "asking": 600.0}
"""Seconds: longer than a refresh with all its tries, and than the wait of one who has it refreshed
by another process."""


@dataclass(slots=True)
class _Held:
    lock: threading.RLock = field(default_factory=threading.RLock)
    depth: int = 0


class Locks:
    """Locks by company and purpose, which one thread may take again while it holds them.

    `outer` makes the lock that excludes other processes; it is entered by one thread at a time.
    """

    def __init__(self, outer: Callable[[str, Purpose], AbstractContextManager[None]]) -> None:
        self._outer = outer
        self._held: defaultdict[tuple[str, Purpose], _Held] = defaultdict(_Held)
        self._guard = threading.Lock()

    @contextmanager
    def hold(self, realm: str, purpose: Purpose) -> Generator[None, None, None]:
        """Holds the lock; raises TokenStoreError where it does not become free in time."""
        with self._guard:
            held = self._held[check_realm(realm), purpose]
        if not held.lock.acquire(timeout=LOCK_TIMEOUTS[purpose]):
            raise lock_timeout(realm, purpose, "another thread")
        try:
            held.depth += 1
            if held.depth > 1:
                yield
            else:
                with self._outer(realm, purpose):
                    yield
        finally:
            held.depth -= 1
            held.lock.release()


@contextmanager
def file_lock(path: Path, realm: str, purpose: Purpose) -> Generator[None, None, None]:
    """Holds a lock file, which is free again when its holder ends.

    Raises TokenStoreError where it does not become free in time, and OSError.
    """
    lock = FileLock(path, mode=0o600, timeout=LOCK_TIMEOUTS[purpose], thread_local=False)
    with ExitStack() as held:
        with suppress(Timeout):
            held.enter_context(lock)
        if not lock.is_locked:
            raise lock_timeout(realm, purpose, f"the holder of {path}")
        yield


def lock_timeout(realm: str, purpose: Purpose, holder: str) -> TokenStoreError:
    """The error for a lock that did not become free."""
    return TokenStoreError(
        f"the company's lock was held for {LOCK_TIMEOUTS[purpose]:.0f} s by {holder}",
        company=realm,
        what_to_do="Look for a process of qb_assets that hangs, end it, run it again.",
    )
