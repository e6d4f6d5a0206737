"""The doctor finds nothing wrong where nothing is, and each fault that is planted by its name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow as pa
import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from qb_assets.books.assets import books_key
from qb_assets.cli import app
from qb_assets.doctor.examine import CHECKS
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.aside import QUARANTINE_SCHEMA
from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.budget import month_of
from qb_assets.quickbooks.call_book import Line, app_name
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
from qb_assets.reports.months import month_before
from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets.warehouse.ddl import relation
from qb_assets_tests.doctor.examining import Examine, only, tells_no_secret
from qb_assets_tests.doctor.healthy import (
    CLIENT_SECRET,
    NOW,
    START,
    TODAY,
    beat,
    clock_server,
    make,
    materialized,
    variables,
)
from qb_assets_tests.pipeline.surroundings import foreign_environment
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token
from qb_assets_tests.quickbooks.servers import ScriptedServer, reply
from qb_assets_tests.quickbooks.webhooks import event, notes

OTHER = "9130355000000002"
HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held'); sys.stdin.read()"


@pytest.fixture(scope="module", autouse=True)
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The deployment's folder; every test leaves what is in it as it was."""
    folder = tmp_path_factory.mktemp("healthy")
    with clock_server() as url, pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(foreign_environment()):
            patch.delenv(name)
        for name, value in variables(folder, url).items():
            patch.setenv(name, value)
        patch.chdir(folder)
        make(folder)
        yield folder


def test_a_healthy_deployment_is_green(healthy: Path) -> None:
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0, done.output
    *lines, counts = done.output.splitlines()
    assert counts == f"{len(lines)} green."
    assert {line.split()[1] for line in lines} == {name for name, _ in CHECKS}
    assert Lake.open((healthy / "lake").as_uri()).list() == [], "a probe was left behind"


def test_a_fault_ends_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_ENVIRONMENT", "production")
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    tells_no_secret(done.output)
    said = json.loads(done.stdout)
    assert said["level"] == "red"
    [wrong] = [each for each in said["findings"] if each["level"] == "red"]
    assert wrong["company"] == REALM
    printed = CliRunner().invoke(app, ["doctor"])
    assert f"BAD   credentials company {REALM}: {wrong['message']}" in printed.output
    assert wrong["fix"] in printed.output


