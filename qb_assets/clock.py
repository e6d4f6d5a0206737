"""The time, asked for in one place, so that a simulation can move all days at once."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """The machine's time in UTC."""
    return _machine_time()


def _machine_time() -> datetime:
    return datetime.now(timezone.utc)
