"""Change data capture: what changed and what was deleted, in as few calls as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from qb_assets.catalog import Entity
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import BadRecord, FeatureUnavailable
from qb_assets.quickbooks.query import Window
from qb_assets.raw.plan import captures, halves

OVERLAP = timedelta(seconds=1)
"""changedSince may or may not include its own instant, so it is asked from just before."""

FAR_AHEAD = timedelta(days=3650)
"""LastUpdatedTime can lie in the future (seen)."""


@dataclass
class Captured:
    """What change data capture told, by entity name; `missed` is what it could not tell of.

    That has more changes than one answer holds, or a record on which QuickBooks fails.
    """

    records: dict[str, list[Fetched]] = field(default_factory=dict[str, list[Fetched]])
    missed: list[str] = field(default_factory=list[str])


class Capture:
    """Asks change data capture of one company for the changes since a moment."""

    def __init__(self, client: QuickBooksClient, since: datetime) -> None:
        self._client = client
        self._since = since - OVERLAP
        self._found = Captured()

    def run(self, entities: Sequence[Entity]) -> Captured:
        """One call where that does; where its answer is full, groups of entities by their counts.

        Counting the changes first would cost more than the one call that nearly always does.
        """
        names = {entity.name: entity for entity in entities}
        if names and not self._ask(list(names.values())):
            if len(names) == 1:
                self._found.missed += names
            else:
                self._in_groups(names)
        return self._found

    def _in_groups(self, names: Mapping[str, Entity]) -> None:
        window = Window(self._since, self._since + FAR_AHEAD)
        counts = self._client.counts([(entity, window) for entity in names.values()])
        known = {
            name: 0 if isinstance(count, FeatureUnavailable) else count
            for name, count in counts.items()
        }
        groups, missed = captures(known)
        self._found.missed += missed
        for group in groups:
            self._narrow([names[name] for name in group])

    def _narrow(self, entities: Sequence[Entity]) -> None:
        """Halves the entities until no answer is full; deletes are in no count."""
        if self._ask(entities):
            return
        if len(entities) == 1:
            self._found.missed.append(entities[0].name)
            return
        for half in halves(entities):
            self._narrow(half)

    def _ask(self, entities: Sequence[Entity]) -> bool:
        """Takes an answer in, unless it is full or QuickBooks fails on one of its records."""
        try:
            answer = self._client.cdc(entities, self._since)
        except BadRecord:
            return False
        if not answer.full:
            self._found.records |= answer.records
        return not answer.full


def confirmed(
    client: QuickBooksClient,
    entities: Mapping[str, Entity],
    told: Mapping[str, Sequence[Fetched]],
) -> dict[str, list[Fetched]]:
    """The notices of deletion by entity name, with the records that are there after all.

    Change data capture has called records deleted that were merely updated (seen in an SDK's
    issue), so each is asked for by its Id. One metered call for about 30 entities or 1,000 Ids.
    """
    gone = {name: [row for row in rows if row.deleted] for name, rows in told.items()}
    wanted = [(name, [row.id for row in rows]) for name, rows in gone.items() if rows]
    answers = client.read_many([(entities[name], ids) for name, ids in wanted])
    settled: dict[str, list[Fetched]] = {}
    for (name, _), answer in zip(wanted, answers, strict=True):
        alive = {row.id: row for row in answer.rows}
        there = {*alive, *answer.unreadable}
        settled[name] = [*alive.values(), *(row for row in gone[name] if row.id not in there)]
        settled[name] += [
            replace(row, deleted=False, state="unreadable")
            for row in gone[name]
            if row.id in answer.unreadable
        ]
    return settled
