"""The commands that look after connections, as a person runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from qb_assets.automation.home import open_instance
from qb_assets.cli import app
from qb_assets.partitions import COMPANY_DIMENSION
from qb_assets.quickbooks.faults import NotConnected
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.raw.tags import YES, fetched_tag
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets_tests.pipeline.surroundings import Surroundings, foreign_environment
from qb_assets_tests.quickbooks.conftest import client_settings, connected


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with start(invoices=3) as sandbox:
        yield sandbox


@pytest.fixture
def there(sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """This process in surroundings of its own, with the sandbox's keys and nothing connected."""
    surroundings = Surroundings(tmp_path, "2026-11-01", sandbox.env)
    for name in set(surroundings.env) - set(foreign_environment()):
        monkeypatch.setenv(name, surroundings.env[name])
    monkeypatch.chdir(tmp_path)
    return surroundings


@pytest.fixture
def store(there: Surroundings, sandbox: SandboxProcess) -> FileTokenStore:
    """The store that the commands use, with the sandbox's company connected anew."""
    return connected(sandbox, there.folder / "tokens")


def command(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, words, input=typed)


def test_without_a_company_it_says_how_to_connect_one(there: Surroundings) -> None:
    done = command("companies")
    assert done.exit_code == 0
    assert "qb-assets connect" in done.output
    assert not (there.folder / "tokens").exists()


def test_companies_tells_of_the_connection_the_last_sync_and_the_calls(
    store: FileTokenStore, sandbox: SandboxProcess
) -> None:
    realm = sandbox.realm_id
    given = store.load(realm).token.refresh
    done = command("connect", "--company", realm, "--refresh-token", "-", typed=f"{given}\n")
    assert done.exit_code == 0, done.output
    with open_instance() as instance:
        instance.add_run(dg.DagsterRun("sync", tags={fetched_tag(realm): YES}))
    done = command("companies")
    assert done.exit_code == 0, done.output
    [row] = [line for line in done.output.splitlines() if realm in line]
    cells = [cell.strip() for cell in re.split("[│┃]", row)]
    name = store.load(realm).name
    assert cells[1:4] == [realm, name, "sandbox"]
    assert cells[4].endswith("min old")
    ends = [datetime.now(timezone.utc) + timedelta(days=days) for days in (101, 1825)]
    assert [cells[5][:10], cells[6][:10]] == [end.date().isoformat() for end in ends]
    assert "(101 days)" in cells[5]
    assert cells[7].startswith(f"{datetime.now(timezone.utc):%Y-%m-}")
    assert cells[8] == "1"  # connecting asked for the company's name
    assert given not in done.output
    assert store.load(realm).token.access not in done.output


def test_companies_warns_of_a_connection_that_ends_soon(
    store: FileTokenStore, sandbox: SandboxProcess
) -> None:
    held = store.load(sandbox.realm_id)
    soon = datetime.now(timezone.utc) + timedelta(days=20)
    ending = replace(held.token, hard_expires_at=soon)
    store.save(replace(held, token=ending), replaces=held.token)
    done = command("companies")
    assert f"company {sandbox.realm_id}: The connection ends for good" in done.output
    assert f"qb-assets connect --company {sandbox.realm_id}" in done.output


def test_companies_needs_no_keys(store: FileTokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QB_CLIENT_ID")
    done = command("companies")
    assert done.exit_code == 0, done.output
    assert "unknown" in done.output
    assert "QB_CLIENT_ID is not set" in done.output
    assert len(store.companies()) == 1


def test_disconnect_asks_revokes_forgets_and_keeps_the_partition(
    store: FileTokenStore, sandbox: SandboxProcess
) -> None:
    realm = sandbox.realm_id
    with open_instance() as instance:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, [realm])
    refused = command("disconnect", "--company", realm, typed="n\n")
    assert refused.exit_code == 1
    assert f"Disconnect company {realm} ({store.load(realm).name})?" in refused.output
    before = sandbox.admin("stats")["calls"].get("revoke", 0)
    done = command("disconnect", "--company", realm, "--yes")
    assert done.exit_code == 0, done.output
    assert "was revoked at Intuit" in done.output
    assert sandbox.admin("stats")["calls"]["revoke"] == before + 1
    with pytest.raises(NotConnected):
        store.load(realm)
    with open_instance() as instance:
        assert realm in instance.get_dynamic_partitions(COMPANY_DIMENSION)
    again = command("disconnect", "--company", realm, "--yes")
    assert isinstance(again.exception, NotConnected)


def test_disconnect_of_a_connection_that_ended_at_intuit_forgets_it(
    store: FileTokenStore, sandbox: SandboxProcess
) -> None:
    OAuth(client_settings(sandbox)).revoke(store.load(sandbox.realm_id).token)
    done = command("disconnect", "--company", sandbox.realm_id, typed="y\n")
    assert done.exit_code == 0, done.output
    assert "had ended at Intuit already" in done.output
    assert store.companies() == []


@pytest.mark.parametrize("name", ["connect", "companies", "disconnect"])
def test_each_command_has_an_example(name: str) -> None:
    assert f"Example: qb-assets {name}" in command(name, "--help").output


def test_a_day_of_all_companies(store: FileTokenStore, sandbox: SandboxProcess) -> None:
    days = ("--from", "2026-11-01", "--to", "2026-11-02", "--select", "raw/term")
    done = command("materialize", "--all-companies", *days)
    assert done.exit_code == 0, done.output
    assert "2 raw" in done.output
    with open_instance() as instance:
        assert instance.get_dynamic_partitions(COMPANY_DIMENSION) == [sandbox.realm_id]
    store.delete(sandbox.realm_id)
    none = command("materialize", "--all-companies", *days)
    assert isinstance(none.exception, ValueError)
    assert "qb-assets connect" in str(none.exception)


@pytest.mark.parametrize("words", [(), ("--company", "1", "--all-companies")])
def test_one_company_is_named_or_all_are_meant(words: tuple[str, ...]) -> None:
    done = command("materialize", "--from", "2026-11-01", "--to", "2026-11-02", *words)
    assert done.exit_code == 2
    assert "--all-companies" in done.output
