"""The raw layer against QuickBooks: every record of the window, by the source's own COUNT(*)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timezone

import dagster as dg
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Entity
from qb_assets.clock import utc_now
from qb_assets.faces import raw_key
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings, Value
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.resource import LakeResource
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar, CompanyDays, key_of
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.query import Window
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.raw.assets import POOL
from qb_assets.raw.plan import Span, spans
from qb_assets.raw.records import (
    GONE,
    RAW_SCHEMA,
    UNREADABLE,
    VERSION_COLUMNS,
    newest_versions,
)
from qb_assets.raw.survey import surveys
from qb_assets.raw.tags import charged
from qb_assets.scope import CheckWindow, asked_scopes, materialized_days

COMPLETE = "complete"


def build_raw_checks(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """One step for all entities, since their counts fit in one or two metered calls."""
    by_key = {dg.AssetCheckKey(raw_key(entity), COMPLETE): entity for entity in entities}

    @dg.multi_asset_check(
        name="raw_checks",
        specs=[
            dg.AssetCheckSpec(
                COMPLETE,
                asset=raw_key(entity),
                description=f"Every {entity.name} that QuickBooks counts in the window is held.",
            )
            for entity in entities
        ],
        can_subset=True,
        pool=POOL,
    )
    def raw_checks(
        context: dg.AssetCheckExecutionContext,
        config: CheckWindow,
        quickbooks: QuickBooksResource,
        lake: LakeResource,
    ) -> Iterator[dg.AssetCheckResult]:
        asked = [e for key, e in by_key.items() if key in context.selected_asset_check_keys]
        scopes = asked_scopes(context, config, calendar)
        counting = Counting({entity.name: Findings() for entity in asked}, lake, calendar)
        with plain_failures():
            for together, scope in _asked(context, asked, scopes):
                client = quickbooks.client(scope.company)
                with charged(context, client.usage):
                    counting.compare(client, together, scope, context)
        for entity in asked:
            yield counting.result(entity)

    return [raw_checks]


def _asked(
    context: dg.AssetCheckExecutionContext,
    entities: Sequence[Entity],
    scopes: Sequence[CompanyDays] | None,
) -> Iterator[tuple[Sequence[Entity], CompanyDays]]:
    """What is compared together: all entities in scopes, or each in all days that it has."""
    if scopes is not None:
        yield from ((entities, scope) for scope in scopes)
        return
    for entity in entities:
        for scope in materialized_days(context.instance, raw_key(entity)):
            yield [entity], scope


class Counting:
    """Compares what the lake holds with what QuickBooks counts."""

    def __init__(
        self, findings: Mapping[str, Findings], lake: LakeResource, calendar: Calendar
    ) -> None:
        self._findings = findings
        self._lake = lake
        self._calendar = calendar
        self._windows: dict[str, list[Mapping[str, Value]]] = {name: [] for name in findings}

    def compare(
        self,
        client: QuickBooksClient,
        entities: Sequence[Entity],
        scope: CompanyDays,
        context: dg.AssetCheckExecutionContext,
    ) -> None:
        """Looks at some days of a company."""
        lake = self._lake.open()
        now = utc_now()
        as_of = {entity.name: _as_of(context, entity, scope, self._calendar) for entity in entities}
        for span in spans(scope, self._calendar, min([now, *filter(None, as_of.values())])):
            found = surveys.of_run(context.run.run_id, client, entities, span.window)
            for name, reason in found.unavailable.items():
                self._findings[name].notes["not_offered"] = str(reason)
            for entity in entities:
                if entity.name in found.counts:
                    self._look(client, lake, entity, scope, span, found.counts[entity.name])

    def _look(
        self,
        client: QuickBooksClient,
        lake: Lake,
        entity: Entity,
        scope: CompanyDays,
        span: Span,
        counted: int,
    ) -> None:
        held, unreadable = held_ids(lake, entity, scope, span)
        found = self._findings[entity.name]
        found.looked_at += counted
        moved_on = 0
        if counted != len(held):
            there = _source_ids(client, entity, span.window)
            moved_on = len(held - there)
            found.add_all(
                {
                    "company": scope.company,
                    "id": missing,
                    "problem": "QuickBooks fails on it"
                    if missing in unreadable
                    else "not in the lake",
                }
                for missing in sorted(there - held)
            )
        self._windows[entity.name].append(
            {
                "company": scope.company,
                "first_day": span.first.isoformat(),
                "last_day": span.last.isoformat(),
                "quickbooks": counted,
                "lake": len(held),
                "difference": len(held) - counted,
                "changed_or_deleted_since": moved_on,
            }
        )

    def result(self, entity: Entity) -> dg.AssetCheckResult:
        """The check's result."""
        found = self._findings[entity.name]
        return found.result(
            raw_key(entity),
            COMPLETE,
            right=f"The lake holds every {entity.name} that QuickBooks counts.",
            wrong=(
                f"{found.wrong} {entity.name} records of QuickBooks are not in the lake:"
                " materialize the raw asset for those days."
            ),
            tables={"windows": self._windows[entity.name]},
        )


def held_ids(
    lake: Lake, entity: Entity, scope: CompanyDays, span: Span
) -> tuple[set[str], set[str]]:
    """The Ids whose newest held version in the span's days is live and inside its window.

    And the Ids of those of which QuickBooks gave no more than the Id.
    """
    days = [day for day in scope.days if span.first <= day <= span.last]

    def held() -> list[pa.Table]:
        objects = layout.objects_of(lake, layout.RAW, entity.table, scope.company, days)
        contents = lake.read_many([found.path for found in objects])
        return [parquet.decode(data, VERSION_COLUMNS) for data in contents]

    tables = settled(held) or [RAW_SCHEMA.empty_table()]
    newest = newest_versions(pa.concat_tables(tables)).filter(~pl.col("status").is_in(GONE))
    live: set[str] = set()
    unreadable: set[str] = set()
    for identity, instant, status in newest.select("id", "last_updated_time", "status").iter_rows():
        if span.window.holds(instant):
            (unreadable if status == UNREADABLE else live).add(identity)
    return live, unreadable


def _source_ids(client: QuickBooksClient, entity: Entity, window: Window) -> set[str]:
    rows = (row for page in client.query_pages(entity, window) for row in page)
    return {row.id for row in rows if window.holds(row.updated)}


def _as_of(
    context: dg.AssetCheckExecutionContext,
    entity: Entity,
    scope: CompanyDays,
    calendar: Calendar,
) -> datetime | None:
    """When the day that is not over yet was fetched; None where the days are all over.

    What changed since then is no gap: the next run brings it.
    """
    today = calendar.today()
    if today not in scope.days:
        return None
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(raw_key(entity), asset_partitions=[key_of(scope.company, today)]),
        limit=1,
    ).records
    materialization = records[0].asset_materialization if records else None
    value = materialization.metadata.get("as_of") if materialization else None
    if isinstance(value, dg.TimestampMetadataValue):
        return datetime.fromtimestamp(value.value, timezone.utc)
    return datetime.combine(today, time(), calendar.zone)
