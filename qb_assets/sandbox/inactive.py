"""Inactive rows of lists: QuickBooks marks their names."""

from __future__ import annotations

from msgspec import Raw

from .documents import Fields, read_fields, write_fields

NAMES = ("FullyQualifiedName", "DisplayName", "Name")
_MARK = b' (deleted)"'


def marked(body: bytes) -> bytes:
    """An inactive row with " (deleted)" at its names, as QuickBooks serves it; others as is."""
    if b"false" not in body:
        return body
    fields = read_fields(body)
    if bytes(fields.get("Active", b"")) != b"false":
        return body
    changed = {
        name: Raw(text[:-1] + _MARK) for name, text in _names(fields) if not text.endswith(_MARK)
    }
    return write_fields(fields | changed) if changed else body


def reactivated(body: bytes) -> Fields:
    """The fields that make a row active again: Active, and its names without the mark."""
    fields = read_fields(body)
    unmarked = {
        name: Raw(text.removesuffix(_MARK) + b'"')
        for name, text in _names(fields)
        if text.endswith(_MARK)
    }
    return {**unmarked, "Active": Raw(b"true")}


def _names(fields: Fields) -> list[tuple[str, bytes]]:
    return [(name, bytes(fields[name])) for name in NAMES if name in fields]
