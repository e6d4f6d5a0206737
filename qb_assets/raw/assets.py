"""The raw assets: one fetch for all selected entities, since calls are metered."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import dagster as dg
from pydantic import Field

from qb_assets.catalog import Entity
from qb_assets.clock import utc_now
from qb_assets.code_links import entity_links
from qb_assets.faces import (
    CONNECTION,
    OWNERS,
    RAW,
    PartitionFigures,
    arrow_columns,
    entity_tags,
    raw_key,
    rows_name,
)
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import Calendar, CompanyDays, company_days, key_of
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.usage import Figures, Snapshot
from qb_assets.raw.extract import Extraction, Extractor, extract_id
from qb_assets.raw.landing import Extract
from qb_assets.raw.records import RAW_DOCS, RAW_SCHEMA
from qb_assets.raw.survey import surveys
from qb_assets.raw.tags import YES, charge, fetched_tag

POOL = "quickbooks"


def raw_spec(entity: Entity) -> dg.AssetSpec:
    """How an entity's raw asset presents itself."""
    return dg.AssetSpec(
        raw_key(entity),
        group_name=RAW,
        kinds={"quickbooks", "json", "parquet"},
        deps=[CONNECTION],
        owners=OWNERS,
        tags=entity_tags(entity),
        description=(
            f"Every version of {entity.name} seen, one row a version, with the exact JSON bytes."
            f" {entity.description}"
        ),
        metadata={
            "dagster/column_schema": arrow_columns(RAW_SCHEMA, RAW_DOCS),
            "dagster/uri": f"{RAW}/{entity.table}",
            "documentation": dg.MetadataValue.url(_reference(entity)),
            **entity_links(entity),
        },
    )


class Fetch(dg.Config):
    """How a fetch is done."""

    sweep: bool = Field(
        default=False,
        description=(
            "Compare all Ids with QuickBooks' to find deletes that change data capture did not"
            " tell of; a metered call for each 1,000 records. Done by itself where some may have"
            " been missed."
        ),
    )


def build_raw_assets(entities: Sequence[Entity], calendar: Calendar) -> dg.AssetsDefinition:
    """One multi-asset with an output for every entity; any subset can be materialized."""
    by_key = {raw_key(entity): entity for entity in entities}

    @dg.multi_asset(
        name="raw",
        specs=[raw_spec(entity) for entity in entities],
        partitions_def=calendar.partitions(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
    )
    def raw(
        context: dg.AssetExecutionContext,
        config: Fetch,
        quickbooks: QuickBooksResource,
        lake: LakeResource,
    ) -> Iterator[dg.MaterializeResult[Any]]:
        asked = [by_key[key] for key in by_key if key in context.selected_asset_keys]
        now = utc_now()
        extract = Extract(extract_id(now, context.run.run_id), now)
        figures = RawFigures(context, extract)
        for scope in company_days(context.partition_keys):
            with plain_failures():
                client = quickbooks.client(scope.company)
                before = client.usage.snapshot()
                try:
                    extraction = Extractor(
                        client,
                        lake.open(),
                        calendar,
                        scope,
                        asked,
                        extract,
                        context.log.info,
                        sweep=config.sweep,
                        counted=partial(surveys.keep, context.run.run_id, scope.company),
                    ).run()
                    figures.add(scope, extraction, client.usage.snapshot() - before)
                finally:
                    figures.spent(scope, client.usage.snapshot() - before)
        for entity in asked:
            yield figures.result(entity)

    return raw


class RawFigures:
    """What a run's materializations say: sums over companies, and figures of each partition."""

    def __init__(self, context: dg.AssetExecutionContext, extract: Extract) -> None:
        self._context = context
        self._extract = extract
        self._sums: dict[str, Counter[str]] = defaultdict(Counter)
        self._routes: dict[str, set[str]] = defaultdict(set)
        self._of_day: dict[str, PartitionFigures] = defaultdict(PartitionFigures)
        self._total = Figures()

    def spent(self, scope: CompanyDays, usage: Snapshot) -> None:
        """Notes what a company's fetch came to, however it ended."""
        self._total += usage.total
        context = self._context
        charge(context.instance, context.run.run_id, usage.total, scope.company)

    def add(self, scope: CompanyDays, extraction: Extraction, usage: Snapshot) -> None:
        """Takes in one company's fetch that came to its end."""
        done = {fetched_tag(scope.company): YES}
        self._context.instance.add_run_tags(self._context.run.run_id, done)
        calls = usage.metered
        for name, landed in extraction.landed.items():
            self._sums[name] += Counter(
                seen=landed.seen.total(),
                new=landed.new.total(),
                deleted=landed.deleted.total(),
                unreadable=landed.unreadable.total(),
                bytes=landed.bytes,
                objects=len(landed.objects),
                calls=sum(n for (_, entity), n in calls.items() if entity == name),
            )
            self._routes[name].update(extraction.routes[name])
            for day, seen in landed.seen.items():
                self._of_day[name].add(key_of(scope.company, day), rows=seen, new=landed.new[day])

    def result(self, entity: Entity) -> dg.MaterializeResult[Any]:
        """The materialization of one entity's asset."""
        sums = self._sums[entity.name]
        self._of_day[entity.name].report(self._context, raw_key(entity))
        return dg.MaterializeResult(
            asset_key=raw_key(entity),
            metadata={
                rows_name(self._context): sums["seen"],
                "new_versions": sums["new"],
                "deletes": sums["deleted"],
                "unreadable": sums["unreadable"],
                "written_bytes": sums["bytes"],
                "written_objects": sums["objects"],
                "calls_of_its_own": sums["calls"],
                "calls_of_the_run": self._total.metered,
                "requests_of_the_run": self._total.sent,
                "retries_of_the_run": self._total.retried,
                "failed_requests_of_the_run": sum(self._total.errors.values()),
                "seconds_waited_in_the_throttle": round(self._total.waited, 1),
                "asked_by": ", ".join(sorted(self._routes[entity.name])) or "nothing to ask",
                "as_of": dg.MetadataValue.timestamp(self._extract.at),
                "path": dg.MetadataValue.path(f"{RAW}/{entity.table}"),
            },
        )


def _reference(entity: Entity) -> str:
    return (
        "https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/"
        + entity.name.lower()
    )
