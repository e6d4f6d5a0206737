import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from qb_assets.quickbooks.connect import (
    connect_in_browser,
    connect_with_refresh_token,
    disconnect,
)
from qb_assets.quickbooks.faults import (
    ConfigurationError,
    ConnectRefused,
    NotConnected,
    ReconnectNeeded,
    UnknownCompany,
    WrongCredentials,
)
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.sandbox.process import SandboxProcess
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.quickbooks.conftest import StartBox, client_settings, connected


class Browser:
    """A person's browser: opens Intuit's page and follows where it leads."""

    def __init__(self, change: Callable[[str], str] = lambda address: f"{address}&auto=1") -> None:
        self._change = change
        self._thread: threading.Thread | None = None
        self.pages: list[tuple[int, str]] = []

    def open(self, address: str) -> None:
        def visit() -> None:
            answer = requests.get(self._change(address), timeout=20)
            self.pages.append((answer.status_code, answer.text))

        self._thread = threading.Thread(target=visit)
        self._thread.start()

    def wait(self) -> tuple[int, str]:
        assert self._thread is not None
        self._thread.join(20)
        return self.pages[-1]


def silent(_: str) -> None:
    """Announces nothing."""


@pytest.fixture
def settings(box: SandboxProcess) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return replace(client_settings(box), redirect_uri=f"http://localhost:{port}/callback")


def test_a_click_on_connect_connects_the_company(
    box: SandboxProcess, settings: Settings, tmp_path: Path
) -> None:
    store, browser = FileTokenStore(tmp_path), Browser()
    said: list[str] = []
    connection = connect_in_browser(
        settings, store, open_page=browser.open, announce=said.append, timeout=20
    )
    status, page = browser.wait()
    assert (connection.realm, connection.environment) == (box.realm_id, "sandbox")
    assert connection.name
    assert store.load(box.realm_id) == connection
    assert status == 200
    assert "is connected" in page
    assert connection.token.access not in page
    assert "scope=com.intuit.quickbooks.accounting" in said[0]


def test_a_refusal_is_said_plainly(settings: Settings, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    state: list[str] = []

    def refuse(address: str) -> str:
        state.append(address.split("state=")[1].split("&")[0])
        return f"{settings.redirect_uri}?error=access_denied&state={state[0]}"

    browser = Browser(refuse)
    with pytest.raises(ConnectRefused, match="did not allow it"):
        connect_in_browser(settings, store, open_page=browser.open, announce=silent, timeout=20)
    status, page = browser.wait()
    assert status == 400
    assert "Not connected" in page
    assert store.companies() == []


def test_a_redirect_with_another_state_is_ignored(settings: Settings, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    forged = Browser(lambda _: f"{settings.redirect_uri}?code=c&realmId=1&state=forged")
    with pytest.raises(ConnectRefused, match="nobody came back"):
        connect_in_browser(settings, store, open_page=forged.open, announce=silent, timeout=1.5)
    assert forged.wait()[0] == 400
    assert store.companies() == []


def test_another_company_than_the_one_asked_for(settings: Settings, tmp_path: Path) -> None:
    store, browser = FileTokenStore(tmp_path), Browser()
    with pytest.raises(ConnectRefused, match="not 123"):
        connect_in_browser(
            settings, store, company="123", open_page=browser.open, announce=silent, timeout=20
        )
    assert browser.wait()[0] == 400
    assert store.companies() == []


def test_wrong_credentials_show_on_the_page_and_without_the_secret(
    settings: Settings, tmp_path: Path
) -> None:
    wrong = replace(settings, client_secret="SECRETwrong")
    browser = Browser()
    with pytest.raises(WrongCredentials, match="QB_CLIENT_SECRET") as caught:
        connect_in_browser(
            wrong, FileTokenStore(tmp_path), open_page=browser.open, announce=silent, timeout=20
        )
    _, page = browser.wait()
    assert "QB_CLIENT_SECRET" in page
    assert "SECRETwrong" not in page + str(caught.value)


def test_a_port_in_use_is_named(settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = replace(settings, redirect_uri=f"http://localhost:{port}/callback")
        with pytest.raises(ConfigurationError, match="in use"):
            connect_in_browser(busy, FileTokenStore(tmp_path), open_page=silent, announce=silent)
    remote = replace(settings, redirect_uri="https://example.com/callback")
    with pytest.raises(ConfigurationError, match="QB_REDIRECT_URI"):
        connect_in_browser(remote, FileTokenStore(tmp_path), open_page=silent, announce=silent)


def test_a_refresh_token_connects_a_company(own_box: StartBox, tmp_path: Path) -> None:
    box = own_box(SandboxSettings(rotate_every=0))
    settings, store = client_settings(box), FileTokenStore(tmp_path)
    given = box.env["QB_REFRESH_TOKEN"]
    first = connect_with_refresh_token(settings, store, box.realm_id, given)
    assert first.name
    assert store.companies() == [first]
    assert first.token.refresh != given
    with pytest.raises(ReconnectNeeded):
        connect_with_refresh_token(settings, store, box.realm_id, given)
    assert store.companies() == [first]


def test_a_token_of_another_company_is_not_kept(box: SandboxProcess, tmp_path: Path) -> None:
    refresh = connected(box, tmp_path / "other").load(box.realm_id).token.refresh
    store = FileTokenStore(tmp_path / "tokens")
    with pytest.raises(UnknownCompany, match="company 42"):
        connect_with_refresh_token(client_settings(box), store, "42", refresh)
    assert store.companies() == []


def test_connecting_again_mends_a_store_that_cannot_be_read(
    box: SandboxProcess, settings: Settings, tmp_path: Path
) -> None:
    store = FileTokenStore(tmp_path)
    (tmp_path / f"{box.realm_id}.token").write_bytes(b"damaged")
    browser = Browser()
    connection = connect_in_browser(
        settings, store, open_page=browser.open, announce=silent, timeout=20
    )
    browser.wait()
    assert store.load(box.realm_id) == connection


def test_disconnecting_ends_the_token_there_and_here(box: SandboxProcess, tmp_path: Path) -> None:
    store = connected(box, tmp_path)
    refresh = store.load(box.realm_id).token.refresh
    settings = client_settings(box)
    disconnect(settings, store, box.realm_id)
    assert store.companies() == []
    with pytest.raises(ReconnectNeeded):
        connect_with_refresh_token(settings, store, box.realm_id, refresh)
    with pytest.raises(NotConnected):
        disconnect(settings, store, box.realm_id)
