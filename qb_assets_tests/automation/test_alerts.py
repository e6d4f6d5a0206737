"""Trouble is told once, the way that was asked for, and again while it lasts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.storage.tags import SENSOR_NAME_TAG

from qb_assets.automation.alert_sensor import tell
from qb_assets.automation.alerts import Alert, Memory, due, erring, one_text, stale
from qb_assets.automation.messengers import messengers
from qb_assets.automation.watch import given_up, waiting_long
from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets.partitions import COMPANY_DIMENSION, Calendar
from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.tokens import Connection, Token
from qb_assets.quickbooks.webhooks.places import open_inbox
from qb_assets.raw.tags import FAILED, REQUESTS, fetched_tag
from qb_assets_tests.automation.post_offices import Hook, mailbox, webhook
from qb_assets_tests.quickbooks.webhooks import event, notes

NOW = datetime.now(timezone.utc)
COMPANY = "9130355000000001"
TROUBLE = Alert("stale:1", "company 1: nothing was fetched")


def test_trouble_is_told_once_and_again_after_a_day() -> None:
    memory = Memory(since=NOW)
    assert due([TROUBLE], memory, NOW) == [TROUBLE]
    memory.told[TROUBLE.key] = NOW
    assert due([TROUBLE], memory, NOW + timedelta(hours=23)) == []
    assert due([TROUBLE], memory, NOW + timedelta(hours=24)) == [TROUBLE]


def test_trouble_that_comes_back_is_told_at_once() -> None:
    memory = Memory.read(Memory(since=NOW, told={TROUBLE.key: NOW}).write(), NOW)
    assert due([], memory, NOW) == []
    assert due([TROUBLE], memory, NOW) == [TROUBLE]


def test_few_failed_requests_are_no_trouble() -> None:
    assert erring("1", 100, 20) is None
    assert erring("1", 19, 19) is None
    assert erring("1", 100, 21) is not None


def test_standstill() -> None:
    longest = timedelta(hours=36)
    assert stale("1", NOW - longest, NOW, longest) is None
    late = stale("1", NOW - longest - timedelta(seconds=1), NOW, longest)
    assert late is not None
    assert "daemon" in late.text
    assert stale("1", None, NOW, longest) is not None


def test_a_connection_has_as_long_for_its_first_fetch() -> None:
    longest, second = timedelta(hours=36), timedelta(seconds=1)
    assert stale("1", None, NOW, longest, connected_at=NOW - longest) is None
    never = stale("1", None, NOW, longest, connected_at=NOW - longest - second)
    assert never is not None
    assert "nothing was fetched from QuickBooks ever" in never.text
    long_ago = NOW - timedelta(days=200)
    assert stale("1", long_ago, NOW, longest, connected_at=NOW - longest) is None
    assert stale("1", NOW - longest, NOW, longest, connected_at=long_ago) is None
    assert stale("1", long_ago, NOW, longest, connected_at=NOW - longest - second) is not None


def test_a_webhook_and_mail_bring_the_text(caplog: pytest.LogCaptureFixture) -> None:
    with webhook() as hook, mailbox() as box:
        environ = {
            "QB_ALERT_WEBHOOK": hook.url,
            "QB_ALERT_EMAIL": "books@example.com",
            "QB_SMTP_URL": box.url,
        }
        assert tell([TROUBLE, replace(TROUBLE, text="Käse")], environ) == []
    assert hook.texts == [f"{TROUBLE.text}\nKäse"]
    [mail] = box.mails
    assert "To: books@example.com" in mail
    assert "nothing was fetched" in mail
    assert TROUBLE.text in caplog.text


def test_a_webhook_that_fails_stops_nothing_and_is_not_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with webhook() as hook, mailbox() as box:
        hook.status = 500
        environ = {
            "QB_ALERT_WEBHOOK": hook.url,
            "QB_ALERT_EMAIL": "books@example.com",
            "QB_SMTP_URL": box.url,
        }
        failures = tell([TROUBLE], environ)
        assert failures == ["An alert could not be sent (ConnectionError)."]
        assert len(box.mails) == 1
    assert tell([TROUBLE], {"QB_ALERT_WEBHOOK": hook.url}) != []
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize(
    "environ",
    [
        {"QB_ALERT_WEBHOOK": "hooks.example.com"},
        {"QB_ALERT_EMAIL": "a@b.c"},
        {"QB_ALERT_EMAIL": "a@b.c", "QB_SMTP_URL": "mail.example.com"},
    ],
)
def test_settings_that_make_no_sense(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="Set it"):
        messengers(environ)


@dg.op
def falls() -> None:
    raise dg.Failure("company 1: QuickBooks is closed. Come back later.")


@dg.job
def doomed() -> None:
    falls()


class Watched:
    """An instance with a connected company, whose alerts go to a webhook."""

    def __init__(self, instance: dg.DagsterInstance, hook: Hook, folder: Path) -> None:
        self.instance = instance
        self.hook = hook
        self.store = FileTokenStore(folder)
        self.cursor: str | None = None
        calendar = Calendar(NOW.date(), ZoneInfo("America/Los_Angeles"))
        self._defs = build_definitions(entities=[ENTITIES["Term"]], calendar=calendar, reports=[])
        self._repository = self._defs.get_repository_def()

    def look(self) -> str | None:
        """What the sensor says; what it told is in the hook."""
        with dg.build_sensor_context(
            instance=self.instance,
            repository_def=self._repository,
            cursor=self.cursor,
            resources={"quickbooks": QuickBooksResource()},
        ) as context:
            result = self._defs.resolve_sensor_def("alerts").evaluate_tick(context)
        self.cursor = result.cursor
        return result.skip_message

    def fetched(self, requests: int = 0, failed: int = 0) -> None:
        """A run that has fetched the company just now."""
        tags = {
            "company": COMPANY,
            fetched_tag(COMPANY): "yes",
            REQUESTS: str(requests),
            FAILED: str(failed),
        }
        self.instance.create_run_for_job(doomed, status=dg.DagsterRunStatus.SUCCESS, tags=tags)

    def connect(self, days_left: float, ago: timedelta = timedelta()) -> None:
        """A connection that was made some time ago, whose token ends in so many days."""
        token = Token(
            realm=COMPANY,
            environment="sandbox",
            access="access",
            refresh="refresh",
            issued_at=NOW,
            expires_at=NOW + timedelta(hours=1),
            refresh_expires_at=NOW + timedelta(days=days_left),
        )
        self.store.save(Connection(token=token, connected_at=NOW - ago), replaces=None)


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with webhook() as hook, dg.instance_for_test() as instance:
        settings = {
            "QB_CLIENT_ID": "id",
            "QB_CLIENT_SECRET": "secret",
            "QB_TOKEN_STORE": str(tmp_path),
            "QB_ALERT_WEBHOOK": hook.url,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        instance.add_dynamic_partitions(COMPANY_DIMENSION, [COMPANY])
        yield Watched(instance, hook, tmp_path)


def test_all_is_well(watched: Watched) -> None:
    watched.connect(days_left=90)
    watched.fetched(requests=100, failed=3)
    assert watched.look() == "Nothing is wrong."
    assert watched.hook.texts == []


def test_a_failed_run_is_told_once_with_its_reason(watched: Watched) -> None:
    watched.connect(days_left=90)
    watched.fetched()
    watched.look()
    doomed.execute_in_process(instance=watched.instance, raise_on_error=False)
    watched.hook.status = 503
    watched.look()  # could not be told
    watched.hook.status = 200
    watched.look()
    watched.look()
    [untold, told] = watched.hook.texts
    assert untold == told
    assert "of doomed failed: company 1: QuickBooks is closed. Come back later." in told


def test_a_company_that_was_connected_just_now_is_no_trouble(watched: Watched) -> None:
    watched.connect(days_left=90, ago=timedelta(hours=35))
    assert watched.look() == "Nothing is wrong."


def test_token_standstill_and_errors_are_told(watched: Watched) -> None:
    watched.connect(days_left=5, ago=timedelta(hours=37))
    watched.look()
    watched.fetched(requests=40, failed=30)
    watched.look()
    watched.look()
    first, second = watched.hook.texts
    assert f"company {COMPANY}: nothing was fetched from QuickBooks ever" in first
    assert "The connection ends on" in first
    assert second == (
        f"company {COMPANY}: 30 of 40 requests of the last day failed. See the log lines `call`"
        " of its runs, and https://status.quickbooks.intuit.com."
    )


def test_a_company_without_a_token_is_told_how_to_connect(watched: Watched) -> None:
    watched.fetched()
    watched.look()
    [told] = watched.hook.texts
    assert f"qb-assets connect --company {COMPANY}" in told


def evaluated(
    watched: Watched, check: str, *, passed: bool, severity: dg.AssetCheckSeverity
) -> None:
    """The last word of a check of raw/term or normalized/term."""
    watched.instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(["raw" if check == "complete" else "normalized", "term"]),
            check_name=check,
            passed=passed,
            severity=severity,
            metadata={},
            description="2 of 9 differ." if not passed else "All is well.",
        )
    )


def test_a_red_check_and_drift_are_told_until_they_are_green(watched: Watched) -> None:
    watched.connect(days_left=90)
    watched.fetched()
    error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    evaluated(watched, "complete", passed=False, severity=error)
    evaluated(watched, "drift", passed=False, severity=warn)
    evaluated(watched, "valid", passed=False, severity=warn)
    watched.look()
    watched.look()
    [told] = watched.hook.texts
    assert "raw/term:complete is red: 2 of 9 differ. Its page in the Dagster UI" in told
    assert "normalized/term:drift: 2 of 9 differ. Nothing is lost" in told
    assert "valid" not in told
    evaluated(watched, "complete", passed=True, severity=error)
    evaluated(watched, "drift", passed=True, severity=warn)
    assert watched.look() == "Nothing is wrong."


def test_days_that_could_not_be_caught_up_are_told(watched: Watched) -> None:
    watched.connect(days_left=90)
    watched.fetched()
    watched.look()
    tags = {"company": COMPANY, SENSOR_NAME_TAG: "catch_up"}
    calendar = Calendar(NOW.date(), ZoneInfo("America/Los_Angeles"))
    for _ in range(4):
        assert list(given_up(watched.instance, calendar, NOW)) == []
        watched.instance.create_run_for_job(doomed, status=dg.DagsterRunStatus.FAILURE, tags=tags)
    [told] = given_up(watched.instance, calendar, NOW)
    assert "qb-assets doctor names the days" in told.text


def test_webhooks_that_wait_long_are_told(tmp_path: Path) -> None:
    inbox = open_inbox(str(tmp_path / "webhooks.db"))
    inbox.keep(notes(event(1, realm=COMPANY), event(2, realm="99"), at=NOW))
    assert list(waiting_long(inbox, [COMPANY], NOW + timedelta(minutes=59))) == []
    [told] = waiting_long(inbox, [COMPANY], NOW + timedelta(hours=2))
    assert f"company {COMPANY}: 1 webhook notifications wait" in told.text


def test_one_message_is_not_endless() -> None:
    text = one_text([Alert(str(n), f"trouble {n}") for n in range(25)])
    assert text.splitlines()[-1] == "And 5 more: see the Dagster UI."
    assert len(text.splitlines()) == 21
