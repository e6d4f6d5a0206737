"""The texts of a report's cells as exact values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from qb_assets.quickbooks.faults import BadAnswer
from qb_assets.reports.columns import MONEY

arrow: Any = pa
DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""How a report writes a day. For none it has nothing, or 0-00-00."""


def decimal(text: str | None) -> Decimal | None:
    """A figure, None for a blank. Raises BadAnswer for what is no number."""
    if not text:
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise _no("number") from None


def decimal_or_none(text: str | None) -> Decimal | None:
    """A figure; None for a blank and for what is no number, such as a percentage."""
    try:
        return decimal(text)
    except BadAnswer:
        return None


def array(texts: Sequence[str | None], kind: Any) -> Any:
    """Cells as an Arrow array, blanks as nulls; no figure passes through a float.

    Raises BadAnswer for what is not of the kind, or has more than ten decimals.
    """
    if kind == pa.string():
        return arrow.array([text or None for text in texts], kind)
    if kind == pa.date32():
        days = [text if text and DAY.fullmatch(text) else None for text in texts]
        return _cast(days, kind, "day")
    if kind == MONEY:
        return _cast([text.replace(",", "") if text else None for text in texts], kind, "number")
    return _cast([text or None for text in texts], kind, "whole number")


def _cast(texts: Sequence[str | None], kind: Any, what: str) -> Any:
    try:
        return arrow.array(texts, pa.string()).cast(kind)
    except arrow.ArrowInvalid:  # its text quotes the cell
        raise _no(what) from None


def _no(what: str) -> BadAnswer:
    return BadAnswer(f"a cell of the report is no {what} that can be held")
