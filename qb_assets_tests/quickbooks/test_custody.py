import json
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.faults import (
    BadAnswer,
    ConnectionFailed,
    ReconnectNeeded,
    TokenStoreError,
    WrongCredentials,
    WrongEnvironment,
)
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.sandbox.process import SandboxProcess
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.quickbooks.conftest import (
    REALM,
    StartBox,
    a_connection,
    a_token,
    client_settings,
    connected,
)
from qb_assets_tests.quickbooks.servers import ACCESS, REFRESH, Reply, ScriptedServer, reply

PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)


def expire(store: FileTokenStore, realm: str = REALM) -> None:
    held = store.load(realm)
    store.save(replace(held, token=replace(held.token, expires_at=PAST)), replaces=held.token)


def test_a_fresh_token_is_not_refreshed(store: FileTokenStore) -> None:
    with ScriptedServer(reply(b"{}")) as server:
        assert Custody(server.settings(), store, REALM).current().access == ACCESS.format(0)
        assert server.tokens == 0


def test_a_token_is_refreshed_five_minutes_ahead_and_stored_before_it_is_used(
    store: FileTokenStore,
) -> None:
    held = store.load(REALM)
    soon = datetime.now(timezone.utc) + timedelta(minutes=4)
    store.save(replace(held, token=replace(held.token, expires_at=soon)), replaces=held.token)
    with ScriptedServer(reply(b"{}")) as server:
        token = Custody(server.settings(), store, REALM).current()
        [(method, _, headers, body)] = server.seen
    assert token.access == ACCESS.format(1)
    kept = store.load(REALM)
    assert kept.token == token
    assert kept.previous is not None
    assert kept.previous.refresh == REFRESH.format(0)
    assert method == "POST"
    assert headers["Authorization"].startswith("Basic ")
    assert b"grant_type=refresh_token" in body
    assert token.hard_expires_at is not None
    assert token.hard_expires_at - token.issued_at == timedelta(seconds=157680000)


def test_lifetimes_that_intuit_leaves_out_are_unknown(store: FileTokenStore) -> None:
    expire(store)
    short = reply(b'{"access_token":"a","refresh_token":"r","expires_in":3600}')
    with ScriptedServer(reply(b"{}"), token_reply=short) as server:
        token = Custody(server.settings(), store, REALM).current()
    assert (token.refresh_expires_at, token.hard_expires_at) == (None, None)


def test_a_token_that_another_process_refreshed_is_taken_over(store: FileTokenStore) -> None:
    with ScriptedServer(reply(b"{}")) as server:
        custody = Custody(server.settings(), store, REALM)
        refused = custody.current()
        newer = a_connection(a_token(number=5))
        store.save(newer, replaces=refused)
        assert custody.renew(refused) == newer.token
        assert server.tokens == 0
        assert custody.renew(newer.token).access == ACCESS.format(1)


def test_the_previous_token_is_kept_until_the_new_one_has_worked(store: FileTokenStore) -> None:
    expire(store)
    with ScriptedServer(reply(b"{}")) as server:
        custody = Custody(server.settings(), store, REALM)
        token = custody.current()
        custody.worked(a_token())
        assert store.load(REALM).previous is not None
        custody.worked(token)
    assert store.load(REALM).previous is None
    assert store.load(REALM).token == token


def test_invalid_grant_is_final_and_names_company_and_command(store: FileTokenStore) -> None:
    expire(store)
    lost = reply(b'{"error":"invalid_grant","error_description":"Token invalid"}', 400)
    with ScriptedServer(reply(b"{}"), token_reply=lost) as server:
        with pytest.raises(ReconnectNeeded) as caught:
            Custody(server.settings(), store, REALM).current()
        assert server.tokens == 1
    assert str(caught.value) == (
        f"company {REALM}: the refresh token is no longer valid (code invalid_grant, HTTP 400, "
        f"intuit_tid 1-tid-7). Connect again with: qb-assets connect --company {REALM}"
    )
    assert store.load(REALM).token.refresh == REFRESH.format(0)


