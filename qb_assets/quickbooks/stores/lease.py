"""A lock across machines as a lease in AWS Secrets Manager: who holds it, and for how long.

The lock is a secret whose current version is either the free one or its holder's. Its end is
counted by the clock of Secrets Manager alone (the age of the holder's version), so it does not
matter how far the clocks of the machines are apart.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from contextlib import suppress

from qb_assets.quickbooks.stores.versions import AWS_ERRORS, Version, Versions

LEASE = 300.0
"""Seconds: longer than a refresh with all its tries, shorter than the wait for a lock."""

_FREE = str(uuid.uuid5(uuid.NAMESPACE_URL, "qb_assets: nobody holds the lock"))
_POLL = 0.4


class Lease:
    """The lock of one secret."""

    def __init__(self, versions: Versions, seconds: float = LEASE) -> None:
        self._versions = versions
        self._text = json.dumps({"lease": seconds})

    def take(self, timeout: float) -> str | None:
        """Takes the lock, waiting so many seconds for it; its holder's id, None where it is held.

        A lease that has ended is taken over. Raises AWS_ERRORS.
        """
        give_up = time.monotonic() + timeout
        roll = secrets.SystemRandom().random
        while True:
            holder = str(uuid.uuid4())
            current = self._versions.read()
            if current is None:
                if self._versions.create(_FREE, "{}"):
                    self._versions.label(_FREE, "QB_FREE")
                continue
            free = current.id == _FREE or current.age > _seconds(current)
            if free and self._versions.replace(current.id, holder, self._text):
                return holder
            if time.monotonic() > give_up:
                return None
            time.sleep(_POLL * (0.5 + roll()))

    def release(self, holder: str) -> None:
        """Frees the lock where the holder still has it. In trouble it is left to end by itself."""
        with suppress(*AWS_ERRORS):
            self._versions.move(holder, _FREE)


def _seconds(version: Version) -> float:
    try:
        return float(json.loads(version.text)["lease"])
    except (ValueError, KeyError, TypeError):
        return LEASE
