"""What mends what a check found: which days to materialize again, to be clicked or typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from qb_assets.partitions import CompanyDays

MOST_NAMED = 3
"""Days that are named in one sentence."""

MOST_SPANS = 10
"""Commands that are written out; a longer list is read by nobody."""

_DOWN_TO_WAREHOUSE = "view=lineage&lineageScope=downstream&lineageDepth=2"


@dataclass
class Remedy:
    """The days, by company, that have to be materialized again."""

    days: dict[str, set[date]] = field(default_factory=lambda: defaultdict[str, set[date]](set))
    swept: set[str] = field(default_factory=set[str])
    """Companies with records that are gone in QuickBooks, which a comparison of all Ids finds."""

    def __bool__(self) -> bool:
        return bool(self.days or self.swept)

    def said(self) -> str:
        """A sentence, for the line that a check is told by."""
        days = sorted({day.isoformat() for days in self.days.values() for day in days})
        if not days:
            return "Materialize today again with a sweep of all Ids."
        named = ", ".join(days[:MOST_NAMED])
        more = f" and {len(days) - MOST_NAMED} more" if len(days) > MOST_NAMED else ""
        return f"Materialize {'the days ' if days[1:] else ''}{named}{more} again."

    def shown(self, raw: dg.AssetKey, today: date) -> dg.MarkdownMetadataValue:
        """Where to click and what to type, for the days of an entity's raw asset."""
        name = raw.to_user_string()
        commands = [*self._commands(name), *self._sweeps(name, today)]
        more = len(commands) - MOST_SPANS
        lines = [
            f"Open [{name} and what is made of it](/assets/{name}?{_DOWN_TO_WAREHOUSE}), choose"
            " **Materialize all**, and the company and the days. Or type:",
            "",
            "```sh",
            *commands[:MOST_SPANS],
            *([f"# and {more} more: name a longer range of days"] if more > 0 else []),
            "```",
        ]
        return dg.MetadataValue.md("\n".join(lines))

    def _commands(self, name: str) -> Iterator[str]:
        for company, days in sorted(self.days.items()):
            for first, last in CompanyDays(company, tuple(sorted(days))).spans():
                yield _command(company, first, last, name)

    def _sweeps(self, name: str, today: date) -> Iterator[str]:
        for company in sorted(self.swept):
            yield f"{_command(company, today, today, name)} --sweep"


def _command(company: str, first: date, last: date, name: str) -> str:
    return f"qb-assets materialize --company {company} --from {first} --to {last} --select {name}+"
