"""Runs the assets and their checks in this process, as a command does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

import dagster as dg
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.tags import PARTITION_NAME_TAG

from qb_assets.attachments.assets import FILES, FetchFiles
from qb_assets.automation.cancelled import cancelled, mark_cancelled, was_interrupted
from qb_assets.automation.jobs import ATTACHMENTS_JOB, CHECKS, SYNC
from qb_assets.automation.killed_runs import bury_killed_runs, process_tag
from qb_assets.automation.report_jobs import REPORTS_JOB, month_tags
from qb_assets.automation.run_tags import range_tags
from qb_assets.books.assets import BOOKS
from qb_assets.faces import COMPANY_TAG, RAW
from qb_assets.partitions import COMPANY_DIMENSION, Calendar
from qb_assets.reports.months import first_month

QUIET: Mapping[str, object] = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own log lines go to its storage and the UI; the command prints its own."""

_KEY = re.compile(r"^(\d*\+)?([a-z_0-9/]+)(\+\d*)?$")
"""An asset and what is above or below it. Without `key:` Dagster takes `+` for one step alone."""

OnEvent = Callable[[EventLogEntry], None]


@dataclass
class Outcome:
    """How a run ended."""

    run_id: str
    success: bool
    failures: list[str] = field(default_factory=list[str])
    """One line for each step that failed, with what to do."""

    checks: list[dg.AssetCheckEvaluation] = field(default_factory=list[dg.AssetCheckEvaluation])
    materializations: list[dg.AssetMaterialization] = field(
        default_factory=list[dg.AssetMaterialization]
    )

    @property
    def red(self) -> list[dg.AssetCheckEvaluation]:
        """The checks that failed with severity ERROR."""
        error = dg.AssetCheckSeverity.ERROR
        return [check for check in self.checks if not check.passed and check.severity == error]

    @property
    def clean(self) -> bool:
        """Whether nothing failed, no asset and no ERROR check."""
        return self.success and not self.red


