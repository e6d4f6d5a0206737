import logging
import traceback

import psycopg
import pytest

from qb_assets.quickbooks.faults import TokenStoreError
from qb_assets.quickbooks.stores.postgres import PostgresTokenStore
from qb_assets_tests.postgres import PostgresServer
from qb_assets_tests.quickbooks.conftest import REALM, a_connection
from qb_assets_tests.quickbooks.stores.conftest import KEY


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://qb:SECRETword@{server}/postgres",
        "postgresql://qb:SECRETword@{server}/postgres?sslmode=require",
        "postgresql://qb:SECRETword@127.0.0.1:1/postgres",
    ],
)
def test_the_password_is_in_no_error_and_no_log(
    postgres: PostgresServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = postgres.url().rpartition("@")[2].partition("/")[0]
    store = PostgresTokenStore(url.format(server=server), key=KEY)
    with pytest.raises(TokenStoreError, match="cannot be used") as caught:
        store.load(REALM)
    told = "".join(traceback.format_exception(caught.value)) + repr(store) + caplog.text
    assert "SECRET" not in told
    assert "127.0.0.1" in told


def test_a_user_without_rights_is_told_what_is_missing(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'SECRETpw'")
    try:
        url = "postgresql://stranger:SECRETpw@" + postgres_url.partition("@")[2]
        with pytest.raises(TokenStoreError, match=r"permission denied.*qb_assets_token") as caught:
            PostgresTokenStore(url, key=KEY).save(a_connection(), replaces=None)
        assert "SECRET" not in str(caught.value)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP ROLE stranger")
    assert postgres.url() != postgres_url


def test_a_lock_survives_nothing_that_ends_its_session(postgres_url: str) -> None:
    store = PostgresTokenStore(postgres_url, key=KEY)
    with store.lock(REALM):
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        with PostgresTokenStore(postgres_url, key=KEY).lock(REALM):
            pass
    with store.lock(REALM):
        store.save(a_connection(), replaces=None)
    assert store.load(REALM).realm == REALM
