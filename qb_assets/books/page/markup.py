"""HTML that is put together of elements: what is text is escaped, always."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_VOID = ("br", "meta")
"""Elements that hold nothing and have no end."""


class Html(str):
    """Markup that is safe as it stands; any other text is escaped where it is put in."""

    __slots__ = ()


def safe(child: str) -> Html:
    """Markup as it is, other text escaped."""
    return child if isinstance(child, Html) else Html(escape(child))


def joined(children: Iterable[str]) -> Html:
    """Children one after the other."""
    return Html("".join(map(safe, children)))


def tag(element: str, /, *children: str, **attributes: str | float | None) -> Html:
    """An element. Attributes of None are left out; `class_` is `class`, `tab_index` `tab-index`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Html(f"<{element}{written}>")
    return Html(f"<{element}{written}>{joined(children)}</{element}>")
