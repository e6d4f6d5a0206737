"""Notifications become runs: each one once, of its company, day and entities, and none is lost."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from typer.testing import CliRunner, Result

from qb_assets.automation.headless import range_tags
from qb_assets.automation.webhooks import AIMLESS_FOR, RIPE_AFTER, Desk
from qb_assets.catalog import ENTITIES
from qb_assets.cli_webhooks import app
from qb_assets.definitions import build_definitions
from qb_assets.partitions import COMPANY_DIMENSION, Calendar, key_of
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.tokens import Connection, Token
from qb_assets.quickbooks.webhooks.places import open_inbox
from qb_assets_tests.quickbooks.webhooks import event, notes

UTC = timezone.utc
NOW = datetime.now(UTC)
A_WHILE_AGO = NOW - RIPE_AFTER - timedelta(seconds=20)
CALENDAR = Calendar(date(2026, 1, 1), ZoneInfo("America/Los_Angeles"))
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin(host="localhost", port=1), "r"), "sync"
)
RUNNING = dg.DagsterRunStatus.STARTED


class Office:
    """A Dagster instance with two connected companies, 11 and 22, and an inbox."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance, defs: dg.Definitions) -> None:
        self.instance = instance
        self.inbox = open_inbox(str(folder / "webhooks.db"))
        self.store = FileTokenStore(folder / "tokens")
        self._sensor = defs.resolve_sensor_def("webhooks")
        self._repository = defs.get_repository_def()
        for company in ("11", "22"):
            self.connect(company)

    def connect(self, company: str) -> None:
        self.instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
        token = Token(
            realm=company,
            environment="sandbox",
            access="access",
            refresh="refresh",
            issued_at=NOW,
            expires_at=NOW,
        )
        self.store.save(Connection(token=token, connected_at=NOW), replaces=None)

    def told(self, *events: object, at: datetime = A_WHILE_AGO) -> None:
        self.inbox.keep(notes(*events, at=at))

    def tick(self) -> tuple[Sequence[dg.RunRequest], str]:
        """What the sensor requests, and why it requests nothing."""
        with dg.SensorEvaluationContext(  # as Dagster makes it for its daemon
            self.instance.get_ref(),
            instance=self.instance,
            repository_def=self._repository,
            sensor_name="webhooks",
            resources={"quickbooks": self._repository.get_top_level_resources()["quickbooks"]},
        ) as context:
            found = self._sensor.evaluate_tick(context)
        return found.run_requests or [], found.skip_message or ""

    def launched(
        self, request: dg.RunRequest, status: dg.DagsterRunStatus = RUNNING
    ) -> dg.DagsterRun:
        """Does what Dagster's daemon does with a request, up to a status."""
        tags = {**request.tags, "dagster/run_key": request.run_key or ""}
        run = dg.DagsterRun("sync", tags={**tags, "dagster/sensor_name": "webhooks"}, status=status)
        self.instance.add_run(run)
        return run


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    entities = [ENTITIES[name] for name in ("Term", "Class", "CompanyCurrency")]
    return build_definitions(entities=entities, calendar=CALENDAR)


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def office(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
) -> Iterator[Office]:
    monkeypatch.setenv("QB_WEBHOOK_INBOX", str(tmp_path / "webhooks.db"))
    monkeypatch.setenv("QB_TOKEN_STORE", str(tmp_path / "tokens"))
    monkeypatch.setenv("COLUMNS", "200")
    yield Office(tmp_path, instance, defs)
    instance.wipe()
    for company in instance.get_dynamic_partitions(COMPANY_DIMENSION):
        instance.delete_dynamic_partition(COMPANY_DIMENSION, company)


def term(number: int, realm: str = "11", entity: str = "term", **changes: object) -> object:
    stamp = A_WHILE_AGO.isoformat()
    return event(number, entity, realm=realm, **{"time": stamp, **changes})


def today(realm: str) -> str:
    return key_of(realm, CALENDAR.day_of(A_WHILE_AGO))


def listed() -> Result:
    return CliRunner().invoke(app, ["list"])


def test_without_a_webhook_it_says_how_to_receive_one(office: Office) -> None:
    assert office.tick() == ([], "No webhook was received yet: run qb-assets webhooks serve")
    assert not office.inbox.begun()
    assert "qb-assets webhooks serve" in listed().output


def test_a_run_of_the_day_for_just_the_companies_and_entities_concerned(office: Office) -> None:
    merged = term(3, entity="class", type="qbo.class.merged.v1", data={"deletedid": "4"})
    deleted = term(5, "22", type="qbo.term.deleted.v1")
    office.told(term(1), term(2), merged, deleted)
    one, two = office.tick()[0]
    assert (one.partition_key, two.partition_key) == (today("11"), today("22"))
    assert one.tags["company"] == "11"
    assert one.tags["dagster/partition/company"] == "11"
    assert {key.to_user_string() for key in one.asset_selection or ()} == {
        *("raw/term", "normalized/term", "warehouse/term"),
        *("raw/class", "normalized/class", "warehouse/class"),
    }
    assert {key.path[-1] for key in two.asset_selection or ()} == {"term"}


def test_it_is_requested_until_dagster_has_it_and_then_done(office: Office) -> None:
    office.told(term(1))
    [first] = office.tick()[0]
    [again] = office.tick()[0]  # the daemon died before it made the run
    assert again.run_key == first.run_key
    run = office.launched(first, dg.DagsterRunStatus.NOT_STARTED)
    [once_more] = office.tick()[0]  # it died before it launched the run
    assert once_more.run_key == first.run_key
    office.instance.delete_run(run.run_id)
    office.launched(first)
    assert office.tick() == ([], "Nothing waits.")
    assert list(office.inbox.asked()) == []
    office.told(term(1))  # a repeat
    assert office.tick() == ([], "Nothing waits.")


