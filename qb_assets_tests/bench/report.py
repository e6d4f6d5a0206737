"""The tables of the bench, as Markdown, and their places in docs/benchmarks.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from qb_assets_tests.bench.measure import Usage


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of a table: what was run, what it used, and how its result differs from the truth.

    `start` is what the same program uses to start and do nothing, measured beside it.
    """

    name: str
    used: Usage
    start: Usage
    different: Mapping[str, Decimal]

    @property
    def cpu(self) -> float:
        """Processor seconds besides the start."""
        return self.used.cpu - self.start.cpu

    def with_also(self, different: Mapping[str, Decimal]) -> Measured:
        """The same line with more that differs."""
        return replace(self, different={**self.different, **different})


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def usages(rows: Sequence[Measured]) -> str:
    """What each run used."""
    head = ("", "CPU s besides start", "start", "CPU s in all", "wall s", "peak MB", "exact")
    return table(head, [(*used(row), exact(row.different)) for row in rows])


def used(row: Measured) -> tuple[str, ...]:
    """A run's name and what it used, as cells."""
    return (
        row.name,
        f"{row.cpu:.1f}",
        f"{row.start.cpu:.1f}",
        f"{row.used.cpu:.1f}",
        f"{row.used.wall:.0f}",
        f"{row.used.peak:,.0f}",
    )


def exact(different: Mapping[str, Decimal]) -> str:
    """`yes`, or `no` with each figure that differs and by how much."""
    if not different:
        return "yes"
    return "no: " + ", ".join(f"{name} {less:+f}" for name, less in different.items())


def ratios(ours: Sequence[Measured], peers: Sequence[Measured]) -> str:
    """How many times as much each peer used as each of our runs."""
    head = ("", "CPU besides start", "CPU in all", "peak memory")
    return table(
        head,
        [
            (
                f"{peer.name} ÷ {own.name}",
                f"{peer.cpu / own.cpu:.1f}",
                f"{peer.used.cpu / own.used.cpu:.1f}",
                f"{peer.used.peak / own.used.peak:.1f}",
            )
            for peer in peers
            for own in ours
        ],
    )


def put(page: Path, section: str, text: str) -> None:
    """Write a section between its markers on a page. Raises ValueError where there are none."""
    begin, end = f"<!-- bench:{section} -->", f"<!-- end of bench:{section} -->"
    whole = page.read_text(encoding="utf-8")
    if begin not in whole or end not in whole:
        raise ValueError(f"{page.name} has no place for {section}: write {begin} and {end} there")
    place = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    made = f"{begin}\n{text}\n{end}"
    page.write_text(place.sub(lambda _: made, whole), encoding="utf-8")
