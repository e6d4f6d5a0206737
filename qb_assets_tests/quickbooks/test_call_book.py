"""The call books: in memory, in an SQLite file, in PostgreSQL."""

import multiprocessing
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.call_book import CallBook, Line, MemoryBook, app_name
from qb_assets.quickbooks.faults import CallBookError, CallBookUnavailable, ConfigurationError
from qb_assets.quickbooks.postgres_book import PostgresBook
from qb_assets.quickbooks.sqlite_book import SqliteBook
from qb_assets.quickbooks.traffic import Traffic

Results = SimpleQueue[tuple[int, list[int]]]
OpenBook = Callable[[], CallBook]
LINE = Line("2026-03", "an-app", "1", "query", "Bill")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> OpenBook:
    """Opens one and the same book, as another process would (memory: as another thread)."""
    if request.param == "memory":
        book = MemoryBook()
        return lambda: book
    if request.param == "sqlite":
        return lambda: SqliteBook(tmp_path / "calls.db")
    url = request.getfixturevalue("postgres_url")
    return lambda: PostgresBook(url)


def answered(traffic: Traffic, now: float) -> tuple[Traffic, int]:
    """Adds a call that ended now."""
    after = replace(traffic, at=now, answered=(*traffic.answered, now))
    return after, len(after.answered)


def look(traffic: Traffic, now: float) -> tuple[Traffic, tuple[Traffic, float]]:
    return traffic, (traffic, now)


def test_all_who_open_a_book_see_one_traffic_a_company(opened: OpenBook) -> None:
    one, other = opened(), opened()
    assert one.change("a", answered) == 1
    assert other.change("a", answered) == 2
    assert other.change("b", answered) == 1
    traffic, now = one.change("a", look)
    assert len(traffic.answered) == 2
    assert 0 <= now - traffic.answered[0] < 5
    assert sorted(traffic.answered) == list(traffic.answered)


def test_calls_are_counted_by_month_app_company_kind_and_entity(opened: OpenBook) -> None:
    book = opened()
    other_app = Line("2026-03", "other", "1", "query", "Bill")
    last_month = Line("2026-02", "an-app", "1", "query", "Bill")
    cdc = Line("2026-03", "an-app", "2", "cdc", "3-entities")
    for line in (LINE, LINE, LINE, cdc, other_app, last_month):
        book.reserve(line, None)
    book.settle(LINE, metered=True)
    book.settle(LINE, metered=False)
    found = {each.line: each for each in opened().counts("an-app", "2026-03")}
    assert set(found) == {LINE, cdc}
    query = found[LINE]
    assert (query.sent, query.metered, query.reserved, query.used) == (3, 1, 1, 2)
    assert found[cdc].used == 1


def test_no_more_is_reserved_than_the_limit(opened: OpenBook) -> None:
    book = opened()
    other = Line("2026-03", "an-app", "2", "read", "Item")
    assert [book.reserve(line, 3) for line in (LINE, other, LINE, LINE, other)] == [1, 2, 3, 4, 4]
    assert sum(each.sent for each in book.counts("an-app", "2026-03")) == 3
    book.settle(LINE, metered=False)
    assert book.reserve(other, 3) == 3
    assert book.reserve(other, None) == 4


def _race(url: str, barrier: Barrier, results: Results) -> None:
    book = call_book(url)
    barrier.wait()
    granted = sum(book.reserve(LINE, 60) <= 60 for _ in range(25))
    changes = [book.change("a", answered) for _ in range(25)]
    results.put((granted, changes))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_processes_that_open_a_book_at_once_lose_and_double_nothing(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sqlite_file = str(tmp_path / "new" / "calls.db")
    url = sqlite_file if kind == "sqlite" else request.getfixturevalue("postgres_url")
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(4), context.SimpleQueue()
    processes = [context.Process(target=_race, args=(url, barrier, results)) for _ in range(4)]
    for process in processes:
        process.start()
    outcomes = [results.get() for _ in processes]
    for process in processes:
        process.join()
    assert sum(granted for granted, _ in outcomes) == 60
    assert sorted(number for _, changes in outcomes for number in changes) == list(range(1, 101))


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "qb"
    book = SqliteBook(folder / "calls.db")
    book.reserve(LINE, None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) > 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "calls.db").write_bytes(b"This is no database. " * 300)
    for path, words in (
        (tmp_path / "file" / "calls.db", "cannot be used: "),
        (tmp_path, "cannot be used: "),
        (tmp_path / "calls.db", "is not a call book"),
    ):
        with pytest.raises(CallBookError, match=words) as caught:
            SqliteBook(path).reserve(LINE, None)
        assert str(path) in str(caught.value)
        assert caught.value.what_to_do
        assert not caught.value.retryable


