import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.faults import ConfigurationError, UnreadableToken
from qb_assets.quickbooks.stores import FileTokenStore, token_store_from_url
from qb_assets_tests.quickbooks.conftest import REALM, a_connection


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_folder_by_its_url(form: str, tmp_path: Path, store: FileTokenStore) -> None:
    found = token_store_from_url(form.format(tmp_path / "tokens"), {})
    assert found.load(REALM) == store.load(REALM)


def test_a_path_may_have_a_colon(tmp_path: Path) -> None:
    store = token_store_from_url(str(tmp_path / "a:b"), {})
    store.save(a_connection(), replaces=None)
    assert FileTokenStore(tmp_path / "a:b").load(REALM).realm == REALM


@pytest.mark.parametrize("in_a_file", [False, True])
def test_the_key_of_the_environment_is_used(tmp_path: Path, in_a_file: bool) -> None:
    key = Fernet.generate_key().decode()
    (tmp_path / "key").write_text(f"{key}\n")
    environ = {"QB_TOKEN_KEY": key}
    if in_a_file:
        environ = {"QB_TOKEN_KEY_FILE": str(tmp_path / "key")}
    folder = tmp_path / "tokens"
    token_store_from_url(str(folder), environ).save(a_connection(), replaces=None)
    assert FileTokenStore(folder, key=key).load(REALM).realm == REALM
    with pytest.raises(UnreadableToken):
        token_store_from_url(str(folder), {}).load(REALM)


@pytest.mark.parametrize(
    "url",
    [
        "vault://somewhere",
        "aws-sm://?lease=5",
        "aws-sm://place?zone=x",
        "aws-sm://place?lease=long",
        "postgresql://[half",
    ],
)
def test_what_names_no_store_is_named_without_its_text(url: str) -> None:
    environ = {"QB_TOKEN_KEY": Fernet.generate_key().decode()}
    with pytest.raises(ConfigurationError, match="QB_TOKEN_STORE") as caught:
        token_store_from_url(url, environ)
    assert url not in str(caught.value)


def test_postgres_needs_a_key_and_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://qb:SECRETpw@127.0.0.1/x"
    with pytest.raises(ConfigurationError, match="QB_TOKEN_KEY is not set") as caught:
        token_store_from_url(url, {})
    assert "SECRET" not in str(caught.value)
    monkeypatch.delitem(sys.modules, "qb_assets.quickbooks.stores.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"qb_assets\[postgres\]"):
        token_store_from_url(url, {"QB_TOKEN_KEY": Fernet.generate_key().decode()})
