"""Figures and days as accountants write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TypeAlias

Figures: TypeAlias = tuple[Decimal | None, ...]
"""One figure a column; None is left blank, and zero is a dash."""

ZERO = Decimal(0)
DASH = "–"
_CENT = Decimal("0.01")


def money(amount: Decimal | None) -> str:
    """Thousands with commas, negatives in parentheses, a dash for zero; at least two decimals.

    No digit is dropped: what has more decimals than two is shown with them.
    """
    if amount is None:
        return ""
    if not amount:
        return DASH
    exact = abs(amount).normalize()
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    text = f"{exact:,f}" if exponent < -2 else f"{exact.quantize(_CENT):,f}"
    return f"({text})" if amount < 0 else text


def short(amount: Decimal) -> str:
    """A figure for the axis of a chart: 1.5M, 20k, 300."""
    for size, letter in ((Decimal(1_000_000), "M"), (Decimal(1_000), "k")):
        if abs(amount) >= size:
            return f"{(amount / size).normalize():f}{letter}".replace("-", "−")
    return f"{amount.normalize():f}".replace("-", "−")


def added(*every: Figures) -> Figures:
    """The sums of columns; a blank counts as nothing."""
    return tuple(total(column) for column in zip(*every, strict=True))


def less(figures: Figures, others: Figures) -> Figures:
    """The differences of columns."""
    return added(figures, tuple(-(each or ZERO) for each in others))


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum; a blank counts as nothing."""
    return sum((each for each in amounts if each is not None), ZERO)


def day(moment: date) -> str:
    """May 31, 2026."""
    return f"{moment:%B} {moment.day}, {moment.year}"


def short_day(moment: date) -> str:
    """2026-05-31, where there is little room."""
    return moment.isoformat()[:10]


def instant(moment: datetime) -> str:
    """May 31, 2026, 14:05 UTC."""
    utc = moment.astimezone(timezone.utc)
    return f"{day(utc)}, {utc:%H:%M} UTC"