def test_what_is_kept_but_not_understood_is_an_error(tmp_path: Path) -> None:
    book = SqliteBook(tmp_path / "calls.db")
    book.change("a", answered)
    with closing(sqlite3.connect(tmp_path / "calls.db", isolation_level=None)) as other:
        other.execute("UPDATE traffic SET state = x'93'")
    with pytest.raises(CallBookError, match="is damaged"):
        book.change("a", look)
    (tmp_path / "calls.db").rename(tmp_path / "away")
    assert book.change("a", answered) == 1


def test_a_forked_process_opens_the_book_anew(tmp_path: Path) -> None:
    book = SqliteBook(tmp_path / "calls.db")
    book.reserve(LINE, None)
    child = os.fork()
    if child == 0:
        os._exit(0 if book.reserve(LINE, None) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert book.reserve(LINE, None) == 3


def test_a_failed_change_changes_nothing(opened: OpenBook) -> None:
    def fail(traffic: Traffic, now: float) -> tuple[Traffic, None]:
        raise KeyError(traffic, now)

    book = opened()
    book.change("a", answered)
    with pytest.raises(KeyError):
        book.change("a", fail)
    assert book.change("a", answered) == 2


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    book = PostgresBook("postgresql://qb:SECRETpassword@127.0.0.1:9/none")
    with pytest.raises(CallBookUnavailable, match=r"127\.0\.0\.1") as caught:
        book.reserve(LINE, None)
    assert caught.value.retryable
    assert "SECRET" not in f"{caught.value!s} {caught.value!r} {book!r}"


def test_a_lost_connection_is_made_anew(postgres_url: str) -> None:
    book = PostgresBook(postgres_url)
    book.reserve(LINE, None)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(CallBookUnavailable):
        book.reserve(LINE, None)
    assert book.reserve(LINE, None) == 2


class Clock:
    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


def set_server_clock(url: str, by: float) -> None:
    """As if the server's clock had been set ahead by so many seconds, or back."""
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("UPDATE qb_call_traffic SET ahead = ahead - %s", (by,))


@pytest.mark.parametrize("jump", [7200.0, -7200.0])
def test_a_jump_of_the_servers_clock_moves_no_company_on(postgres_url: str, jump: float) -> None:
    here, there = Clock(), Clock()
    one, other = PostgresBook(postgres_url, clock=here), PostgresBook(postgres_url, clock=there)
    one.change("a", answered)
    _, begun = other.change("a", look)
    set_server_clock(postgres_url, jump)
    here.now, there.now = here.now + 7.0, there.now + 7.5
    assert one.change("a", look)[1] == pytest.approx(begun + 7.0, abs=0.5)
    assert other.change("a", look)[1] == pytest.approx(begun + 7.5, abs=0.5)


def test_a_new_process_goes_by_the_servers_clock_but_never_back(postgres_url: str) -> None:
    PostgresBook(postgres_url).change("a", answered)
    _, now = PostgresBook(postgres_url).change("a", look)
    set_server_clock(postgres_url, 300.0)
    assert PostgresBook(postgres_url).change("a", look)[1] == pytest.approx(now + 300, abs=2)
    set_server_clock(postgres_url, -900.0)
    back = PostgresBook(postgres_url, clock=(clock := Clock()))
    traffic, moment = back.change("a", look)
    assert moment == traffic.at
    clock.now += 60
    assert back.change("a", look)[1] == traffic.at + 60


def test_a_book_is_opened_once_by_its_address(tmp_path: Path) -> None:
    assert call_book(str(tmp_path / "calls.db")) is call_book(str(tmp_path / "calls.db"))
    begun = time.monotonic()
    call_book((tmp_path / "a b.db").as_uri()).change("a", answered)
    assert (tmp_path / "a b.db").is_file()
    assert begun <= SqliteBook(tmp_path / "a b.db").change("a", look)[0].at <= time.monotonic()
    with pytest.raises(ConfigurationError, match="s3:"):
        call_book("s3://bucket/calls")


def test_the_book_names_an_app_by_a_hash() -> None:
    assert app_name("a-client-id") == app_name("a-client-id")
    assert app_name("a-client-id") != app_name("another")
    assert "client" not in app_name("a-client-id")
