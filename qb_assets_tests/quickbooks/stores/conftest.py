"""One store of each kind, empty, for tests that all of them must pass."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.quickbooks.tokens import TokenStore
from qb_assets_tests.quickbooks.conftest import REALM
from qb_assets_tests.secrets_manager import secrets_manager

__all__ = ["secrets_manager"]

KEY = Fernet.generate_key().decode()


class Open(Protocol):
    """Opens the test's store."""

    def __call__(self, key: str = KEY) -> TokenStore: ...


@pytest.fixture(params=["file", "postgres", "secrets_manager"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of the kind; locks of Secrets Manager last two seconds."""
    if kind == "postgres":
        return request.getfixturevalue("postgres_url")
    if kind == "secrets_manager":
        endpoint = request.getfixturevalue("secrets_manager")
        return f"aws-sm://tests/{tmp_path.parent.name}/{tmp_path.name}?endpoint={endpoint}&lease=2"
    return (tmp_path / "tokens").as_uri()


@pytest.fixture
def opened(url: str) -> Open:
    def begin(key: str = KEY) -> TokenStore:
        return token_store_from_url(url, {"QB_TOKEN_KEY": key})

    return begin


@pytest.fixture
def empty(opened: Open) -> TokenStore:
    return opened()


@pytest.fixture
def kept_bytes(kind: str, url: str, tmp_path: Path) -> Callable[[], bytes]:
    """Reads what the store has written of the company, as it is there."""

    def read() -> bytes:
        if kind == "file":
            return b"".join(path.read_bytes() for path in (tmp_path / "tokens").iterdir())
        if kind == "postgres":
            with psycopg.connect(url) as connection:
                query = "SELECT sealed, fingerprint FROM qb_assets_token"
                [(sealed, fingerprint)] = connection.execute(query).fetchall()
            return sealed + fingerprint.encode()
        place, _, endpoint = url.removeprefix("aws-sm://").partition("?endpoint=")
        boto3: Any = import_module("boto3")
        client = boto3.client("secretsmanager", endpoint_url=endpoint.partition("&")[0])
        secret = client.get_secret_value(SecretId=f"{place}/{REALM}", VersionStage="AWSCURRENT")
        return secret["SecretString"].encode()

    return read
