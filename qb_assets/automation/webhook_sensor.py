"""The sensor that turns Intuit's notifications into runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG

from qb_assets.automation.jobs import is_fetchable
from qb_assets.automation.run_tags import covers
from qb_assets.automation.webhooks import Desk
from qb_assets.catalog import Entity
from qb_assets.clock import utc_now
from qb_assets.faces import COMPANY_TAG, NORMALIZED, RAW, WAREHOUSE, raw_key
from qb_assets.partitions import Calendar, key_of
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.webhooks.inbox import AskedRun
from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
from qb_assets.scope import connected

WEBHOOKS = "webhooks"

EVERY = 20
"""Seconds between two looks."""


def build_webhook_sensor(
    job: UnresolvedAssetJobDefinition, entities: Sequence[Entity], calendar: Calendar
) -> dg.SensorDefinition:
    """Runs of the entities and days that notifications tell of; see `automation.webhooks`."""
    by_name = {entity.name: entity for entity in entities}

    @dg.sensor(
        name=WEBHOOKS,
        job=job,
        minimum_interval_seconds=EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "What `qb-assets webhooks serve` received becomes runs of the current day, of just the"
            " companies and entities concerned, at most one a minute for each company."
        ),
    )
    def webhooks(
        context: dg.SensorEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        inbox = open_inbox(inbox_place())
        if not inbox.begun():
            yield dg.SkipReason("No webhook was received yet: run qb-assets webhooks serve")
            return
        assert context.repository_def is not None
        graph, queued = context.repository_def.asset_graph, _queued(context.instance)
        desk = Desk(
            inbox,
            calendar,
            utc_now(),
            by_name,
            connected=partial(_is_connected, context, quickbooks),
            queued=lambda realm, day: any(covers(tags, realm, day) for tags in queued),
            has_run=partial(_has_run, context.instance),
        )
        runs = desk.look()
        for run in runs:
            known = [by_name[name] for name in run.notifications if name in by_name]
            yield _request(run, assets_of(graph, known))
        if not runs:
            waits = "; ".join(f"company {each}: {why}" for each, why in desk.reasons.items())
            yield dg.SkipReason(f"Waiting: {waits}." if waits else "Nothing waits.")

    return webhooks


def assets_of(graph: BaseAssetGraph, entities: Iterable[Entity]) -> list[dg.AssetKey]:
    """The raw assets of entities, and the normalized and warehouse tables made of them."""
    raw = dg.AssetSelection.assets(*(raw_key(entity) for entity in entities))
    layers = dg.AssetSelection.groups(RAW, NORMALIZED, WAREHOUSE)
    made = raw.downstream().required_multi_asset_neighbors() & layers
    return sorted(made.resolve(graph) & graph.materializable_asset_keys)


def _request(run: AskedRun, assets: Sequence[dg.AssetKey]) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run.key,
        partition_key=key_of(run.realm, run.day),
        tags={COMPANY_TAG: run.realm},
        asset_selection=assets,
    )


def _is_connected(
    context: dg.SensorEvaluationContext, quickbooks: QuickBooksResource, company: str
) -> bool:
    return company in connected(context.instance) and is_fetchable(
        company, quickbooks.token_store(), context.log
    )


def _has_run(instance: dg.DagsterInstance, key: str) -> bool:
    """Whether the run was launched; one that was only made is launched by the same request."""
    tags = {RUN_KEY_TAG: key, SENSOR_NAME_TAG: WEBHOOKS}
    runs = instance.get_runs(dg.RunsFilter(tags=tags))
    return any(run.status != dg.DagsterRunStatus.NOT_STARTED for run in runs)


def _queued(instance: dg.DagsterInstance) -> list[Mapping[str, str]]:
    """The tags of the runs that wait to begin."""
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
    return [run.tags for run in instance.get_runs(filters)]