def materialize(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    calendar: Calendar,
    company: str,
    first: date,
    last: date,
    *,
    select: Sequence[str] = (),
    sweep: bool = False,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Materializes days of a company in one run, with the checks of what it materializes.

    Args:
        defs: the code location.
        instance: where the run is recorded.
        calendar: the days.
        company: the realm Id; its partition is added where it is missing.
        first: the first day; one before the calendar's start stands for the start.
        last: the last day; one after today stands for today.
        select: asset selections as in the UI (`raw/invoice`, `group:raw`, `raw/bill+`); all assets
            by default. What is made together is selected together.
        sweep: whether all Ids are compared with QuickBooks', to find deletes of any age.
        on_event: is told of every event of the run.

    Raises:
        ValueError: the days or the selection name nothing.
        Cancelled: somebody stopped the run.
    """
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
    start, end = max(first, calendar.start), min(last, calendar.today())
    if start > end:
        raise ValueError(
            f"There is no day from {first} to {last}: partitions go from {calendar.start}"
            f" (QB_START_DATE) to {calendar.today()} (today)."
        )
    tags = range_tags(company, start, end)
    job = defs.resolve_job_def(SYNC)
    keys = selected_assets(defs, select) if select else None
    if keys is not None:
        keys &= set(job.asset_layer.executable_asset_keys)
        if not keys:
            raise ValueError(f"{', '.join(select)}: on request alone: qb-assets attachments fetch")
    config = {"ops": {RAW: {"config": {"sweep": True}}}} if sweep else {}
    again = _command(company, start, end, select, sweep=sweep)
    return run_job(
        job, instance, tags=tags, keys=keys, config=config, on_event=on_event, again=again
    )


def _command(company: str, first: date, last: date, select: Sequence[str], *, sweep: bool) -> str:
    """The command that materializes this."""
    words = ["--company", company, "--from", str(first), "--to", str(last)]
    words += [word for each in select for word in ("--select", each)]
    return shlex.join(["qb-assets", "materialize", *words, *(["--sweep"] if sweep else [])])


def fetch_attachments(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    company: str,
    config: FetchFiles,
    *,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Fetches the files of a company's attachments in one run, with their check."""
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
    return run_job(
        defs.resolve_job_def(ATTACHMENTS_JOB),
        instance,
        tags={COMPANY_TAG: company, PARTITION_NAME_TAG: company},
        config={"ops": {FILES.to_python_identifier(): {"config": config.model_dump()}}},
        on_event=on_event,
    )


def fetch_reports(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    calendar: Calendar,
    company: str,
    first: date,
    last: date,
    *,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Fetches a company's reports of months in one run, with their checks.

    `first` and `last` are any days of the months; the calendar is that of the reports.

    Raises:
        ValueError: the days name no month.
    """
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
    begin, today = first_month(calendar), calendar.today()
    start, end = max(first.replace(day=1), begin), min(last, today).replace(day=1)
    if start > end:
        raise ValueError(
            f"There is no month from {first:%Y-%m} to {last:%Y-%m}: reports go from {begin:%Y-%m}"
            f" (QB_REPORTS_START_DATE) to {today:%Y-%m} (this month)."
        )
    tags = month_tags(company, start, end)
    return run_job(defs.resolve_job_def(REPORTS_JOB), instance, tags=tags, on_event=on_event)


def build_books(
    defs: dg.Definitions, instance: dg.DagsterInstance, *, on_event: OnEvent | None = None
) -> Outcome:
    """Builds the books of all companies from the warehouse in one run, with their checks."""
    return run_job(defs.resolve_job_def(BOOKS), instance, on_event=on_event)


def run_checks(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    *,
    select: Sequence[str] = (),
    window: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
) -> Outcome:
    """Runs checks by themselves: of everything, or of a `window` (company, first_day, last_day).

    Raises:
        ValueError: the selection names nothing.
    """
    job = defs.resolve_job_def(CHECKS)
    if select:
        assets = selected_assets(defs, select)
        graph = defs.resolve_asset_graph()
        checks = {key for key in graph.asset_check_keys if key.asset_key in assets}
        if not checks:
            raise ValueError(f"No check is on {', '.join(select)}.")
        job = job.get_subset(asset_check_selection=checks)
    config = {"ops": {name: {"config": dict(window)} for name in _ops(job)}} if window else {}
    tags = {COMPANY_TAG: window["company"]} if window and window.get("company") else {}
    return run_job(job, instance, tags=tags, config=config, on_event=on_event)


def selected_assets(defs: dg.Definitions, select: Sequence[str]) -> set[dg.AssetKey]:
    """The assets that selections name, and those made in the same steps. Raises ValueError."""
    chosen: set[dg.AssetKey] = set()
    graph = defs.resolve_asset_graph()
    for text in select:
        try:
            selection = dg.AssetSelection.from_string(_KEY.sub(r'\1key:"\2"\3', text))
            found = selection.required_multi_asset_neighbors().resolve(graph)
        except dg.DagsterError:
            found = set[dg.AssetKey]()
        if not found:
            raise ValueError(
                f"--select {text!r} names no asset. Examples: raw/invoice, warehouse/invoice,"
                " group:normalized, tag:entity=bill, raw/bill+"
            )
        chosen |= found
    return chosen


def _ops(job: dg.JobDefinition) -> list[str]:
    return [node.name for node in job.nodes]


def run_job(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    *,
    tags: Mapping[str, str] | None = None,
    keys: set[dg.AssetKey] | None = None,
    config: Mapping[str, object] | None = None,
    on_event: OnEvent | None = None,
    again: str = "",
) -> Outcome:
    """Runs a job, or those of its assets that `keys` names, to its end.

    `again` is the command that does the same. Raises Cancelled where somebody stops the run.
    """
    bury_killed_runs(instance)
    run_id = str(uuid4())
    if on_event is not None:
        instance.add_event_listener(run_id, on_event)
    result = job.execute_in_process(
        run_config={"loggers": QUIET, **(config or {})},
        instance=instance,
        run_id=run_id,
        tags={**(tags or {}), **process_tag(run_id)},
        raise_on_error=False,
        asset_selection=sorted(keys) if keys else None,
    )
    if was_interrupted(result.all_events):
        mark_cancelled(instance, run_id)
        raise cancelled(run_id, again)
    outcome = Outcome(run_id, result.success, checks=list(result.get_asset_check_evaluations()))
    for event in result.all_events:
        if event.is_step_failure:
            outcome.failures.append(_why(event))
        elif event.is_step_materialization:
            outcome.materializations.append(event.materialization)
    return outcome


def _why(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    told = data.user_failure_data.description if data.user_failure_data else None
    if told:
        return told
    error = data.error
    cause = error.cause or error if error else None
    return f"{event.step_key}: {cause.message.strip() if cause else 'failed'}"
