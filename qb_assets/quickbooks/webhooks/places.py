"""Opens the inbox that QB_WEBHOOK_INBOX names; else the one beside the call book."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import DEFAULT_CALL_BOOK, read_call_book
from qb_assets.quickbooks.webhooks.inbox import Inbox
from qb_assets.quickbooks.webhooks.sql_inbox import sqlite_inbox

FILE = "webhooks.db"

_inboxes: dict[str, Inbox] = {}
_guard = threading.Lock()


def inbox_place(environ: Mapping[str, str] | None = None) -> str:
    """QB_WEBHOOK_INBOX; else beside the call book, or in its database."""
    values = os.environ if environ is None else environ
    chosen = values.get("QB_WEBHOOK_INBOX", "").strip()
    if chosen:
        return chosen
    beside = read_call_book(values)
    if _is_postgres(beside):
        return beside
    if beside == "memory:":  # which another process cannot see
        beside = DEFAULT_CALL_BOOK
    return f"{beside.rpartition('/')[0] or '.'}/{FILE}"


def open_inbox(place: str) -> Inbox:
    """The inbox at a path, `file:///path` or `postgresql://…`; one object a process and place.

    Raises ConfigurationError for any other place; what the place itself has against it shows at
    the first use.
    """
    with _guard:
        found = _inboxes.get(place)
        if found is None:
            found = _inboxes[place] = _open(place)
        return found


def _open(place: str) -> Inbox:
    parts = urlsplit(place)
    if _is_postgres(place):
        return _postgres(place)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return sqlite_inbox(Path(unquote(parts.path)))
    if len(parts.scheme) <= 1:  # one letter is a drive of Windows
        return sqlite_inbox(Path(place).expanduser())
    raise ConfigurationError(
        f"QB_WEBHOOK_INBOX names a kind of inbox that is not known: {parts.scheme}:",
        what_to_do="Use a file (/path, file:///path) or postgresql://…",
    )


def _is_postgres(place: str) -> bool:
    return urlsplit(place).scheme in ("postgresql", "postgres")


def _postgres(url: str) -> Inbox:
    try:
        from qb_assets.quickbooks.webhooks.postgres_inbox import postgres_inbox
    except ImportError:
        raise ConfigurationError(
            "an inbox in PostgreSQL needs the package psycopg",
            what_to_do="Install it with: pip install 'qb_assets[postgres]'",
        ) from None
    return postgres_inbox(url)
