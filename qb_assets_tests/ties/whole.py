"""A company through a sandbox in a process of its own, and through runs of Dagster."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import msgspec

from qb_assets.automation.headless import Outcome, build_books, fetch_reports
from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets.partitions import Calendar
from qb_assets.raw.plan import SETTLING
from qb_assets.sandbox.amendments import Amend
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline
from qb_assets_tests.ties.case import Case
from qb_assets_tests.ties.edits import edit
from qb_assets_tests.ties.made import ZONE, company_of
from qb_assets_tests.ties.proof import RESTATED, Proof, proved

DAYS = 3
"""Days that are partitions of their own; the first one reaches back to the beginning."""


class Both:
    """The books in this process and those of the served company, which are kept the same."""

    def __init__(self, books: Books, box: SandboxProcess) -> None:
        self._books = books
        self._box = box

    def void(self, entity: str, id: str) -> None:
        """Void a document."""
        self._books.void(entity, id)
        self._box.admin("void", {"entity": entity, "id": id})

    def delete(self, entity: str, id: str) -> None:
        """Delete one."""
        self._books.delete(entity, id)
        self._box.admin("delete", {"entity": entity, "id": id})

    def restore(self, entity: str, id: str) -> None:
        """Bring a deleted one back."""
        self._books.restore(entity, id)
        self._box.admin("restore", {"entity": entity, "id": id})

    def amend(self, asked: Amend) -> None:
        """Edit one; raises ValueError where that is refused."""
        self._books.amend(asked)
        fields: Mapping[str, Any] = msgspec.to_builtins(asked)
        self._box.admin("amend", {key: value for key, value in fields.items() if value is not None})


def prove_whole(cases: Sequence[Case]) -> Proof:
    """One company: raw, normalized, warehouse, reports and books, by runs; edited, and once more.

    Raises RuntimeError where a run fails.
    """
    (case,) = cases
    today = datetime.now(ZoneInfo(ZONE)).date()
    company = company_of(replace(case, today=today), edited=False)
    settings = Settings(
        requests_per_minute=0, concurrent=0, batches_per_minute=0, report_cells=case.cells
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        start(
            seed=case.seed,
            invoices=case.invoices,
            days=case.days,
            profile=case.profile.text(),
            settings=settings,
        ) as box,
        pipeline(
            Path(folder), box, list(ENTITIES), (today - timedelta(days=DAYS)).isoformat()
        ) as runs,
    ):
        _run(runs, company.months[0])
        edit(Both(company.books, box), company.world, case.seed, case.edits)
        time.sleep(SETTLING.total_seconds() + 1)  # a fetch leaves out what is newer
        _run(runs, company.months[0])
        with duckdb.connect(str(runs.surroundings.warehouse_file)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return proved(connection, [company])


def _run(runs: Pipeline, first_month: date) -> None:
    reports = Calendar(first_month, ZoneInfo(ZONE))
    defs = build_definitions(calendar=runs.calendar, report_calendar=reports)
    last = runs.calendar.today()
    _clean(runs.run())
    _clean(fetch_reports(defs, runs.instance, reports, runs.company, first_month, last))
    _clean(build_books(defs, runs.instance))


def _clean(outcome: Outcome) -> None:
    red = [check for check in outcome.red if check.check_name != RESTATED]
    if not outcome.success or red:
        told = [f"{check.asset_key}:{check.check_name} {check.metadata}" for check in red]
        raise RuntimeError(f"a run failed: {outcome.failures} {told}")
