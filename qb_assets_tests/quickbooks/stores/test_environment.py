import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from qb_assets.quickbooks.faults import NotConnected, TokenConflict, TokenStoreError
from qb_assets.quickbooks.stores import EnvironmentTokenStore
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token


def environment(**changes: str) -> Mapping[str, str]:
    return {"QB_COMPANY": REALM, "QB_REFRESH_TOKEN": "SECRETgiven", **changes}


def test_the_environment_is_a_store_of_one_company() -> None:
    store = EnvironmentTokenStore(environment(QB_ENVIRONMENT="production"))
    held = store.load(REALM)
    assert held.token.refresh == "SECRETgiven"
    assert held.environment == "production"
    assert not held.token.is_fresh()
    assert [each.realm for each in store.companies()] == [REALM]
    assert "SECRET" not in f"{store!r} {held!r}"
    with pytest.raises(NotConnected, match="QB_REFRESH_TOKEN"):
        store.load("5")
    with pytest.raises(TokenStoreError):
        store.delete(REALM)


def test_the_token_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "refresh"
    file.write_text("SECRETfiled\n")
    values = {"QB_COMPANY": REALM, "QB_REFRESH_TOKEN_FILE": str(file)}
    assert EnvironmentTokenStore(values).load(REALM).token.refresh == "SECRETfiled"


def test_a_renewed_token_of_the_environment_lasts_as_long_as_the_process() -> None:
    values = dict(environment())
    store = EnvironmentTokenStore(values)
    newer = a_connection(a_token(number=1))
    with store.lock(REALM):
        store.save(newer, replaces=store.load(REALM).token)
    assert store.load(REALM) == newer
    with pytest.raises(TokenConflict):
        store.save(newer, replaces=None)
    values["QB_REFRESH_TOKEN"] = "SECRETother"
    assert store.load(REALM).token.refresh == "SECRETother"
    assert os.environ.get("QB_REFRESH_TOKEN") != "SECRETother"
