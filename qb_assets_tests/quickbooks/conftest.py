"""Connected companies and sandboxes to test the client on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.throttle import ProcessThrottle
from qb_assets.quickbooks.tokens import Connection, Token
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.quickbooks.servers import ACCESS, REFRESH

StartBox = Callable[..., SandboxProcess]
REALM = "9130355000000001"


def a_token(realm: str = REALM, *, number: int = 0, lives: float = 3600) -> Token:
    now = datetime.now(timezone.utc)
    return Token(
        realm=realm,
        environment="sandbox",
        access=ACCESS.format(number),
        refresh=REFRESH.format(number),
        issued_at=now,
        expires_at=now + timedelta(seconds=lives),
        refresh_expires_at=now + timedelta(days=100),
    )


def a_connection(token: Token | None = None) -> Connection:
    token = token or a_token()
    return Connection(token=token, connected_at=token.issued_at, name="Ann's Bakery")


@pytest.fixture
def store(tmp_path: Path) -> FileTokenStore:
    """A store of one connected company, `REALM`."""
    store = FileTokenStore(tmp_path / "tokens")
    store.save(a_connection(), replaces=None)
    return store


@pytest.fixture(scope="session")
def box() -> Iterator[SandboxProcess]:
    """A sandbox whose books nobody edits, without limits and with rotation at every refresh."""
    quiet = SandboxSettings(rotate_every=0, requests_per_minute=0, concurrent=0)
    with start(seed=3, invoices=2300, settings=quiet) as running:
        yield running


@pytest.fixture
def own_box() -> Iterator[StartBox]:
    """Starts sandboxes of the test's own."""
    running: list[SandboxProcess] = []

    def begin(settings: SandboxSettings, invoices: int = 60) -> SandboxProcess:
        running.append(start(seed=5, invoices=invoices, settings=settings))
        return running[-1]

    yield begin
    for each in running:
        each.stop()


def client_settings(box: SandboxProcess) -> Settings:
    return replace(Settings.from_environment(box.env), first_wait=0.01, throttle_pause=0.3)


def connected(box: SandboxProcess, folder: Path) -> FileTokenStore:
    """A store in which the sandbox's company is connected anew, as by a click on Connect."""
    settings = client_settings(box)
    address = OAuth(settings).authorization_url("s")
    sent_back = requests.get(f"{address}&auto=1", allow_redirects=False, timeout=10)
    given = dict(parse_qsl(urlsplit(sent_back.headers["Location"]).query))
    store = FileTokenStore(folder)
    token = OAuth(settings).exchange(given["code"], given["realmId"])
    store.save(a_connection(token), replaces=None)
    return store


@pytest.fixture
def client(box: SandboxProcess, tmp_path: Path) -> Iterator[QuickBooksClient]:
    """A client of the sandbox that nobody edits."""
    store = connected(box, tmp_path / "tokens")
    client = QuickBooksClient(
        client_settings(box), store, box.realm_id, throttle=ProcessThrottle(500, 10)
    )
    yield client
    client.close()
