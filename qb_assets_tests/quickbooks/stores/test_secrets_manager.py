import time
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qb_assets.quickbooks.faults import TokenStoreError
from qb_assets.quickbooks.stores.lease import Lease
from qb_assets.quickbooks.stores.secrets_manager import SecretsManagerTokenStore
from qb_assets.quickbooks.stores.versions import Versions
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token


@pytest.fixture
def client(secrets_manager: str) -> Any:
    boto3: Any = import_module("boto3")
    return boto3.client("secretsmanager", endpoint_url=secrets_manager)


@pytest.fixture
def lock(client: Any, tmp_path: Path) -> Versions:
    return Versions(client, f"locks/{tmp_path.parent.name}/{tmp_path.name}")


def test_a_lease_that_ended_is_taken_over_and_its_holder_frees_nothing(lock: Versions) -> None:
    lease = Lease(lock, seconds=1)
    first = lease.take(1)
    assert first is not None
    assert lease.take(0) is None
    second = lease.take(5)
    assert second is not None
    lease.release(first)
    assert lease.take(0) is None
    lease.release(second)
    assert lease.take(0) is not None


def test_the_end_of_a_lease_does_not_depend_on_this_machines_clock(
    lock: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = Lease(lock, seconds=60)
    holder = lease.take(1)
    for hours in (-5, 5):
        monkeypatch.setattr(time, "time", lambda shift=hours * 3600: 1.8e9 + shift)
        assert lease.take(0) is None
    assert holder is not None
    lease.release(holder)
    assert lease.take(0) is not None


def test_labels_and_versions_do_not_pile_up(client: Any, secrets_manager: str) -> None:
    store = SecretsManagerTokenStore("tests/labels", endpoint=secrets_manager)
    connections = [a_connection(a_token(number=number)) for number in range(5)]
    store.save(connections[0], replaces=None)
    for older, newer in pairwise(connections):
        with store.lock(REALM):
            store.save(newer, replaces=older.token)
    for name in (REALM, f"{REALM}.lock"):
        described = client.describe_secret(SecretId=f"tests/labels/{name}")
        labels = [stage for each in described["VersionIdsToStages"].values() for stage in each]
        # AWS allows 20 labels in all, and keeps only versions with a label for ever.
        assert set(labels) <= {"AWSCURRENT", "AWSPREVIOUS", "QB_PENDING", "QB_FREE"}
        assert len(labels) == len(set(labels))


def test_what_is_refused_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    store = SecretsManagerTokenStore("tests/refused", profile="nobody-has-this")
    with pytest.raises(TokenStoreError, match=r"ProfileNotFound.*credentials and region") as caught:
        store.load(REALM)
    assert caught.value.__suppress_context__