def test_a_connection_that_is_over(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = replace(a_token(), refresh_expires_at=NOW - timedelta(days=1))
    FileTokenStore(tmp_path / "tokens").save(a_connection(ended), replaces=None)
    monkeypatch.setenv("QB_TOKEN_STORE", str(tmp_path / "tokens"))
    fix = f"qb-assets connect --company {REALM}"
    only(troubles(), "credentials", "red", "not used for about 100 days", fix)


def test_the_wrong_key_of_the_tokens(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_TOKEN_KEY", Fernet.generate_key().decode())
    only(troubles(), "credentials", "red", "does not open with this key", "Set QB_TOKEN_KEY")


def test_the_wrong_environment(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_ENVIRONMENT", "production")
    says = "was connected in sandbox, and QB_ENVIRONMENT is production"
    only(troubles(), "credentials", "red", says, "Set QB_ENVIRONMENT")


def test_a_connection_that_quickbooks_refuses(
    troubles: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = b'{"fault":{"error":[{"message":"no","code":"3100"}],"type":"AUTHORIZATION"}}'
    with ScriptedServer(reply(b"", 404), reply(fault, 403)) as server:
        monkeypatch.setenv("QB_BASE_URL", server.url)
        found = troubles(online=True)
    only(found, "credentials", "red", "these keys have no connection", "Check the company id")


def test_a_connection_that_works(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"QueryResponse":{"CompanyInfo":[{"Id":"1","CompanyName":"Bakery"}]},"time":""}'
    with ScriptedServer(reply(b"", 404), reply(body)) as server:
        monkeypatch.setenv("QB_BASE_URL", server.url)
        found = troubles(online=True)
        assert "Authorization" not in server.seen[0][2], "the clock was asked for with a token"
    assert found == []


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [(-420, "red", "s ahead of 127"), (400, "red", "s behind 127"), (90, "yellow", "s behind 127")],
)
def test_a_clock_that_is_wrong(
    troubles: Examine, monkeypatch: pytest.MonkeyPatch, ahead: int, level: str, says: str
) -> None:
    with clock_server(timedelta(seconds=ahead)) as url:
        monkeypatch.setenv("QB_BASE_URL", url)
        found = troubles()
    only(found, "clock", level, says, "timedatectl")
    [told] = re.findall(r"clock is (\d+) s", found[0].message)
    assert abs(int(told) - abs(ahead)) <= 1


def test_quickbooks_out_of_reach(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_BASE_URL", "http://127.0.0.1:9")
    only(troubles(), "clock", "red", "127.0.0.1:9 does not answer", "QB_BASE_URL")


def test_keys_that_are_missing(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QB_CLIENT_SECRET")
    only(troubles(), "settings", "red", "QB_CLIENT_SECRET is not set", "developer.intuit.com")


def test_a_time_zone_that_nobody_said(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QB_TIMEZONE")
    only(troubles(), "calendar", "yellow", "QB_TIMEZONE is not set", "Set QB_TIMEZONE")


def test_a_start_date_that_is_no_day(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_START_DATE", "yesterday")
    only(troubles(), "calendar", "red", "QB_START_DATE is 'yesterday'", "must be a day like")


@pytest.mark.parametrize(
    ("mode", "level", "says"), [(0o644, "red", "every user"), (0o640, "yellow", "its group")]
)
def test_secrets_that_others_can_read(
    troubles: Examine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    level: str,
    says: str,
) -> None:
    (tmp_path / ".env").write_text(f"QB_CLIENT_SECRET={CLIENT_SECRET}\n")
    (tmp_path / ".env").chmod(mode)
    monkeypatch.chdir(tmp_path)
    only(troubles(), "secrets", level, says, f"chmod 600 '{tmp_path / '.env'}'")


def test_a_budget_that_is_spent(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QB_CALL_BOOK", str(tmp_path / "calls.db"))
    monkeypatch.setenv("QB_MONTHLY_CALL_BUDGET", "2")
    settings = Settings.from_environment()
    line = Line(month_of(NOW), app_name(settings.client_id), REALM, "query", "Invoice")
    for _ in range(2):
        call_book(settings.call_book).reserve(line, None)
    only(troubles(), "budget", "red", "2 of 2 calls", "raise QB_MONTHLY_CALL_BUDGET")


def test_a_lake_that_cannot_be_written(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lake").write_text("a file is in the way")
    monkeypatch.setenv("QB_LAKE_URL", (tmp_path / "lake").as_uri())
    only(troubles(), "lake", "red", "is a file", "QB_LAKE_URL")


def test_a_lake_without_its_bucket(
    troubles: Examine, seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**seaweed.env, "QB_LAKE_URL": "s3://no-such-bucket/books"}.items():
        monkeypatch.setenv(name, value)
    only(troubles(), "lake", "red", "has no such bucket", "Create the bucket")


def test_a_lake_on_s3_tells_the_time(
    troubles: Examine, seaweed: SeaweedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)
    found = troubles()
    assert found == []


def test_records_in_quarantine(troubles: Examine, healthy: Path) -> None:
    lake = Lake.open((healthy / "lake").as_uri())
    raw = layout.raw_object("invoice", REALM, START, "x1")
    row = {
        "id": "7",
        "extracted_at": NOW,
        "reason": "TotalAmt is no number",
        "raw_object": raw,
        "payload": b"{}",
    }
    path = layout.quarantine_object("invoice", REALM, START, "x1")
    lake.create(path, parquet.encode(pa.Table.from_pylist([row], schema=QUARANTINE_SCHEMA)))
    try:
        found = troubles()
    finally:
        lake.delete([path])
    only(found, "quarantine", "yellow", "1 of Invoice", "qb-assets quarantine list")


def test_a_warehouse_that_another_process_holds(troubles: Examine, healthy: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(healthy / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    found = troubles()
    holder.communicate("")
    only(found, "warehouse", "red", f"is held by process {holder.pid}", "Close that program")


def test_a_warehouse_that_is_no_database(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "w.duckdb").write_text("this is no DuckDB database, but a text of some length")
    monkeypatch.setenv("QB_WAREHOUSE_URL", f"duckdb:///{tmp_path}/w.duckdb")
    only(troubles(), "warehouse", "red", "no DuckDB database", "qb-assets schema migrate")


def test_a_warehouse_that_broke(
    troubles: Examine, healthy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "w.duckdb"
    file.write_bytes((healthy / "warehouse.duckdb").read_bytes()[:9000])
    monkeypatch.setenv("QB_WAREHOUSE_URL", f"duckdb:///{file}")
    only(troubles(), "warehouse", "red", "cannot be opened", "qb-assets schema migrate")


@pytest.mark.parametrize(
    ("columns", "level", "says", "fix"),
    [
        ((), "yellow", "another version", "qb-assets schema migrate"),
        (("old_note",), "red", "term.old_note", "schema migrate --drop"),
    ],
)
def test_a_warehouse_of_another_schema(
    troubles: Examine,
    healthy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: Sequence[str],
    level: str,
    says: str,
    fix: str,
) -> None:
    file = tmp_path / "w.duckdb"
    file.write_bytes((healthy / "warehouse.duckdb").read_bytes())
    with duckdb.connect(str(file)) as connection:
        for name in columns:
            connection.execute(f"ALTER TABLE {relation('term')} ADD COLUMN {name} VARCHAR")
        connection.execute(f"COMMENT ON TABLE {relation('term')} IS 'schema 000000000000'")
    monkeypatch.setenv("QB_WAREHOUSE_URL", f"duckdb:///{file}")
    only(troubles(), "warehouse", level, says, fix)


def test_a_daemon_that_does_not_run(troubles: Examine, instance: dg.DagsterInstance) -> None:
    instance.wipe_daemon_heartbeats()
    found = troubles()
    beat(instance)
    only(found, "daemon", "red", "does not run, never heard of", "dagster-daemon run")


def test_a_pool_that_lets_several_writers_in(
    troubles: Examine, instance: dg.DagsterInstance
) -> None:
    instance.event_log_storage.set_concurrency_slots("warehouse", 3)
    found = troubles()
    instance.event_log_storage.delete_concurrency_limit("warehouse")
    only(found, "dagster", "red", "pool warehouse lets 3 steps", "concurrency set warehouse 1")


def test_a_company_without_partitions(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(tmp_path / "tokens")
    for realm in (REALM, OTHER):
        store.save(a_connection(a_token(realm)), replaces=None)
    monkeypatch.setenv("QB_TOKEN_STORE", str(tmp_path / "tokens"))
    found = troubles()
    fix = f"qb-assets materialize --company {OTHER} --from {TODAY} --to {TODAY}"
    only(found, "partitions", "red", "has no partitions", fix)


def test_days_that_were_missed(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = START - timedelta(days=2), START - timedelta(days=1)
    monkeypatch.setenv("QB_START_DATE", first.isoformat())
    fix = f"qb-assets materialize --company {REALM} --from {first} --to {last}"
    only(troubles(), "freshness", "red", f"2 days were never fetched: {first} to {last}", fix)


def test_a_start_date_that_was_moved(troubles: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_START_DATE", (START + timedelta(days=1)).isoformat())
    only(troubles(), "freshness", "red", "QB_START_DATE is now", f"Set QB_START_DATE={START}")


def test_months_whose_reports_were_missed(
    troubles: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = month_before(START.replace(day=1), 2)
    monkeypatch.setenv("QB_REPORTS_START_DATE", first.isoformat())
    fix = f"qb-assets books --company {REALM} --from {first:%Y-%m} --to "
    only(troubles(), "reports", "red", f"never fetched: {first:%Y-%m}", fix)


def test_books_that_were_never_made(troubles: Examine, instance: dg.DagsterInstance) -> None:
    instance.wipe_assets([books_key("general_ledger")])
    found = troubles()
    materialized(instance, books_key("general_ledger"))
    only(found, "books", "yellow", "never made", "qb-assets books")


def test_books_that_do_not_tie(troubles: Examine, instance: dg.DagsterInstance) -> None:
    def said(*, passed: bool) -> None:
        key = books_key("ledger_difference")
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(asset_key=key, check_name="explained", passed=passed)
        )

    said(passed=False)
    found = troubles()
    said(passed=True)
    only(found, "books", "red", "books/ledger_difference:explained", "qb-assets report")


def test_webhooks_that_nobody_handles(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QB_WEBHOOK_INBOX", str(tmp_path / "webhooks.db"))
    at = NOW - timedelta(hours=2)
    open_inbox(inbox_place()).keep(notes(event(1, realm=REALM), at=at))
    only(troubles(), "webhooks", "yellow", "1 webhook notifications", "qb-assets webhooks list")


def test_an_inbox_that_cannot_be_written(
    troubles: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QB_WEBHOOK_INBOX", str(tmp_path))
    only(troubles(), "webhooks", "red", "inbox", "Set QB_WEBHOOK_INBOX")
