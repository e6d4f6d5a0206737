import json
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
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
from qb_assets.quickbooks.stores import EnvironmentTokenStore, FileTokenStore
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
from qb_assets_tests.quickbooks.servers import (
    ACCESS,
    REFRESH,
    Reply,
    ScriptedServer,
    a_grant,
    reply,
)

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


def test_a_store_in_trouble_does_not_spoil_a_call_that_went_well(
    store: FileTokenStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expire(store)
    with ScriptedServer(reply(b"{}")) as server:
        custody = Custody(server.settings(), store, REALM)
        token = custody.current()
    (tmp_path / "tokens" / f".{REALM}.token.new").mkdir()
    custody.worked(token)
    assert f"company={REALM} previous=kept" in caplog.text
    assert store.load(REALM).previous is not None


def test_invalid_grant_is_final_and_names_company_and_command(store: FileTokenStore) -> None:
    expire(store)
    lost = reply(b'{"error":"invalid_grant","error_description":"Token invalid"}', 400)
    with ScriptedServer(reply(b"{}"), token_reply=lost) as server:
        with pytest.raises(ReconnectNeeded) as caught:
            Custody(server.settings(), store, REALM).current()
        assert server.tokens == 1
    assert str(caught.value) == (
        f"company {REALM}: the refresh token is no longer valid: most likely a person disconnected "
        "the app in QuickBooks, or the token was refreshed elsewhere and not kept here (code "
        "invalid_grant, HTTP 400, intuit_tid 1-tid-7). Connect again with: "
        f"qb-assets connect --company {REALM}"
    )
    assert store.load(REALM).token.refresh == REFRESH.format(0)


def test_invalid_grant_tells_the_dates_and_the_address_to_reconnect(store: FileTokenStore) -> None:
    held = store.load(REALM)
    ended = replace(held.token, expires_at=PAST, refresh_expires_at=PAST)
    store.save(replace(held, token=ended), replaces=held.token)
    lost = reply(b'{"error":"invalid_grant"}', 400)
    with ScriptedServer(reply(b"{}"), token_reply=lost) as server:
        settings = server.settings(app_id="djQuMTo")
        with pytest.raises(ReconnectNeeded, match="ended on 2020-01-01") as caught:
            Custody(settings, store, REALM).current()
    assert caught.value.company == REALM
    assert (
        "https://appcenter.intuit.com/app/connect/oauth2/request"
        f"?appId=djQuMTo&realmId={REALM}&mode=reconnect" in str(caught.value)
    )
    assert f"qb-assets connect --company {REALM}" in str(caught.value)


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
    store: FileTokenStore, tmp_path: Path
) -> None:
    expire(store)
    (tmp_path / "tokens" / f".{REALM}.token.new").mkdir()
    with ScriptedServer(reply(b"{}")) as server:
        with pytest.raises(TokenStoreError, match="Is a directory"):
            Custody(server.settings(), store, REALM).current()
        assert server.tokens == 0


def test_a_store_that_fails_after_intuit_rotated_is_tried_again(
    store: FileTokenStore, tmp_path: Path
) -> None:
    expire(store)
    in_the_way = tmp_path / "tokens" / f".{REALM}.token.new"
    freed = threading.Timer(0.7, in_the_way.rmdir)

    def broken_from_now_on(handler: BaseHTTPRequestHandler) -> None:
        in_the_way.mkdir()
        freed.start()
        a_grant()(handler)

    with ScriptedServer(reply(b"{}"), token_reply=broken_from_now_on) as server:
        token = Custody(server.settings(), store, REALM).current()
        assert server.tokens == 1
    assert not freed.is_alive()
    assert store.load(REALM).token == token
    assert token.access == ACCESS.format(1)


def test_a_store_of_this_process_alone_is_refreshed_in_it() -> None:
    environ = {"QB_COMPANY": REALM, "QB_REFRESH_TOKEN": REFRESH.format(0)}
    store = EnvironmentTokenStore(environ)
    with ScriptedServer(reply(b"{}")) as server:
        token = Custody(server.settings(), store, REALM).current()
        assert Custody(server.settings(), store, REALM).current() == token
        assert server.tokens == 1


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
