"""The SQL of this folder: a file a statement, with places in braces that others fill."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


def statement(name: str, /, **terms: str) -> str:
    """The text of a file with these terms in the places that have their names.

    Raises KeyError where a place has no term.
    """
    return text(name).format(**terms)


@cache
def text(name: str) -> str:
    """The text of a file as it is."""
    return sql_file(name).read_text()


def sql_file(name: str) -> Path:
    """The file of that name."""
    return _FOLDER / f"{name}.sql"
