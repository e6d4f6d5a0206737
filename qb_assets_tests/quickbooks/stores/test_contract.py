"""What every store must do, on the real thing: files, a PostgreSQL server, Secrets Manager."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.faults import (
    ConfigurationError,
    NotConnected,
    TokenConflict,
    UnreadableToken,
)
from qb_assets.quickbooks.tokens import Reopenable, TokenStore
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token
from qb_assets_tests.quickbooks.stores.conftest import Open
from qb_assets_tests.quickbooks.stores.workers import (
    count_up,
    hold,
    opened_elsewhere,
    processes,
    recipe_of,
)

COUNTS = {"file": 25, "postgres": 12, "secrets_manager": 4}


def test_what_is_saved_is_loaded(opened: Open) -> None:
    saved = a_connection()
    opened().save(saved, replaces=None)
    again = opened()
    assert again.load(REALM) == saved
    assert again.companies() == [saved]
    assert opened_elsewhere(*recipe_of(again)).load(REALM) == saved


def test_a_company_that_is_not_there(empty: TokenStore) -> None:
    assert empty.companies() == []
    with pytest.raises(NotConnected, match=f"qb-assets connect --company {REALM}"):
        empty.load(REALM)
    for _ in range(2):
        empty.delete(REALM)
    empty.save(a_connection(), replaces=None)
    empty.save(a_connection(a_token("77")), replaces=None)
    empty.delete(REALM)
    with pytest.raises(NotConnected):
        empty.load(REALM)
    assert [each.realm for each in empty.companies()] == ["77"]
    empty.save(a_connection(), replaces=None)
    assert empty.load(REALM).realm == REALM


def test_an_older_token_never_overwrites_a_newer(empty: TokenStore) -> None:
    old, newer, other = (a_connection(a_token(number=number)) for number in range(3))
    empty.save(old, replaces=None)
    empty.save(newer, replaces=old.token)
    for replaces in (old.token, None, other.token):
        with pytest.raises(TokenConflict, match=f"company {REALM}"):
            empty.save(other, replaces=replaces)
    assert empty.load(REALM) == newer
    unknown = a_connection(a_token("77"))
    with pytest.raises(TokenConflict):
        empty.save(unknown, replaces=unknown.token)


def test_of_those_who_replace_one_token_at_once_one_comes_through(opened: Open) -> None:
    first = a_connection()
    opened().save(first, replaces=None)
    others = [a_connection(a_token(number=number)) for number in range(1, 7)]

    def saved(number: int) -> bool:
        try:
            opened().save(others[number], replaces=first.token)
        except TokenConflict:
            return False
        return True

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = list(pool.map(saved, range(len(others))))
    assert sum(outcomes) == 1
    assert opened().load(REALM) == others[outcomes.index(True)]


def test_another_key_does_not_open_it(opened: Open) -> None:
    opened().save(a_connection(), replaces=None)
    other = opened(key=Fernet.generate_key().decode())
    with pytest.raises(UnreadableToken, match=f"company {REALM}.*QB_TOKEN_KEY"):
        other.load(REALM)
    with pytest.raises(UnreadableToken):
        other.companies()
    with pytest.raises(ConfigurationError, match="32 bytes"):
        opened(key="short").save(a_connection(), replaces=None)


def test_nothing_readable_is_kept_or_shown(
    empty: TokenStore, kept_bytes: Callable[[], bytes]
) -> None:
    empty.save(a_connection(), replaces=None)
    assert isinstance(empty, Reopenable)
    kept = kept_bytes()
    assert len(kept) > 500
    for secret in ("SECRET", "Bakery", REALM):
        assert secret.encode() not in kept
    recipe = empty.recipe()
    shown = f"{empty!r} {recipe} {empty.load(REALM)!r}"
    assert "SECRET" not in shown
    assert recipe.url not in shown
    assert recipe.key is not None
    assert recipe.key not in shown


@pytest.mark.parametrize("realm", ["../escape", "", "a/b", "x" * 65])
def test_a_realm_is_no_path(empty: TokenStore, realm: str) -> None:
    for call in (empty.load, empty.delete):
        with pytest.raises(ConfigurationError):
            call(realm)
    with pytest.raises(ConfigurationError), empty.lock(realm):
        pass


def test_a_lock_excludes_threads_but_not_its_own(empty: TokenStore) -> None:
    order: list[str] = []

    def second() -> None:
        with empty.lock(REALM):
            order.append("second")

    def other_purpose() -> None:
        with empty.lock(REALM, purpose="asking"):
            order.append("asking")

    with empty.lock(REALM), empty.lock(REALM):
        waiting = threading.Thread(target=second)
        waiting.start()
        free = threading.Thread(target=other_purpose)
        free.start()
        free.join(10)
        with empty.lock(REALM):
            order.append("first")
    waiting.join(10)
    assert order == ["asking", "first", "second"]


def test_a_lock_excludes_other_processes(kind: str, empty: TokenStore) -> None:
    empty.save(replace(a_connection(), name="0"), replaces=None)
    times = COUNTS[kind]
    workers = [
        processes().Process(target=count_up, args=(*recipe_of(empty), times)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert empty.load(REALM).name == str(3 * times)


def test_the_lock_of_a_killed_process_is_free_again(empty: TokenStore) -> None:
    held = processes().Event()
    holder = processes().Process(target=hold, args=(*recipe_of(empty), held), daemon=True)
    holder.start()
    assert held.wait(30)
    taken = threading.Event()

    def take() -> None:
        with empty.lock(REALM):
            taken.set()

    waiting = threading.Thread(target=take)
    waiting.start()
    assert not taken.wait(0.3)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    killed = time.monotonic()
    assert taken.wait(10)
    assert time.monotonic() - killed < 6
    waiting.join()
    holder.join()
