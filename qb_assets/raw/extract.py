"""Fetches days of a company's books into the lake, with one call plan for all entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qb_assets.catalog import Entity
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar, CompanyDays
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import FeatureUnavailable
from qb_assets.quickbooks.query import Window
from qb_assets.raw.landing import Extract, Landed, Landing
from qb_assets.raw.plan import MAX_OBJECTS, Span, halves, pack, spans, within_cdc

CDC_OVERLAP = timedelta(seconds=1)
"""changedSince may or may not include its own instant, so it is asked from just before."""

Progress = Callable[[str], None]


@dataclass
class Extraction:
    """What one fetch of a company brought, by entity name."""

    landed: dict[str, Landed]
    routes: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """How each entity was asked for: cdc, batch, query; `unavailable` where the company has not
    the feature."""


class Extractor:
    """One company's fetch: change data capture first, then batched queries, then paged ones."""

    def __init__(
        self,
        client: QuickBooksClient,
        lake: Lake,
        calendar: Calendar,
        scope: CompanyDays,
        entities: Sequence[Entity],
        extract: Extract,
        progress: Progress,
    ) -> None:
        self._client = client
        self._calendar = calendar
        self._scope = scope
        self._entities = {entity.name: entity for entity in entities}
        self._now = extract.at
        self._progress = progress
        self._landings = {
            entity.name: Landing(lake, calendar, entity, scope.company, scope.days, extract)
            for entity in entities
        }
        self._routes: dict[str, list[str]] = {name: [] for name in self._entities}

    def run(self) -> Extraction:
        """Fetches every asked day and writes it; what is written stays if a later call fails.

        Raises:
            QuickBooksError: a call failed for good.
            LakeError: an object could not be written.
        """
        for span in spans(self._scope, self._calendar, self._now):
            self._progress(
                f"company {self._scope.company}: {span.first} to {span.last},"
                f" {len(self._entities)} entities"
            )
            self._fetch(span)
        for landing in self._landings.values():
            landing.flush()
        landed = {name: landing.landed for name, landing in self._landings.items()}
        return Extraction(landed, self._routes)

    def _fetch(self, span: Span) -> None:
        names = list(self._entities)
        captured = [name for name in names if self._entities[name].cdc]
        recent = within_cdc(span.window, self._now)
        if recent == span.window:
            full = self._capture(captured, span.window)
            self._query([n for n in names if n not in captured or n in full], span.window)
            return
        held = [name for name in captured if self._landings[name].held_before]
        self._query(names, span.window)
        if recent is not None:  # a query tells of no delete
            self._capture(held, recent, deletes_only=True)

    def _capture(
        self, names: list[str], window: Window, *, deletes_only: bool = False
    ) -> list[str]:
        """Change data capture, narrowed until no answer is full; gives those too many for it."""
        if not names or window.start is None:
            return []
        entities = [self._entities[name] for name in names]
        answer = self._client.cdc(entities, window.start - CDC_OVERLAP)
        if answer.full and len(names) > 1:
            left, right = halves(names)
            return self._capture(left, window, deletes_only=deletes_only) + self._capture(
                right, window, deletes_only=deletes_only
            )
        for name in names:
            rows = answer.records.get(name, [])
            taken = [row for row in rows if row.deleted] if deletes_only else rows
            self._take(name, taken, window, "cdc")
        if answer.full:
            self._routes[names[0]].append("deletes not seen")
            self._progress(
                f"company {self._scope.company}: {names[0]} has more changes than change data"
                " capture tells of, so its deletes in this window are not seen"
            )
        return names if answer.full else []

    def _query(self, names: list[str], window: Window) -> None:
        asked = self._available([self._entities[name] for name in names], window)
        batches, paged = pack(asked)
        for batch in batches:
            answers = self._client.query_batch([(self._entities[name], window) for name in batch])
            for name, rows in zip(batch, answers, strict=True):
                if len(rows) >= MAX_OBJECTS:  # grew since it was counted, and may be cut off
                    paged.append(name)
                else:
                    self._take(name, rows, window, "batch")
        for name in paged:
            done = 0
            for page in self._client.query_pages(self._entities[name], window):
                self._take(name, page, window, "query")
                done += len(page)
                self._progress(
                    f"company {self._scope.company}: {name} {done:,} of {asked[name]:,} records"
                )

    def _available(self, entities: Sequence[Entity], window: Window) -> Mapping[str, int]:
        """Counts by entity; those that the company has not switched on are noted and left out."""
        counts, unavailable = available_counts(self._client, entities, window)
        for name, reason in unavailable.items():
            self._routes[name].append("unavailable")
            self._progress(f"company {self._scope.company}: {reason}")
        return counts

    def _take(self, name: str, rows: Sequence[Fetched], window: Window, source: str) -> None:
        if source not in self._routes[name]:
            self._routes[name].append(source)
        inside = [row for row in rows if window.holds(row.updated)]
        self._landings[name].add(inside, source)


def available_counts(
    client: QuickBooksClient, entities: Sequence[Entity], window: Window
) -> tuple[dict[str, int], dict[str, FeatureUnavailable]]:
    """How many records of each entity are in the window, and which the company does not have.

    An entity that cannot be asked for by time is counted whole.
    """
    counts: dict[str, int] = {}
    unavailable: dict[str, FeatureUnavailable] = {}
    for name, answer in client.counts([(entity, window) for entity in entities]).items():
        if isinstance(answer, FeatureUnavailable):
            unavailable[name] = answer
        else:
            counts[name] = answer
    return counts, unavailable


def extract_id(now: datetime, run_id: str) -> str:
    """The name of a fetch: sorts by time, and is its run's own."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{run_id[:8]}"
