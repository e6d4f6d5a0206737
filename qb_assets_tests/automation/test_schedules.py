"""Every night each company's day that has just ended, and once a week a look at all Ids."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData

from qb_assets.automation.books_sensor import build_books_sensor
from qb_assets.automation.jobs import build_books_job
from qb_assets.automation.report_jobs import build_month_end_job, build_month_end_schedule
from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets.partitions import COMPANY_DIMENSION, Calendar
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.tokens import Connection, Token
from qb_assets_tests.moved_time import time_is

UTC = timezone.utc
NOW = datetime.now(UTC)


def requests_at(
    moment: datetime,
    *companies: str,
    gone: str = "",
    start: date = date(2026, 1, 1),
    name: str = "daily",
    late: timedelta = timedelta(),
) -> ScheduleExecutionData:
    calendar = Calendar(start, ZoneInfo("America/Los_Angeles"))
    with time_is(moment + late), dg.instance_for_test() as instance:
        defs = build_definitions(entities=[ENTITIES["Term"]], calendar=calendar)
        schedule = defs.resolve_schedule_def(name)
        instance.add_dynamic_partitions(COMPANY_DIMENSION, [*companies, *([gone] if gone else [])])
        with (
            TemporaryDirectory() as folder,
            dg.build_schedule_context(
                instance=instance,
                resources={"quickbooks": connected(Path(folder), companies)},
                scheduled_execution_time=moment,
                repository_def=defs.get_repository_def(),
            ) as context,
        ):
            return schedule.evaluate_tick(context)


def connected(folder: Path, companies: Sequence[str]) -> QuickBooksResource:
    """QuickBooks with tokens of these companies."""
    store = FileTokenStore(folder)
    for company in companies:
        token = Token(
            realm=company,
            environment="sandbox",
            access="access",
            refresh="refresh",
            issued_at=NOW,
            expires_at=NOW,
        )
        store.save(Connection(token=token, connected_at=NOW), replaces=None)
    return QuickBooksResource(token_store_url=str(folder))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 2, 10, 0, tzinfo=UTC), "2026-06-01"),
        # Three in the morning is another instant after the clocks have changed.
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "2026-03-07"),
        (datetime(2026, 11, 1, 11, 0, tzinfo=UTC), "2026-10-31"),
        # Early on the 2nd in London is still the 1st in Los Angeles.
        (datetime(2026, 6, 2, 6, 0, tzinfo=UTC), "2026-05-31"),
    ],
)
def test_a_run_for_each_company_of_the_day_before(moment: datetime, day: str) -> None:
    found = requests_at(moment, "22", "11", gone="33").run_requests or []
    assert [each.partition_key for each in found] == [f"11|{day}", f"22|{day}"]
    assert [each.tags["company"] for each in found] == ["11", "22"]
    assert [each.tags["dagster/partition/company"] for each in found] == ["11", "22"]
    assert len({each.run_key for each in found}) == 2


def test_it_says_why_there_is_nothing_to_do() -> None:
    moment = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
    nobody = requests_at(moment)
    assert nobody.run_requests == []
    assert "qb-assets connect" in (nobody.skip_message or "")
    assert requests_at(moment, gone="11").run_requests == []
    early = requests_at(moment, "11", start=date(2026, 6, 2))
    assert early.run_requests == []
    assert "2026-06-02, is still to come" in (early.skip_message or "")


def test_a_tick_that_comes_late_is_left_to_the_catching_up() -> None:
    moment = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
    assert requests_at(moment, "11", late=timedelta(minutes=59)).run_requests
    late = requests_at(moment, "11", late=timedelta(minutes=61))
    assert late.run_requests == []
    assert "catch_up" in (late.skip_message or "")


def test_it_ticks_at_three_where_the_company_is() -> None:
    calendar = Calendar(date(2026, 1, 1), ZoneInfo("Europe/Berlin"))
    with dg.instance_for_test():
        defs = build_definitions(entities=[ENTITIES["Term"]], calendar=calendar)
        schedule = defs.resolve_schedule_def("daily")
    assert schedule.cron_schedule == "0 3 * * *"
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.job_name == "sync"


def test_a_weekly_run_of_today_that_compares_all_ids() -> None:
    sunday = datetime(2026, 6, 7, 11, 30, tzinfo=UTC)
    found = requests_at(sunday, "22", "11", name="weekly_sweep").run_requests or []
    assert [each.partition_key for each in found] == ["11|2026-06-07", "22|2026-06-07"]
    assert all(each.run_config["ops"]["raw"]["config"] == {"sweep": True} for each in found)
    daily = requests_at(sunday, "22", "11").run_requests or []
    assert len({each.run_key for each in (*found, *daily)}) == 4


def test_the_day_so_far_on_request() -> None:
    hours = [datetime(2026, 6, 2, hour, 0, tzinfo=UTC) for hour in (16, 17)]
    found = [
        each
        for hour in hours
        for each in requests_at(hour, "11", name="intraday").run_requests or []
    ]
    assert [each.partition_key for each in found] == ["11|2026-06-02"] * 2
    assert len({each.run_key for each in found}) == 2


def test_the_month_that_ended_is_closed() -> None:
    calendar = Calendar(date(2026, 1, 1), ZoneInfo("America/Los_Angeles"))
    schedule = build_month_end_schedule(build_month_end_job(), calendar)
    moment = datetime(2026, 6, 2, 12, 30, tzinfo=UTC)
    with dg.instance_for_test() as instance, TemporaryDirectory() as folder:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, ["11"])
        with dg.build_schedule_context(
            instance=instance,
            resources={"quickbooks": connected(Path(folder), ["11"])},
            scheduled_execution_time=moment,
        ) as context:
            [asked] = schedule.evaluate_tick(context).run_requests or []
    assert asked.tags["dagster/asset_partition_range_start"] == "11|2026-05-01"
    assert asked.tags["dagster/asset_partition_range_end"] == "11|2026-05-01"


def test_the_books_follow_once_and_when_nothing_else_goes_on() -> None:
    sensor = build_books_sensor(build_books_job())
    begun = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
    success = dg.DagsterRunStatus.SUCCESS
    with dg.instance_for_test() as instance:

        def run(job: str, status: dg.DagsterRunStatus, minutes: int) -> str:
            with time_is(begun + timedelta(minutes=minutes)):
                return instance.run_storage.add_run(
                    dg.DagsterRun(job, run_id=str(uuid4()), status=status)
                ).run_id

        def asks(minutes: int) -> bool:
            with (
                time_is(begun + timedelta(minutes=minutes)),
                dg.build_sensor_context(instance) as context,
            ):
                return bool(sensor.evaluate_tick(context).run_requests)

        assert not asks(0)
        run("sync", success, 1)
        going_on = run("reports", dg.DagsterRunStatus.STARTED, 1)
        assert not asks(2)
        instance.delete_run(going_on)
        assert asks(3)
        run("books", success, 3)
        assert not asks(4)
        run("sync", success, 5)
        assert not asks(17)  # a quarter of an hour has not gone by
        assert asks(18)
