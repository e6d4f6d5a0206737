"""A process that needs a fresh token whenever it is told to, until it is killed.

Its standard input brings a `Job`, and then a line a round. It answers each with a line: the token's
fingerprint, or the error.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import msgspec

from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.quickbooks.tokens import Recipe


@dataclass(frozen=True, slots=True)
class Job:
    """Whose token is needed, and where it is kept."""

    settings: Settings
    store: Recipe
    realm: str


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one round: the token's fingerprint and whether it is fresh, or the error."""

    fingerprint: str = ""
    fresh: bool = False
    error: str = ""


def main() -> None:
    """Reads rounds and answers them."""
    job = msgspec.json.decode(sys.stdin.readline(), type=Job)
    store = token_store_from_url(job.store.url, {"QB_TOKEN_KEY": job.store.key or ""})
    _say(Said())  # ready
    for _ in sys.stdin:
        try:
            token = Custody(job.settings, store, job.realm).current()
        except QuickBooksError as error:
            _say(Said(error=str(error)))
        else:
            _say(Said(fingerprint=token.fingerprint, fresh=token.is_fresh()))


def _say(said: Said) -> None:
    sys.stdout.write(msgspec.json.encode(said).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
