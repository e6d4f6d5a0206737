"""The sensor that brings the days which no run has brought."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timezone
from functools import cached_property

import dagster as dg
import msgspec
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES, RunRecord
from dagster._core.storage.tags import SENSOR_NAME_TAG

from qb_assets.automation.catch_up import (
    Brought,
    Doubt,
    Standing,
    first_standing,
    is_given_up,
    last_ripe,
    missing,
    next_try,
    oldest_needed,
    ripe_since,
    take_in,
)
from qb_assets.automation.jobs import is_fetchable
from qb_assets.automation.run_tags import covers, range_tags, span_of
from qb_assets.clock import utc_now
from qb_assets.faces import COMPANY_TAG, NORMALIZED, RAW, WAREHOUSE
from qb_assets.partitions import Calendar, company_days
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.scope import connected

CATCH_UP = "catch_up"

EVERY = 300
"""Seconds between two looks."""

_LAYERS = (RAW, NORMALIZED, WAREHOUSE)
_ENDED_BADLY = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def build_catch_up_sensor(
    job: UnresolvedAssetJobDefinition, calendar: Calendar
) -> dg.SensorDefinition:
    """One run over what is missing of each company's ended days; see `automation.catch_up`."""

    @dg.sensor(
        name=CATCH_UP,
        job=job,
        minimum_interval_seconds=EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Days that ended and did not arrive, since the machine or the daemon was off,"
            " QuickBooks was down or a run failed: one run of each company brings them all. After a"
            " failure it tries again in 15 minutes, 1 hour and 4 hours, and then on the next day."
        ),
    )
    def catch_up(
        context: dg.SensorEvaluationContext, quickbooks: QuickBooksResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        assert context.repository_def is not None
        look = Look(
            context.instance, calendar, utc_now(), layer_keys(context.repository_def), job.name
        )
        known = msgspec.json.decode(context.cursor or "{}", type=dict[str, Standing])
        standings: dict[str, Standing] = {}
        reasons: list[str] = []
        asked = False
        store = quickbooks.token_store()
        for company in connected(context.instance):
            standing = known.get(company) or look.first(company)
            if standing is None:
                reasons.append(f"company {company}: nothing was fetched yet.")
                continue
            standings[company] = standing
            days = look.missing(company, standing)
            if not days:
                continue
            if not is_fetchable(company, store, context.log):
                reasons.append(f"company {company}: it is disconnected.")
                continue
            span = f"company {company}: {days[0]} to {days[-1]}"
            waits_for = look.waits_for(company, days)
            if waits_for:
                reasons.append(f"{span}: {waits_for}")
                continue
            asked = True
            yield dg.RunRequest(
                run_key=f"{CATCH_UP}-{company}-{days[0]}-{days[-1]}-{look.now.timestamp():.0f}",
                tags=range_tags(company, days[0], days[-1]),
            )
        context.update_cursor(msgspec.json.encode(standings).decode())
        if not asked:
            yield dg.SkipReason(" ".join(reasons) or "All days that have ended are there.")

    return catch_up


def layer_keys(repository: dg.RepositoryDefinition) -> frozenset[dg.AssetKey]:
    """The assets of the layers that have a partition for each day."""
    found = dg.AssetSelection.groups(*_LAYERS).resolve(repository.asset_graph)
    return frozenset(found & repository.asset_graph.materializable_asset_keys)


class Look:
    """One look at what Dagster knows of runs and partitions."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        calendar: Calendar,
        now: datetime,
        keys: frozenset[dg.AssetKey],
        job: str,
    ) -> None:
        self.now = now
        self._instance = instance
        self._calendar = calendar
        self._keys = keys
        self._job = job
        self._ripe = last_ripe(calendar, now)

    def first(self, company: str) -> Standing | None:
        """What the partitions say of a company that was not looked at yet; None without any."""
        held = self._held.get(company)
        return first_standing(self._calendar, held, self.now) if held else None

    def missing(self, company: str, standing: Standing) -> list[date]:
        """The days that no run has brought, and those where one has failed since."""
        failed = self._runs(company, [dg.DagsterRunStatus.FAILURE], standing.looked)
        take_in(
            standing,
            [
                Doubt(first, last, _end_of(record))
                for record, first, last in failed
                if not self._keys.isdisjoint(self._made_by(record.dagster_run))
            ],
            self._ripe,
            self.now,
        )
        if standing.settled >= self._ripe and not standing.doubts:
            return []
        since = oldest_needed(standing, self._calendar)
        brought = [
            Brought(first, last, datetime.fromtimestamp(record.start_time, timezone.utc))
            for record, first, last in self._runs(company, [dg.DagsterRunStatus.SUCCESS], since)
            if record.start_time is not None and self._keys <= self._made_by(record.dagster_run)
        ]
        return missing(standing, self._calendar, brought, self._ripe)

    def waits_for(self, company: str, days: Sequence[date]) -> str:
        """Why no run is asked for now; empty where one may be."""
        under_way = self._instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
        for run in under_way:
            if self._made_by(run) and any(covers(run.tags, company, day) for day in days):
                return "a run of it is under way."
        failures = failed_tries(self._instance, company, ripe_since(self._calendar, self._ripe))
        if is_given_up(failures):
            return f"{len(failures)} tries have failed; the next one is tomorrow."
        if failures and self.now < next_try(failures):
            return f"the next try is at {next_try(failures):%Y-%m-%d %H:%M} UTC."
        return ""

    @cached_property
    def _held(self) -> dict[str, frozenset[date]]:
        """The days with anything of the first layer and of the last, by company."""
        layers = [self._days_of(RAW), self._days_of(WAREHOUSE)]
        return {
            company: frozenset(days & layers[1].get(company, set()))
            for company, days in layers[0].items()
        }

    def _days_of(self, layer: str) -> dict[str, set[date]]:
        found: dict[str, set[date]] = {}
        for key in self._keys:
            if key.path[0] == layer:
                for each in company_days(self._instance.get_materialized_partitions(key)):
                    found.setdefault(each.company, set()).update(each.days)
        return found

    def _runs(
        self, company: str, statuses: Sequence[dg.DagsterRunStatus], since: datetime
    ) -> Iterator[tuple[RunRecord, date, date]]:
        """A company's runs that ended since a moment, with their first and last day."""
        filters = dg.RunsFilter(statuses=statuses, updated_after=since)
        for record in self._instance.get_run_records(filters):
            span = span_of(record.dagster_run.tags)
            if span is not None and span[0] == company:
                yield record, span[1], span[2]

    def _made_by(self, run: dg.DagsterRun) -> frozenset[dg.AssetKey]:
        """The assets of the layers that a run was to make."""
        if run.asset_selection is not None:
            return self._keys & run.asset_selection
        return self._keys if run.job_name == self._job else frozenset()


def failed_tries(instance: dg.DagsterInstance, company: str, since: datetime) -> list[datetime]:
    """When those runs of the sensor ended that came to nothing."""
    tags = {SENSOR_NAME_TAG: CATCH_UP, COMPANY_TAG: company}
    filters = dg.RunsFilter(statuses=_ENDED_BADLY, tags=tags, created_after=since)
    return [_end_of(record) for record in instance.get_run_records(filters)]


def _end_of(record: RunRecord) -> datetime:
    """When a run ended; one that could not even be launched has no end of its own."""
    if record.end_time is None:
        return record.update_timestamp
    return datetime.fromtimestamp(record.end_time, timezone.utc)