def test_what_comes_meanwhile_waits_a_minute_for_a_run_of_its_own(office: Office) -> None:
    office.told(term(1))
    [first] = office.tick()[0]
    office.told(term(2, entity="class"))
    [again] = office.tick()[0]
    assert again == first
    office.launched(first)
    found, why = office.tick()
    assert not found
    assert "company 11: its last run was asked for less than a minute ago" in why
    assert [each.entity for each in office.inbox.waiting()] == ["Class"]


@pytest.mark.parametrize("kind", ["day", "range", "another day", "another company"])
def test_it_waits_while_a_run_of_the_day_is_queued(office: Office, kind: str) -> None:
    day = CALENDAR.day_of(A_WHILE_AGO)
    before = day - timedelta(days=1)
    tags = {
        "day": {"dagster/partition": today("11")},
        "range": range_tags("11", before, day),
        "another day": {"dagster/partition": key_of("11", before)},
        "another company": range_tags("22", before, day),
    }[kind]
    queued = dg.DagsterRun(
        "sync", tags=tags, status=dg.DagsterRunStatus.QUEUED, remote_job_origin=ORIGIN
    )
    office.instance.add_run(queued)
    office.told(term(1))
    found, why = office.tick()
    assert len(found) == (kind not in ("day", "range"))
    assert found or f"company 11: a run of {day} is queued" in why
    office.instance.delete_run(queued.run_id)
    assert len(office.tick()[0]) == 1


def test_a_change_that_a_fetch_would_not_see_yet_waits(office: Office) -> None:
    office.told(term(1), at=datetime.now(UTC))
    assert office.tick() == ([], "Waiting: company 11: they have just come.")


def test_what_no_run_can_be_for_waits_and_is_listed(office: Office) -> None:
    office.told(term(1, "99"), term(2, entity="[b]what"), term(3), term(4, ""))
    office.store.delete("11")
    found, why = office.tick()
    assert not found
    assert "company 11: the company is not connected" in why
    assert "company 99: the company is not connected" in why
    rows = [[cell.strip() for cell in line.split("│")] for line in listed().output.splitlines()]
    assert {tuple(row[1:4]) for row in rows if len(row) > 5} == {
        ("11", "Term", "waits"),  # it has a partition
        ("11", "[b]what", "no asset"),
        ("99", "Term", "not connected"),
        ("none given", "Term", "not connected"),
    }
    office.connect("11")
    office.connect("99")
    assert [each.partition_key for each in office.tick()[0]] == [today("11"), today("99")]


def test_a_company_that_was_disconnected_in_between_keeps_its_notifications(
    office: Office,
) -> None:
    office.told(term(1), term(2, "22"))
    assert len(office.tick()[0]) == 2
    office.instance.delete_dynamic_partition(COMPANY_DIMENSION, "11")
    [left] = office.tick()[0]
    assert left.tags["company"] == "22"
    assert [each.realm for each in office.inbox.waiting()] == ["11"]


def desk(office: Office, now: datetime) -> Desk:
    """A look at a moment; Dagster has whatever run was asked for before."""
    return Desk(
        office.inbox,
        CALENDAR,
        now,
        {"Term"},
        connected=lambda realm: realm == "11",
        queued=lambda realm, day: not (realm and day),
        has_run=lambda key: bool(key),
    )


def test_a_late_one_is_of_the_day_of_its_change(office: Office) -> None:
    midnight = datetime(2026, 6, 3, 7, tzinfo=UTC)  # in Los Angeles
    late = term(1, time=(midnight - timedelta(seconds=1)).isoformat())
    office.told(late, term(2, time=midnight.isoformat()), at=midnight + timedelta(minutes=5))
    days: list[date] = []
    for minutes in (6, 7, 8):
        days += [run.day for run in desk(office, midnight + timedelta(minutes=minutes)).look()]
    assert days == [date(2026, 6, 2), date(2026, 6, 3)]


def test_no_more_than_one_run_a_minute_and_every_notification_has_one(office: Office) -> None:
    begun, asked = datetime(2026, 6, 2, 17, tzinfo=UTC), list[datetime]()
    stood_for = 0
    for second in range(0, 400, 20):
        now = begun + timedelta(seconds=second)
        if second < 300:
            office.told(term(second), at=now)
        for run in desk(office, now).look():
            asked.append(run.asked_at)
            stood_for += run.notifications["Term"]
    assert stood_for == 15
    assert len(asked) == 6
    gaps = [after - before for before, after in pairwise(asked)]
    assert min(gaps) >= timedelta(minutes=1)
    assert not office.inbox.waiting()


def test_what_is_aimless_goes_after_a_month_and_what_has_an_aim_never(office: Office) -> None:
    office.told(term(1), term(2, "99"), term(3, entity="invoice"), at=NOW - AIMLESS_FOR)
    later = NOW + timedelta(seconds=1)
    busy = desk(office, later)
    assert [run.notifications for run in busy.look()] == [{"Term": 1}]
    assert not office.inbox.waiting()


def test_the_list_tells_what_is_pending_and_what_is_not(office: Office) -> None:
    office.told(term(1), term(2), term(3, "22"))
    output = listed().output
    assert "waits" in output
    assert [row.count("Term") for row in output.splitlines()].count(1) == 2
    [first, second] = office.tick()[0]
    assert listed().output.count("run asked for") == 2
    office.launched(first)
    office.launched(second)
    office.tick()
    assert "Every notification has had its run." in listed().output
