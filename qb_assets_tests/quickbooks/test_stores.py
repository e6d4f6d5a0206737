import multiprocessing
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.faults import (
    ConfigurationError,
    NotConnected,
    TokenConflict,
    TokenStoreError,
    UnreadableToken,
)
from qb_assets.quickbooks.stores import (
    EnvironmentTokenStore,
    FileTokenStore,
    token_store_from_url,
)
from qb_assets.quickbooks.tokens import Connection
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_what_is_saved_is_loaded(store: FileTokenStore, tmp_path: Path) -> None:
    held = store.load(REALM)
    again = FileTokenStore(tmp_path / "tokens").load(REALM)
    assert again == held
    assert (again.name, again.environment, again.realm) == ("Ann's Bakery", "sandbox", REALM)
    assert store.companies() == [held]


def test_files_are_the_owners_and_hold_no_token(store: FileTokenStore, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(mode == 0o600 for mode in modes(folder).values())
    assert f"{REALM}.token" in modes(folder)
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    for secret in ("SECRET", "Bakery", REALM):
        assert secret.encode() not in everything
    shown = f"{store!r} {store.load(REALM)!r} {store.load(REALM).token}"
    assert "SECRET" not in shown


def test_a_newer_token_is_never_overwritten(store: FileTokenStore) -> None:
    old, newer = store.load(REALM), a_connection(a_token(number=1))
    store.save(newer, replaces=old.token)
    with pytest.raises(TokenConflict):
        store.save(a_connection(a_token(number=2)), replaces=old.token)
    with pytest.raises(TokenConflict):
        store.save(a_connection(a_token(number=2)), replaces=None)
    assert store.load(REALM) == newer
    unknown = a_connection(a_token("77"))
    with pytest.raises(TokenConflict):
        store.save(unknown, replaces=unknown.token)


def test_a_company_that_is_not_there(store: FileTokenStore) -> None:
    with pytest.raises(NotConnected, match="qb-assets connect --company 12345"):
        store.load("12345")
    store.delete(REALM)
    store.delete(REALM)
    with pytest.raises(NotConnected):
        store.load(REALM)
    assert store.companies() == []


@pytest.mark.parametrize("realm", ["../escape", "", "a/b", "x" * 65])
def test_a_realm_is_no_path(store: FileTokenStore, realm: str) -> None:
    for call in (store.load, store.delete):
        with pytest.raises(ConfigurationError):
            call(realm)
    with pytest.raises(ConfigurationError), store.lock(realm):
        pass


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    FileTokenStore(tmp_path, key=key).save(a_connection(), replaces=None)
    assert not (tmp_path / ".key").exists()
    assert FileTokenStore(tmp_path, key=key).load(REALM).name == "Ann's Bakery"
    other = FileTokenStore(tmp_path, key=Fernet.generate_key().decode())
    with pytest.raises(UnreadableToken, match="QB_TOKEN_KEY"):
        other.load(REALM)
    with pytest.raises(ConfigurationError, match="32 bytes"):
        FileTokenStore(tmp_path, key="short").load(REALM)


def test_a_damaged_file_is_named(store: FileTokenStore, tmp_path: Path) -> None:
    path = tmp_path / "tokens" / f"{REALM}.token"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UnreadableToken, match=f"company {REALM}"):
        store.load(REALM)


def test_a_left_over_of_a_killed_process_is_in_nobodys_way(
    store: FileTokenStore, tmp_path: Path
) -> None:
    (tmp_path / "tokens" / f".{REALM}.token.new").write_bytes(b"half")
    newer = a_connection(a_token(number=1))
    store.save(newer, replaces=store.load(REALM).token)
    assert store.companies() == [newer]


def test_a_folder_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TokenStoreError, match="cannot be used") as caught:
        FileTokenStore(tmp_path / "file" / "tokens").save(a_connection(), replaces=None)
    assert "QB_TOKEN_STORE" in str(caught.value)


def rename(folder: Path, times: int) -> None:
    store = FileTokenStore(folder)
    for _ in range(times):
        with store.lock(REALM):
            held = store.load(REALM)
            named = replace(held, name=str(int(held.name or "0") + 1))
            store.save(named, replaces=held.token)


def test_processes_exclude_each_other(tmp_path: Path) -> None:
    FileTokenStore(tmp_path).save(replace(a_connection(), name="0"), replaces=None)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=rename, args=(tmp_path, 25)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert FileTokenStore(tmp_path).load(REALM).name == "75"


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_folder_by_its_url(form: str, tmp_path: Path, store: FileTokenStore) -> None:
    found = token_store_from_url(form.format(tmp_path / "tokens"), {})
    assert found.load(REALM) == store.load(REALM)


def test_the_key_of_the_environment_is_used(tmp_path: Path) -> None:
    environ = {"QB_TOKEN_KEY": Fernet.generate_key().decode()}
    token_store_from_url(str(tmp_path), environ).save(a_connection(), replaces=None)
    with pytest.raises(UnreadableToken):
        token_store_from_url(str(tmp_path), {}).load(REALM)


def test_an_unknown_kind_of_store_is_named() -> None:
    with pytest.raises(ConfigurationError, match="vault:"):
        token_store_from_url("vault://somewhere", {})


def environment(**changes: str) -> Mapping[str, str]:
    return {"QB_COMPANY": REALM, "QB_REFRESH_TOKEN": "SECRETgiven", **changes}


def test_the_environment_is_a_store_of_one_company() -> None:
    store = EnvironmentTokenStore(environment(QB_ENVIRONMENT="production"))
    held = store.load(REALM)
    assert held.token.refresh == "SECRETgiven"
    assert held.environment == "production"
    assert not held.token.is_fresh()
    assert [each.realm for each in store.companies()] == [REALM]
    with pytest.raises(NotConnected, match="QB_REFRESH_TOKEN"):
        store.load("5")
    with pytest.raises(TokenStoreError):
        store.delete(REALM)


def test_a_renewed_token_of_the_environment_lasts_as_long_as_the_process() -> None:
    values = dict(environment())
    store = EnvironmentTokenStore(values)
    newer: Connection = a_connection(a_token(number=1))
    with store.lock(REALM):
        store.save(newer, replaces=store.load(REALM).token)
    assert store.load(REALM) == newer
    with pytest.raises(TokenConflict):
        store.save(newer, replaces=None)
    values["QB_REFRESH_TOKEN"] = "SECRETother"
    assert store.load(REALM).token.refresh == "SECRETother"
    assert os.environ.get("QB_REFRESH_TOKEN") != "SECRETother"
