"""The program that refreshes one token and ends: `python -m qb_assets.quickbooks.refresher`.

Started by `detached`, which see. It imports as little as it can, as somebody waits for it.
"""

from __future__ import annotations

import logging
import signal
import sys
from contextlib import suppress

import msgspec

from qb_assets.quickbooks.detached import Ask, Failure, Outcome
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.refresh import refreshed
from qb_assets.quickbooks.stores import token_store_from_url


class _Lines(logging.Handler):
    """Keeps log lines for the one who asked, whose log they belong to."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line."""
        self.lines.append(record.getMessage())


def main() -> None:
    """Does what the standard input asks, stores it, and tells the outcome if anybody listens."""
    ask = msgspec.json.decode(sys.stdin.buffer.read(), type=Ask)
    # A refresh under way is brought to its end: it takes seconds, and half of one is worthless.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    answer = msgspec.json.encode(_outcome(ask))
    with suppress(OSError):  # the one who asked is gone; the token is stored
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _outcome(ask: Ask) -> Outcome:
    kept = _Lines()
    logger = logging.getLogger("qb_assets.quickbooks")
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    try:
        environ = {} if ask.store.key is None else {"QB_TOKEN_KEY": ask.store.key}
        store = token_store_from_url(ask.store.url, environ)
        connection = refreshed(ask.settings, store, ask.realm, ask.refused)
    except QuickBooksError as error:
        return Outcome(failure=Failure.of(error), log=kept.lines)
    except Exception as error:  # its text may hold anything, its kind does not
        unknown = QuickBooksError(
            f"the refresh of the token failed ({type(error).__name__})", company=ask.realm
        )
        return Outcome(failure=Failure.of(unknown), log=kept.lines)
    return Outcome(connection=connection, log=kept.lines)


if __name__ == "__main__":
    main()
