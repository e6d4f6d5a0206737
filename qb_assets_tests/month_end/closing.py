"""A company whose month has ended, and the runs that its schedules ask for."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
from dagster._core.events.log import EventLogEntry

from qb_assets.automation.headless import OnEvent, Outcome, run_job
from qb_assets.automation.report_jobs import MONTH_END
from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import REPORTS
from qb_assets.reports.months import month_key
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.moved_time import time_is
from qb_assets_tests.pipeline.surroundings import ZONE, Pipeline, pipeline
from qb_assets_tests.pipeline.truth import read_records

MAY = date(2026, 5, 1)
FIRST_DAY = date(2026, 5, 30)
RESTATED = "closed_months_unchanged"


def at(day: int) -> datetime:
    """When the schedule ticks on a day of June."""
    return datetime(2026, 6, day, 5, 30, tzinfo=ZoneInfo(ZONE))


@dataclass
class Morning:
    """The run of a morning, what it logged, and what was wrong with it."""

    day: date
    outcome: Outcome
    logged: list[str]
    wrong: list[str] = field(default_factory=list[str])

    def told(self) -> str:
        """The run in figures."""
        values = [check.metadata["looked_at"].value for check in self.outcome.checks]
        compared = sum(value for value in values if isinstance(value, int))
        passed = sum(check.passed for check in self.outcome.checks)
        return (
            f"{len(self.outcome.materializations):,} materializations, {passed} of"
            f" {len(self.outcome.checks)} checks passed, {compared:,} figures compared"
        )


class Closing:
    """The company, and its mornings."""

    def __init__(self, made: Pipeline) -> None:
        self._made = made

    def morning(self, day: int, voided: str = "") -> Morning:
        """Syncs the days so far, and executes the one run that the schedule asks for."""
        now = at(day)
        self._made.sandbox.admin("clock", {"now": now.isoformat(), "frozen": True})
        logged: list[str] = []
        with time_is(now):
            synced = self._made.run(FIRST_DAY if day == 1 else now.date() - timedelta(days=1))
            assert synced.clean, (synced.failures, synced.red)
            outcome = self._month_end(now, lambda entry: logged.extend(_lines(entry)))
        morning = Morning(now.date(), outcome, logged)
        morning.wrong += [*self._incomplete(outcome), *_unexpected(outcome, voided)]
        return morning

    def void_an_invoice(self) -> str:
        """Voids the last invoice of May; gives its Id."""
        with duckdb.connect(str(self._made.surroundings.warehouse_file)) as warehouse:
            found = warehouse.execute(
                "SELECT txn_id FROM books.general_ledger WHERE txn_type = 'Invoice' AND amount <> 0"
                " AND txn_date BETWEEN '2026-05-01' AND '2026-05-31' ORDER BY txn_date DESC"
            ).fetchone()
        assert found is not None, "no invoice is of May: ask for more"
        self._made.sandbox.admin("void", {"entity": "Invoice", "id": found[0]})
        return found[0]

    def _month_end(self, now: datetime, listen: OnEvent) -> Outcome:
        repository, resources = self._made.defs.get_repository_def(), self._made.defs.resources
        with dg.build_schedule_context(
            instance=self._made.instance,
            scheduled_execution_time=now,
            resources={"quickbooks": (resources or {})["quickbooks"]},
            repository_def=repository,
        ) as context:
            schedule = repository.get_schedule_def(MONTH_END)
            [asked] = schedule.evaluate_tick(context).run_requests or []
        return run_job(
            self._made.defs.resolve_job_def(schedule.job_name),
            self._made.instance,
            tags=asked.tags,
            config=asked.run_config,
            on_event=listen,
        )

    def _incomplete(self, outcome: Outcome) -> Iterator[str]:
        """What the run should have made and did not, and how it failed."""
        yield from outcome.failures
        made = outcome.materializations
        month = month_key(self._made.company, MAY)
        reports = {each.asset_key.path[-1] for each in made if each.partition == month}
        books = {each.asset_key.path[-1] for each in made if each.asset_key.path[0] == "books"}
        missing = {report.table for report in REPORTS.values()} - reports
        yield from (f"{name} was not made" for name in sorted({*missing, *models().keys() - books}))
        others = {each.partition for each in made} - {month, None}
        yield from (f"partition {each} was made, too" for each in sorted(map(str, others)))


def _unexpected(outcome: Outcome, voided: str) -> Iterator[str]:
    """Checks that said what they must not, and those that did not say what they must."""
    for check in outcome.checks:
        name = f"{check.asset_key.to_user_string()}:{check.check_name}"
        looked_at = check.metadata["looked_at"].value
        if not looked_at and check.check_name != RESTATED:
            yield f"{name} compared nothing"
        if not check.passed and not (voided and check.check_name == RESTATED):
            yield f"{name} is red: {check.description}"
    if not voided:
        return
    [ledger] = [each for each in outcome.red if each.check_name == RESTATED]
    keys = ledger.metadata["keys"]
    assert isinstance(keys, dg.TableMetadataValue)
    if f"Invoice:{voided}" not in {record.data["transactions"] for record in keys.records}:
        yield f"{ledger.asset_key.to_user_string()}:{RESTATED} does not name Invoice {voided}"


def _lines(entry: EventLogEntry) -> Iterator[str]:
    """What the steps log, and what else is worth a look."""
    level = int(entry.level)
    if level >= (logging.INFO if entry.dagster_event is None else logging.WARNING):
        yield f"{entry.step_key or 'run'}: {entry.user_message}"


@contextmanager
def closing(folder: Path, *, invoices: int, seed: int) -> Generator[Closing]:
    """A company that closes its books of May on the first of June, and was connected before."""
    settings = Settings(
        requests_per_minute=0, concurrent=0, now=at(1), frozen=True, timezone=ZONE, seed=seed
    )
    with (
        start(
            seed=seed, invoices=invoices, profile="multi_currency=true", settings=settings
        ) as sandbox,
        pipeline(folder, sandbox, list(ENTITIES), FIRST_DAY.isoformat()) as made,
    ):
        [preferences] = read_records(sandbox.admin_bytes("records/Preferences"))
        prefs = {**preferences["AccountingInfoPrefs"], "BookCloseDate": "2026-05-31"}
        change = {"id": preferences["Id"], "fields": {"AccountingInfoPrefs": prefs}}
        sandbox.admin("edit", {"entity": "Preferences", **change})
        yield Closing(made)
