"""Fetches days of a company's books into the lake, with one call plan for all entities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qb_assets.catalog import Entity
from qb_assets.lake import layout
from qb_assets.lake.store import Lake
from qb_assets.memory import give_back
from qb_assets.pace import Pace, Say
from qb_assets.partitions import Calendar, CompanyDays
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.query import Window
from qb_assets.raw.capture import Capture, Captured, confirmed
from qb_assets.raw.landing import Extract, Landed, Landing
from qb_assets.raw.plan import MAX_OBJECTS, Span, pack, spans, within_cdc
from qb_assets.raw.survey import Survey, survey
from qb_assets.raw.sweep import held_live, vanish, vanished

Counted = Callable[[Window, Survey], None]


@dataclass
class Extraction:
    """What one fetch of a company brought, by entity name."""

    landed: dict[str, Landed]
    routes: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """How each entity was asked for: cdc, batch, query, read, sweep; `unavailable` where the
    company has not the feature."""


class Extractor:
    """One company's fetch: change data capture first, then batched queries, then paged ones.

    With `sweep`, all Ids are compared with those that the lake holds. Else that is done where
    deletes may have been missed, and where counts say that some were.
    """

    def __init__(
        self,
        client: QuickBooksClient,
        lake: Lake,
        calendar: Calendar,
        scope: CompanyDays,
        entities: Sequence[Entity],
        extract: Extract,
        progress: Say,
        *,
        sweep: bool = False,
        counted: Counted = lambda _window, _survey: None,
    ) -> None:
        self._client = client
        self._lake = lake
        self._calendar = calendar
        self._scope = scope
        self._entities = {entity.name: entity for entity in entities}
        self._now = extract.at
        self._progress = progress
        self._thorough = sweep
        self._counted = counted
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
            self._say(f"{span.first} to {span.last}, {len(self._entities)} entities")
            self._fetch(span)
            self._flush()
        give_back()
        landed = {name: landing.landed for name, landing in self._landings.items()}
        seen = sum(each.seen.total() for each in landed.values())
        new = sum(each.new.total() for each in landed.values())
        self._say(f"{seen:,} records were fetched, {new:,} are new to the lake")
        return Extraction(landed, self._routes)

    def _fetch(self, span: Span) -> None:
        window = span.window
        recent = within_cdc(window, self._now)
        if recent == window:
            captured = self._capture(self._captured_entities(), window)
            self._query(window, captured)
            missed = captured.missed
        else:  # what the lake does not hold yet cannot have been deleted from it
            held = [name for name in self._entities if self._holds(name)]
            deletable = [name for name in self._captured_entities() if name in held]
            self._query(window, Captured())
            missed = held
            if recent is not None:  # a query tells of no delete
                self._capture(deletable, recent, deletes_only=True)
        self._sweep(list(self._entities) if self._thorough else missed, window)

    def _captured_entities(self) -> list[str]:
        return [name for name, entity in self._entities.items() if entity.cdc]

    def _holds(self, name: str) -> bool:
        """Whether the lake holds anything of an entity that can vanish."""
        entity = self._entities[name]
        return vanish(entity) and bool(
            layout.all_objects(self._lake, layout.RAW, entity.table, self._scope.company)
        )

    def _capture(
        self, names: Sequence[str], window: Window, *, deletes_only: bool = False
    ) -> Captured:
        """Takes in what change data capture tells of the window; deletes are asked for by Id."""
        if not names or window.start is None:
            return Captured()
        entities = [self._entities[name] for name in names]
        captured = Capture(self._client, window.start).run(entities)
        told = {
            name: [row for row in rows if window.holds(row.updated)]
            for name, rows in captured.records.items()
        }
        for name, rows in confirmed(self._client, self._entities, told).items():
            self._take(name, [row for row in rows if row.deleted], window, "cdc")
            self._take(name, [row for row in rows if not row.deleted], window, "read")
        if not deletes_only:
            for name, rows in told.items():
                self._take(name, [row for row in rows if not row.deleted], window, "cdc")
        captured.records = told
        return captured

    def _query(self, window: Window, captured: Captured) -> None:
        """Counts the window, and asks for all that change data capture did not bring."""
        found = survey(self._client, list(self._entities.values()), window)
        self._counted(window, found)
        for name, reason in found.unavailable.items():
            self._routes[name].append("unavailable")
            self._say(str(reason))
        for name, rows in found.rows.items():
            self._take(name, rows, window, "batch")
        brought = {
            name: len({row.id for row in rows if not row.deleted})
            for name, rows in captured.records.items()
        }
        missing = {
            name: count
            for name, count in found.counts.items()
            if name not in found.rows and count > brought.get(name, 0)
        }
        batches, paged = pack(missing)
        pace = Pace(self._progress, f"company {self._scope.company}", total=sum(missing.values()))
        for batch in batches:
            answers = self._client.query_batch([(self._entities[name], window) for name in batch])
            for name, rows in zip(batch, answers, strict=True):
                if len(rows) >= MAX_OBJECTS:  # grew since it was counted, and may be cut off
                    paged.append(name)
                else:
                    self._take(name, rows, window, "batch")
                    pace.advance(len(rows), f"{name} {len(rows):,} records by batch")
        for name in paged:
            self._page(name, window, missing[name], pace)

    def _page(self, name: str, window: Window, expected: int, pace: Pace) -> None:
        done = 0
        pages = self._client.query_pages(self._entities[name], window, expected=expected)
        for number, page in enumerate(pages, start=1):
            self._take(name, page, window, "query")
            done += len(page)
            pace.advance(len(page), f"{name} {done:,} of {expected:,} records, page {number:,}")

    def _sweep(self, names: Sequence[str], window: Window) -> None:
        """Looks for deletes that change data capture could not tell of."""
        wanted = {name: self._entities[name] for name in names if vanish(self._entities[name])}
        if not wanted:
            return
        self._flush()
        held = {
            name: held_live(self._lake, entity, self._scope.company)
            for name, entity in wanted.items()
        }
        found = vanished(self._client, held, wanted, window, thorough=self._thorough)
        for name in wanted:
            if held[name]:
                self._routes[name].append("sweep")
            self._take(name, found.get(name, []), window, "sweep")
        gone = sum(map(len, found.values()))
        self._say(f"looked for deletes of {len(wanted)} entities by their Ids: {gone:,} found")

    def _take(self, name: str, rows: Sequence[Fetched], window: Window, source: str) -> None:
        inside = [row for row in rows if window.holds(row.updated)]
        if inside and source not in self._routes[name]:
            self._routes[name].append(source)
        self._landings[name].add(inside, source)

    def _flush(self) -> None:
        for landing in self._landings.values():
            landing.flush()

    def _say(self, what: str) -> None:
        self._progress(f"company {self._scope.company}: {what}")


def extract_id(now: datetime, run_id: str) -> str:
    """The name of a fetch: sorts by time, and is its run's own."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{run_id[:8]}"
