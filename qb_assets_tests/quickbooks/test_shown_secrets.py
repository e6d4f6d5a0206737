"""What other programs of the machine can see of ours: words and environment of each process."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets_tests.quickbooks.conftest import REALM, a_connection
from qb_assets_tests.quickbooks.servers import (
    ACCESS,
    CLIENT_SECRET,
    REFRESH,
    ScriptedServer,
    a_grant,
    reply,
)
from qb_assets_tests.quickbooks.test_custody import expire

MARK = "QUICKBOOKS_TEST_MARK"
PROGRAM = f"""
import os
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import token_store_from_url
store = token_store_from_url(os.environ["QB_TOKEN_STORE"])
client = QuickBooksClient(Settings.from_environment(), store, "{REALM}")
print(client.company_info().name)
"""
COMPANY = (
    b'{"QueryResponse":{"CompanyInfo":[{"Id":"1","CompanyName":"Ann","MetaData":'
    b'{"LastUpdatedTime":"2026-11-01T00:00:00Z"}}],"maxResults":1},"time":"2026-11-23T00:00:00Z"}'
)


def shown(mark: str) -> Iterator[tuple[bytes, bytes]]:
    """The words and the environment of all processes that have our mark."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words, environ = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:  # it is another user's, or has ended meanwhile
            continue
        if f"{MARK}={mark}".encode() in environ:
            yield words, environ


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_with_secrets_in_files_no_process_shows_one(tmp_path: Path) -> None:
    key, mark = Fernet.generate_key().decode(), os.urandom(8).hex()
    store = FileTokenStore(tmp_path / "tokens", key=key)
    store.save(a_connection(), replaces=None)
    expire(store)
    for name, value in (("key", key), ("secret", CLIENT_SECRET)):
        (tmp_path / name).write_text(value)
    seen: list[tuple[bytes, bytes]] = []
    guard = threading.Lock()

    def look_and_answer(handler: BaseHTTPRequestHandler) -> None:
        with guard:
            seen.extend(shown(mark))
        (a_grant() if handler.path == "/token" else reply(COMPANY))(handler)

    with ScriptedServer(look_and_answer, token_reply=look_and_answer) as server:
        environ = {
            "PATH": os.environ["PATH"],
            MARK: mark,
            "QB_CLIENT_ID": "the-client-id",
            "QB_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "QB_TOKEN_KEY_FILE": str(tmp_path / "key"),
            "QB_TOKEN_STORE": str(tmp_path / "tokens"),
            "QB_BASE_URL": server.url,
            "QB_TOKEN_URL": f"{server.url}/token",
        }
        words = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        assert (server.tokens, len(server.seen)) == (1, 2)
    assert done.stdout.strip() == "Ann", done.stderr
    assert any(b"qb_assets.quickbooks.refresher" in words for words, _ in seen)
    assert any(b"-c" in words for words, _ in seen)
    tokens = (form.format(number) for form in (ACCESS, REFRESH) for number in (0, 1))
    for secret in (key, CLIENT_SECRET, *tokens):
        assert not [words for words, environ in seen if secret.encode() in words + environ]
        assert secret not in done.stdout + done.stderr
