import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.faults import TokenStoreError, UnreadableToken
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_files_are_the_owners_alone(store: FileTokenStore, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    with store.lock(REALM, purpose="asking"):
        pass
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(mode == 0o600 for mode in modes(folder).values())
    assert {f"{REALM}.token", ".key"} <= set(modes(folder))


def test_the_key_file_is_made_only_where_no_key_is_given(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    FileTokenStore(tmp_path, key=key).save(a_connection(), replaces=None)
    assert not (tmp_path / ".key").exists()
    with pytest.raises(UnreadableToken, match="QB_TOKEN_KEY"):
        FileTokenStore(tmp_path).load(REALM)
    assert (tmp_path / ".key").exists()


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
