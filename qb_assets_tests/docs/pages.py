"""The repository's pages, their links, and the commands that they name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)
_COMMAND = re.compile(r"qb-assets((?: [^`\n]*)?)")
_ENDS_A_COMMAND = re.compile(r"\s+#|[|;<>&()]|[:,.](?:\s|$)|…")


@dataclass(frozen=True)
class Link:
    """A link of a page to somewhere in the repository."""

    page: Path
    target: str

    @property
    def wrong(self) -> str | None:
        """What is wrong with it."""
        path, _, anchor = self.target.partition("#")
        file = (self.page.parent / path).resolve() if path else self.page
        if not file.exists():
            return f"{self.page.relative_to(ROOT)}: there is no {self.target}"
        if anchor and anchor not in anchors(file):
            return f"{self.page.relative_to(ROOT)}: {self.target} has no such heading"
        return None


def all_pages() -> list[Path]:
    """README and everything in docs."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def links(page: Path) -> Iterator[Link]:
    """The links of a page that stay in the repository, images too."""
    text = _SPAN.sub("``", _FENCE.sub("", page.read_text(encoding="utf-8")))
    for found in _LINK.finditer(text):
        if "://" not in found[1] and not found[1].startswith("mailto:"):
            yield Link(page, found[1])


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link can point at in a page: its headings, as GitHub makes anchors of them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return frozenset(_anchor(heading) for heading in _HEADING.findall(text))


def commands(text: str) -> Iterator[list[str]]:
    """The words after `qb-assets` of each command that code in a page names.

    Brackets around what may be left out are taken off, and alternatives, written with a middle
    dot, are commands of their own.
    """
    for code in (*(found[0] for found in _FENCE.finditer(text)), *_SPAN.findall(text)):
        for found in _COMMAND.finditer(code.replace("\\\n", " ")):
            yield from words_of(found[1])


def words_of(text: str) -> Iterator[list[str]]:
    """The words of a command, up to where it ends; one list for each alternative."""
    plain = _ENDS_A_COMMAND.split(text.replace("[", " ").replace("]", " "), maxsplit=1)[0]
    first, *others = plain.split("·")
    words = _split(first)
    yield words
    for other in others:
        yield [*words[:-1], *_split(other)]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is cut off where the command ends
        return text.split()


def _anchor(heading: str) -> str:
    words = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
