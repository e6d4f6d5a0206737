"""The reports in Dagster: months and ranges of them, again, and after the books were changed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import dagster as dg
import duckdb
import pytest

from qb_assets.automation.headless import Outcome, run_checks, run_job
from qb_assets.automation.report_jobs import REPORTS_JOB, month_tags
from qb_assets.catalog.reports import REPORTS
from qb_assets.definitions import build_definitions, defs
from qb_assets.partitions import Calendar
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline

NAMES = ("GeneralLedger", "VendorBalance")


class Reporting:
    """Runs of some reports of a company, at any time."""

    def __init__(self, inside: Pipeline) -> None:
        self.inside = inside
        self.last = inside.calendar.today().replace(day=1)
        self.first = (self.last - timedelta(days=40)).replace(day=1)
        calendar = Calendar(self.first, inside.calendar.zone)
        chosen = [REPORTS[name] for name in NAMES]
        self.defs = build_definitions(entities=[], reports=chosen, calendar=calendar)

    def run(self, *select: str, first: date | None = None) -> Outcome:
        """Materializes the months, or those from `first` on, with their checks."""
        return run_job(
            self.defs.resolve_job_def(REPORTS_JOB),
            self.inside.instance,
            tags=month_tags(self.inside.company, first or self.first, self.last),
            keys={dg.AssetKey(["reports", name]) for name in select} or None,
        )

    def objects(self) -> int:
        """The objects that the lake has of reports."""
        return len(self.inside.lake.list("reports"))


@pytest.fixture(scope="module")
def reporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reporting]:
    """A company's reports, with a run of all months."""
    quiet = Settings(requests_per_minute=0, concurrent=0)
    folder = tmp_path_factory.mktemp("reports")
    with (
        start(seed=5, invoices=12, settings=quiet) as box,
        pipeline(folder, box, [], "2026-01-01") as inside,
    ):
        yield Reporting(inside)


@pytest.fixture(scope="module")
def first_run(reporting: Reporting) -> Outcome:
    """The run of all months."""
    return reporting.run()


def figures(outcome: Outcome, name: str) -> dict[str, object]:
    """What a run says of an asset."""
    (found,) = [
        each.metadata
        for each in outcome.materializations
        if each.asset_key == dg.AssetKey(["reports", name]) and "new_snapshots" in each.metadata
    ][:1]
    return {label: value.value for label, value in found.items()}


def warnings(outcome: Outcome) -> set[str]:
    """The checks that did not pass."""
    return {f"{c.asset_key.path[-1]}:{c.check_name}" for c in outcome.checks if not c.passed}


def test_a_range_of_months_is_one_run_with_figures_for_each(
    reporting: Reporting, first_run: Outcome
) -> None:
    assert first_run.clean
    assert not warnings(first_run)
    assert len(first_run.checks) == 5
    months = {each.partition for each in first_run.materializations if each.partition}
    assert {key.rpartition("|")[2] for key in months} >= {f"{reporting.last}", f"{reporting.first}"}
    said = figures(first_run, "general_ledger")
    assert said["new_snapshots"] == said["reports_fetched"] == 2 * len(months)
    assert said["calls_of_the_run"] == 1 + 3 * len(months)


def test_a_run_again_writes_nothing_and_a_subset_asks_for_no_more(
    reporting: Reporting, first_run: Outcome
) -> None:
    assert first_run.success
    held = reporting.objects()
    outcome = reporting.run("vendor_balance", first=reporting.last)
    assert outcome.clean
    said = figures(outcome, "vendor_balance")
    assert (said["new_snapshots"], said["calls_of_the_run"]) == (0, 2)
    assert reporting.objects() == held


def test_a_change_in_a_closed_month_is_a_restatement(
    reporting: Reporting, first_run: Outcome
) -> None:
    assert first_run.success
    inside, company = reporting.inside, reporting.inside.company
    with duckdb.connect(str(inside.surroundings.warehouse_file)) as warehouse:
        invoice = warehouse.execute(
            "SELECT txn_id, month FROM reports.general_ledger WHERE txn_type = 'Invoice'"
            " AND accounting_method = 'Accrual' AND month < ? AND debit > 0 ORDER BY month, txn_id",
            [reporting.last - timedelta(days=12)],
        ).fetchone()
    assert invoice is not None
    identity, month = invoice
    inside.sandbox.admin("void", {"entity": "Invoice", "id": identity})
    outcome = reporting.run("general_ledger")
    assert outcome.clean  # a restatement is a warning
    assert {"general_ledger:closed_months_unchanged"} <= warnings(outcome)
    with duckdb.connect(str(inside.surroundings.warehouse_file)) as warehouse:
        found = warehouse.execute(
            "SELECT account_name, difference, txn_ids, found_at > since FROM reports.restatement"
            " WHERE report = 'general_ledger' AND accounting_method = 'Accrual' AND month = ?"
            " AND _company = ?",
            [month, company],
        ).fetchall()
    assert len(found) >= 2
    assert all(f"Invoice:{identity}" in txns and later for _, _, txns, later in found)
    assert sum(difference for _, difference, _, _ in found) == 0


def test_the_checks_run_by_themselves(reporting: Reporting, first_run: Outcome) -> None:
    assert first_run.success
    outcome = run_checks(reporting.defs, reporting.inside.instance)
    assert outcome.clean
    named = {f"{c.asset_key.path[-1]}:{c.check_name}" for c in outcome.checks}
    assert {"general_ledger:arithmetic", "vendor_balance:shape"} <= named


def test_every_report_is_an_asset_that_says_what_it_is() -> None:
    graph = defs.resolve_asset_graph()
    for report in REPORTS.values():
        node = graph.get(dg.AssetKey(["reports", report.table]))
        columns = node.metadata["dagster/column_schema"].columns
        assert {"_company", "month", "accounting_method", "row_kind"} <= {c.name for c in columns}
        assert all(column.description for column in columns)
        assert all([node.owners, node.description, node.kinds])
        assert node.group_name == "reports"
    assert {job.name for job in defs.jobs or ()} >= {"reports"}


def test_the_schedules_ask_for_a_run_of_months_for_each_company(reporting: Reporting) -> None:
    resources, instance = reporting.defs.resources or {}, reporting.inside.instance
    repository = reporting.defs.get_repository_def()
    for name, first in (("daily_reports", None), ("weekly_reports", reporting.first)):
        schedule = repository.get_schedule_def(name)
        now = datetime.combine(reporting.last, datetime.min.time(), timezone.utc)
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=now + timedelta(days=2),
            resources={"quickbooks": resources["quickbooks"]},
            repository_def=repository,
        ) as context:
            data = schedule.evaluate_tick(context)
        (request,) = data.run_requests or []
        begin = request.tags["dagster/asset_partition_range_start"]
        end = request.tags["dagster/asset_partition_range_end"]
        assert end == f"{reporting.inside.company}|{reporting.last}"
        before = (reporting.last - timedelta(days=1)).replace(day=1)
        assert begin.rpartition("|")[2] == f"{first or before}"
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
