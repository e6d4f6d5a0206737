"""How facts are judged that are hard to plant."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dagster._core.scheduler.instigation import InstigatorStatus
from packaging.requirements import Requirement

from qb_assets.doctor.books import made_of, months
from qb_assets.doctor.clock import Told, judged
from qb_assets.doctor.connections import budget, lasting
from qb_assets.doctor.days import freshness, keys
from qb_assets.doctor.finding import Finding, of_error, worst
from qb_assets.doctor.orchestration import (
    heartbeat,
    one_run_a_company,
    pool_limits,
    retries,
    switched,
)
from qb_assets.doctor.packages import package_versions, python_version
from qb_assets.doctor.settings import hosts, start_date
from qb_assets.doctor.stores import refused, space
from qb_assets.doctor.webhooks import unhandled
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.budget import BudgetState
from qb_assets.quickbooks.health import Health
from qb_assets.quickbooks.settings import BASE_URLS, Settings
from qb_assets.quickbooks.webhooks.inbox import AskedRun, Waiting
from qb_assets_tests.doctor.healthy import NOW

DAY = date(2026, 11, 1)
CALENDAR = Calendar(DAY, ZoneInfo("UTC"))


def days(*numbers: int) -> frozenset[date]:
    return frozenset(DAY + timedelta(days=number) for number in numbers)


def test_a_package_that_is_missing_and_one_that_is_another() -> None:
    wanted = [Requirement("duckdb==1.5.5"), Requirement("rich>=13"), Requirement("x; extra=='a'")]
    installed = {"duckdb": "1.4.0", "x": "1"}
    first, second = package_versions(wanted, installed.get)
    assert "duckdb is of version 1.4.0" in first.message
    assert first.fix.endswith("pip install 'duckdb==1.5.5'")
    assert "rich is not installed" in second.message
    assert worst([first, second]) == "red"
    assert python_version("3.9.2", ">=3.10").level == "red"


@pytest.mark.parametrize(
    ("free", "level"), [(3 << 30, "green"), (1 << 30, "yellow"), (1 << 20, "red")]
)
def test_a_disk_that_is_nearly_full(free: int, level: str) -> None:
    found = space(["the warehouse", "the lake"], free)
    assert (found.level, "for the warehouse and the lake" in found.message) == (level, True)


def test_a_server_without_a_date() -> None:
    assert judged(Told("proxy")).level == "yellow"


def test_a_part_of_the_daemon_that_is_silent() -> None:
    beats = {"SENSOR": NOW, "SCHEDULER": NOW - timedelta(minutes=6)}
    found = heartbeat(list(beats), beats, NOW)
    assert found.level == "red"
    assert "Parts of the Dagster daemon do not run (SCHEDULER), last heard of" in found.message


def test_a_schedule_that_a_person_switched_off() -> None:
    by_default = {"daily": "STOPPED", "alerts": "RUNNING", "weekly_compaction": "STOPPED"}
    running, off = InstigatorStatus.RUNNING, InstigatorStatus.STOPPED
    assert switched(by_default, {"daily": running}).level == "green"
    assert "daily, alerts" in switched(by_default, {"alerts": off}).message
    assert "daily." in switched(by_default, {"daily": InstigatorStatus.DECLARED_IN_CODE}).message


def test_a_dagster_yaml_of_somebody_else() -> None:
    [warehouse, quickbooks] = pool_limits({"quickbooks": 5}, None)
    assert (warehouse.level, quickbooks.level) == ("red", "yellow")
    assert one_run_a_company([{"key": "other", "limit": 1}]).level == "yellow"
    assert retries(enabled=False, of_failed_assets=False).level == "yellow"
    assert "calls and all" in retries(enabled=True, of_failed_assets=True).message


def test_entities_that_are_behind_the_others() -> None:
    fetched = {"Invoice": days(0, 1, 2), "Bill": days(0, 2)}
    found = freshness("7", fetched, CALENDAR, DAY + timedelta(days=2), "")
    assert (found.level, "Bill (1)" in found.message) == ("yellow", True)
    assert "--from 2026-11-02 --to 2026-11-02" in found.fix


def test_a_company_that_was_never_fetched() -> None:
    found = freshness("7", {}, CALENDAR, DAY - timedelta(days=1), "")
    assert (found.level, "--from 2026-11-01 --to 2026-11-01" in found.fix) == ("yellow", True)


def test_many_spans_of_missed_days() -> None:
    found = freshness("7", {"Bill": days(1, 3, 5, 7, 9)}, CALENDAR, DAY + timedelta(days=9), "")
    assert "5 days were never fetched: 2026-11-01, 2026-11-03, 2026-11-05" in found.message
    assert "2 spans more" in found.message


def test_partitions_of_a_company_that_was_disconnected() -> None:
    [found] = keys({"1"}, {"1", "2"}, DAY, known={"1"})
    assert (found.level, found.company) == ("yellow", "2")
    assert list(keys(set(), {"2"}, DAY, known={"2"})) == [], "its token cannot be read: told of"


def test_a_connection_and_a_budget_near_their_end() -> None:
    message = "The connection ends for good on 2027-01-01; before that, connect again with: x"
    health = Health(
        level="warn", message=message, age_days=1, refresh_days_left=9, hard_days_left=9
    )
    found = lasting("7", health)
    assert found.message == "The connection ends for good on 2027-01-01."
    assert (found.level, found.fix) == (
        "yellow",
        "Connect again with: qb-assets connect --company 7",
    )
    assert budget(BudgetState("2026-11", 81, 100)).level == "yellow"


def test_months_whose_reports_are_missing() -> None:
    until = date(2027, 4, 1)
    never = months("7", [], CALENDAR, until)
    assert (never.level, never.company) == ("yellow", "7")
    assert never.fix.endswith("qb-assets books --company 7 --from 2026-11 --to 2027-04")
    holes = months("7", [date(2026, 12, 1)], CALENDAR, until)
    assert holes.level == "red"
    assert "never fetched: 2026-11, 2027-01, 2027-02 and 2 more" in holes.message
    assert months("7", [DAY], CALENDAR, DAY).level == "green"
    assert months("7", [DAY], CALENDAR, date(2026, 10, 1)).level == "green", "it is still to come"


def test_books_that_are_older_than_what_they_are_made_of() -> None:
    assert made_of(None, None).level == "green"
    assert made_of(None, NOW).message == "The books were never made."
    assert made_of(NOW - timedelta(hours=36), NOW).level == "green"
    late = made_of(NOW - timedelta(hours=37), NOW)
    assert (late.level, "qb-assets books" in late.fix) == ("yellow", True)


def test_webhooks_that_no_run_came_of() -> None:
    hours = timedelta(hours=2)
    waits = Waiting("2", "Bill", NOW - hours, NOW - hours, 3)
    asked = AskedRun("x", "1", DAY, NOW - hours, {"Bill": 2, "Term": 5})
    first, second = unhandled([waits], [asked], {"1"}, NOW)
    assert (first.company, first.level, first.message[:2]) == ("1", "yellow", "7 ")
    assert "qb-assets webhooks list" in first.fix
    assert (second.company, "qb-assets connect --company 2" in second.fix) == ("2", True)
    fresh = Waiting("1", "Bill", NOW, NOW, 3)
    [found] = unhandled([fresh], [], {"1"}, NOW)
    assert (found.level, "3 of it wait" in found.message) == ("green", True)


def test_a_host_of_the_other_environment_and_a_start_to_come() -> None:
    settings = Settings(client_id="a", client_secret="b", base_url=BASE_URLS["production"])
    assert "QB_BASE_URL is the host of production" in hosts(settings).message
    assert start_date(CALENDAR, DAY - timedelta(days=1)).level == "red"


def test_a_warehouse_that_a_run_is_loading() -> None:
    said = 'Could not set lock on file "w": Conflicting lock is held in /bin/python (PID 7)'
    found = refused(Path("w"), said, 1)
    assert (found.level, "process 7 (python); 1 runs" in found.message) == ("yellow", True)


def test_a_check_that_fails_tells_no_text() -> None:
    found = of_error("lake", RuntimeError("a secret"))
    assert found == Finding("lake", "red", "The check itself failed (RuntimeError).", found.fix)
    assert "secret" not in of_error("lake", UnicodeError("a secret")).message
    assert worst([]) == "green"


def test_a_file_that_may_not_be_read_is_named() -> None:
    found = of_error("warehouse", PermissionError(13, "Permission denied", "/w.duckdb"))
    assert found.message == "/w.duckdb: Permission denied."
    assert found.fix == "Make it readable and writable for this user."
