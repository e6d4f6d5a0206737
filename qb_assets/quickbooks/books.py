"""Opens the call book that QB_CALL_BOOK names, once a process."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qb_assets.quickbooks.call_book import CallBook, MemoryBook
from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.sqlite_book import SqliteBook

_books: dict[str, CallBook] = {}
_guard = threading.Lock()


def call_book(url: str) -> CallBook:
    """The call book at a path, `file:///path` or `postgresql://…`; `memory:` is this process's own.

    One object a process and address. Raises ConfigurationError for any other address; what the
    place itself has against it shows at the first use.
    """
    with _guard:
        book = _books.get(url)
        if book is None:
            book = _books[url] = _open(url)
        return book


def _open(url: str) -> CallBook:
    parts = urlsplit(url)
    if url == "memory:":
        return MemoryBook()
    if parts.scheme in ("postgresql", "postgres"):
        return _postgres(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return SqliteBook(Path(unquote(parts.path)))
    if len(parts.scheme) <= 1:  # one letter is a drive of Windows
        return SqliteBook(Path(url).expanduser())
    raise ConfigurationError(
        f"QB_CALL_BOOK names a kind of call book that is not known: {parts.scheme}:",
        what_to_do="Use a file (/path, file:///path), postgresql://…, or memory: for one process.",
    )


def _postgres(url: str) -> CallBook:
    try:
        from qb_assets.quickbooks.postgres_book import PostgresBook
    except ImportError:
        raise ConfigurationError(
            "a call book in PostgreSQL needs the package psycopg",
            what_to_do="Install it with: pip install 'qb_assets[postgres]'",
        ) from None
    return PostgresBook(url)
