"""Days that ended and did not arrive are asked for once, in one run, and not for ever."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.storage.tags import SENSOR_NAME_TAG

from qb_assets.automation.jobs import SYNC
from qb_assets.automation.run_tags import range_tags, span_of
from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets.faces import raw_key
from qb_assets.partitions import COMPANY_DIMENSION, Calendar, days_between, key_of
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets_tests.automation.test_schedules import connected
from qb_assets_tests.moved_time import time_is

ZONE = ZoneInfo("America/Los_Angeles")
CALENDAR = Calendar(date(2026, 1, 1), ZONE)
DEFS = build_definitions(entities=[ENTITIES["Term"]], calendar=CALENDAR)
REPOSITORY = DEFS.get_repository_def()
SENSOR = DEFS.resolve_sensor_def("catch_up")
COMPANIES = [str(number) for number in range(11, 32)]
"""Each test has its own, so that all can have one instance."""

OTHER = "22222"
DONE, FAILED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
Asked = tuple[str, date, date]


def at(text: str) -> datetime:
    """A moment in the company's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Office:
    """An instance with connected companies, and the sensor looked at when it is told to."""

    def __init__(self, instance: dg.DagsterInstance, quickbooks: QuickBooksResource) -> None:
        self.instance = instance
        self.company = COMPANIES.pop(0)
        self.cursor: str | None = None
        self._quickbooks = quickbooks

    def run(
        self,
        first: str,
        last: str,
        began: datetime,
        status: dg.DagsterRunStatus = DONE,
        *,
        company: str | None = None,
        assets: Sequence[dg.AssetKey] | None = None,
        sensor: bool = False,
    ) -> None:
        """A run that began at a moment and took a minute, as Dagster keeps it."""
        days = date.fromisoformat(first), date.fromisoformat(last)
        tags = range_tags(company or self.company, *days)
        tags |= {SENSOR_NAME_TAG: "catch_up"} if sensor else {}
        selected = frozenset(assets) if assets else None
        with time_is(began):
            run = self.instance.run_storage.add_run(
                dg.DagsterRun(SYNC, run_id=str(uuid4()), tags=tags, asset_selection=selected)
            )
            self.instance.report_dagster_event(_event("PIPELINE_START"), run.run_id)
        with time_is(began + timedelta(minutes=1)):
            if status in (DONE, FAILED):
                kind = "PIPELINE_SUCCESS" if status is DONE else "PIPELINE_FAILURE"
                self.instance.report_dagster_event(_event(kind), run.run_id)

    def materialized(self, first: str, last: str) -> None:
        """Materializations of the first layer and of the last."""
        days = days_between(date.fromisoformat(first), date.fromisoformat(last))
        for key in (raw_key(ENTITIES["Term"]), dg.AssetKey(["warehouse", "term"])):
            for day in days:
                self.instance.report_runless_asset_event(
                    dg.AssetMaterialization(key, partition=key_of(self.company, day))
                )

    def look(self, now: datetime) -> tuple[list[Asked], str]:
        """What the sensor asks for, and what it says."""
        with (
            time_is(now),
            dg.build_sensor_context(
                self.instance,
                cursor=self.cursor,
                repository_def=REPOSITORY,
                resources={"quickbooks": self._quickbooks},
            ) as context,
        ):
            found = SENSOR.evaluate_tick(context)
        self.cursor = found.cursor
        spans = [span_of(request.tags) for request in found.run_requests or []]
        return [span for span in spans if span], found.skip_message or ""


def _event(kind: str) -> dg.DagsterEvent:
    return dg.DagsterEvent(event_type_value=kind, job_name=SYNC)


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


@pytest.fixture(scope="module")
def quickbooks(tmp_path_factory: pytest.TempPathFactory) -> QuickBooksResource:
    return connected(tmp_path_factory.mktemp("tokens"), [*COMPANIES, OTHER])


@pytest.fixture
def office(instance: dg.DagsterInstance, quickbooks: QuickBooksResource) -> Iterator[Office]:
    """A company that is alone in the instance."""
    made = Office(instance, quickbooks)
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [made.company])
    yield made
    for company in instance.get_dynamic_partitions(COMPANY_DIMENSION):
        instance.delete_dynamic_partition(COMPANY_DIMENSION, company)


@pytest.fixture
def settled(office: Office) -> Office:
    """All is there until 4 June."""
    office.materialized("2026-06-01", "2026-06-04")
    office.run("2026-06-01", "2026-06-04", at("2026-06-05T03:00"))
    assert office.look(at("2026-06-05T12:00"))[0] == []
    return office