def test_wrong_credentials_and_an_unreachable_host_say_what_to_do(store: FileTokenStore) -> None:
    expire(store)
    wrong = reply(b'{"error":"invalid_client"}', 401)
    with ScriptedServer(reply(b"{}"), token_reply=wrong) as server:
        settings = server.settings()
        with pytest.raises(WrongCredentials, match="QB_CLIENT_ID and QB_CLIENT_SECRET"):
            Custody(settings, store, REALM).current()
    started = time.monotonic()
    with pytest.raises(ConnectionFailed, match="QB_TOKEN_URL") as caught:
        Custody(settings, store, REALM).current()
    assert time.monotonic() - started < 10
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "answer", [reply(b"<html>oops</html>"), reply(b'{"access_token":"x"}'), reply(b"[]")]
)
def test_an_answer_that_is_no_token_is_not_kept(store: FileTokenStore, answer: Reply) -> None:
    expire(store)
    before = store.load(REALM)
    with ScriptedServer(reply(b"{}"), token_reply=answer) as server, pytest.raises(BadAnswer):
        Custody(server.settings(), store, REALM).current()
    assert store.load(REALM) == before


def test_a_store_that_cannot_be_written_fails_before_intuit_rotates(
    store: FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(store)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with ScriptedServer(reply(b"{}")) as server:
        monkeypatch.setattr("qb_assets.quickbooks.stores._write", full)
        with pytest.raises(TokenStoreError, match="No space left"):
            Custody(server.settings(), store, REALM).current()
        assert server.tokens == 0


def test_a_sandbox_token_is_not_used_for_production(store: FileTokenStore) -> None:
    with ScriptedServer(reply(b"{}")) as server:
        settings = server.settings(environment="production")
        with pytest.raises(WrongEnvironment, match="QB_ENVIRONMENT is production"):
            Custody(settings, store, REALM).current()
        assert server.seen == []


def test_the_token_before_a_lost_one_is_the_last_resort(own_box: StartBox, tmp_path: Path) -> None:
    box = own_box(SandboxSettings(rotate_every=3600))
    store = connected(box, tmp_path)
    realm = box.realm_id
    good = store.load(realm).token
    lost = replace(good, refresh="never-came-to-be", expires_at=PAST)
    store.save(replace(store.load(realm), token=lost, previous=good), replaces=good)
    token = Custody(client_settings(box), store, realm).current()
    assert token.refresh == good.refresh
    assert store.load(realm).token == token


def need_token(folder: Path, realm: str, settings: Settings) -> str:
    return Custody(settings, FileTokenStore(folder), realm).current().access


def test_processes_that_need_a_token_at_once_refresh_it_once(
    own_box: StartBox, tmp_path: Path
) -> None:
    box = own_box(SandboxSettings(rotate_every=0, revoke_on_reuse=True))
    store = connected(box, tmp_path)
    box.admin("stats/reset", {})
    rounds = 6
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        for _ in range(rounds):
            expire(store, box.realm_id)
            arguments = [(tmp_path, box.realm_id, client_settings(box))] * 8
            assert len(set(pool.starmap(need_token, arguments, chunksize=1))) == 1
    assert box.admin("stats")["calls"]["token"] == rounds


def refresh_for_ever(folder: Path, realm: str, settings: Settings) -> None:
    store = FileTokenStore(folder)
    while True:
        expire(store, realm)
        Custody(settings, store, realm).current()


def test_a_process_killed_at_its_refresh_leaves_a_store_that_can_be_read(
    own_box: StartBox, tmp_path: Path
) -> None:
    box = own_box(SandboxSettings(rotate_every=3600))
    store = connected(box, tmp_path)
    spawn = multiprocessing.get_context("spawn")
    for moment in range(4):
        arguments = (tmp_path, box.realm_id, client_settings(box))
        worker = spawn.Process(target=refresh_for_ever, args=arguments, daemon=True)
        worker.start()
        time.sleep(0.5 + 0.013 * moment)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        expire(store, box.realm_id)
        assert Custody(client_settings(box), store, box.realm_id).current().is_fresh()


def test_a_refused_token_is_refreshed_and_the_call_sent_again(
    own_box: StartBox, tmp_path: Path
) -> None:
    box: SandboxProcess = own_box(SandboxSettings(rotate_every=0))
    store = connected(box, tmp_path)
    client = QuickBooksClient(client_settings(box), store, box.realm_id)
    before = store.load(box.realm_id).token
    box.admin("expire", {})
    assert json.loads(client.company_info().body)["Id"] == "1"
    after = store.load(box.realm_id)
    assert after.token.refresh != before.refresh
    assert after.previous is None