def days(asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """The first and the last day of what was asked for."""
    return [(str(first), str(last)) for _, first, last in asked]


def test_a_company_of_which_nothing_was_fetched_waits_for_its_first_day(office: Office) -> None:
    assert office.look(at("2026-06-05T12:00")) == (
        [],
        f"company {office.company}: nothing was fetched yet.",
    )


def test_days_that_nobody_brought_are_one_run(settled: Office) -> None:
    assert days(settled.look(at("2026-06-08T09:00"))[0]) == [("2026-06-05", "2026-06-07")]


def test_a_day_is_looked_for_when_its_schedule_has_had_its_time(settled: Office) -> None:
    asked, said = settled.look(at("2026-06-06T04:29"))
    assert (asked, said) == ([], "All days that have ended are there.")
    assert days(settled.look(at("2026-06-06T04:31"))[0]) == [("2026-06-05", "2026-06-05")]


def test_what_was_fetched_while_the_day_went_on_is_not_the_day(settled: Office) -> None:
    settled.run("2026-06-05", "2026-06-05", at("2026-06-05T23:59"))
    assert days(settled.look(at("2026-06-06T05:00"))[0]) == [("2026-06-05", "2026-06-05")]
    settled.run("2026-06-05", "2026-06-05", at("2026-06-06T05:01"))
    assert settled.look(at("2026-06-06T05:06"))[0] == []


def test_a_run_of_one_table_is_not_the_day(settled: Office) -> None:
    settled.run(
        "2026-06-05", "2026-06-05", at("2026-06-06T03:00"), assets=[raw_key(ENTITIES["Term"])]
    )
    assert days(settled.look(at("2026-06-06T05:00"))[0]) == [("2026-06-05", "2026-06-05")]


def test_nothing_is_asked_while_a_run_of_it_is_under_way(settled: Office) -> None:
    started = dg.DagsterRunStatus.STARTED
    settled.run("2026-06-05", "2026-06-05", at("2026-06-06T03:00"), started)
    asked, said = settled.look(at("2026-06-06T05:00"))
    assert asked == []
    assert f"company {settled.company}: 2026-06-05 to 2026-06-05: a run of it is under way." in said


def test_another_company_has_its_own_runs(settled: Office) -> None:
    settled.instance.add_dynamic_partitions(COMPANY_DIMENSION, [OTHER])
    settled.run("2026-06-01", "2026-06-08", at("2026-06-09T03:00"), company=OTHER)
    assert days(settled.look(at("2026-06-09T05:00"))[0]) == [("2026-06-05", "2026-06-08")]


def test_a_day_that_was_there_and_whose_run_failed_is_brought_again(settled: Office) -> None:
    settled.run("2026-06-05", "2026-06-05", at("2026-06-06T03:00"))
    settled.run("2026-06-02", "2026-06-03", at("2026-06-06T10:00"), FAILED)
    assert days(settled.look(at("2026-06-06T10:05"))[0]) == [("2026-06-02", "2026-06-03")]
    settled.run("2026-06-02", "2026-06-03", at("2026-06-06T10:06"))
    assert settled.look(at("2026-06-06T10:10")) == ([], "All days that have ended are there.")


def test_it_waits_longer_after_each_failure_and_begins_anew_the_next_day(settled: Office) -> None:
    tries = ["06T04:31", "06T04:48", "06T05:50", "06T09:52", "07T04:31"]
    spans: list[tuple[str, str]] = []
    for earlier, moment in pairwise(["06T04:29", *tries]):
        too_early = max(at(f"2026-06-{earlier}"), at(f"2026-06-{moment}") - timedelta(minutes=3))
        assert settled.look(too_early)[0] == []
        spans += days(settled.look(at(f"2026-06-{moment}"))[0])
        settled.run(*spans[-1], at(f"2026-06-{moment}"), FAILED, sensor=True)
    assert spans == [("2026-06-05", "2026-06-05")] * 4 + [("2026-06-05", "2026-06-06")]


def test_when_it_gives_up_for_the_day_it_says_so(settled: Office) -> None:
    for hour in range(5, 9):
        settled.run("2026-06-05", "2026-06-05", at(f"2026-06-06T0{hour}:00"), FAILED, sensor=True)
    said = settled.look(at("2026-06-06T20:00"))[1]
    assert "4 tries have failed; the next one is tomorrow" in said


def test_the_first_look_finds_an_old_gap(office: Office) -> None:
    office.materialized("2026-04-01", "2026-04-02")
    office.materialized("2026-04-05", "2026-04-07")
    office.run("2026-04-05", "2026-05-07", at("2026-05-08T03:00"))
    assert days(office.look(at("2026-05-08T09:00"))[0]) == [("2026-04-03", "2026-04-04")]


def test_a_disconnected_company_is_left_alone(office: Office) -> None:
    office.company = "33"
    office.instance.add_dynamic_partitions(COMPANY_DIMENSION, ["33"])
    office.materialized("2026-06-01", "2026-06-01")
    asked, said = office.look(at("2026-06-06T09:00"))
    assert asked == []
    assert "company 33: it is disconnected." in said
