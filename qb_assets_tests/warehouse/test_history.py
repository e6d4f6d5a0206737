"""The history: the same whatever the order of loading, and the books of any moment out of it."""

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qb_assets.catalog import ENTITIES, Entity, tables_of
from qb_assets.lake.store import Lake
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.history_faults import history_faults
from qb_assets.warehouse.history_upkeep import ensure_history, make_room
from qb_assets.warehouse.narrow import create_narrow, stored_columns
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.warehouse.books import (
    COMPANY,
    DAYS,
    FIRST,
    PARTNER,
    SLIP,
    Books,
    Event,
    Rows,
    content,
    expected,
    expected_history,
    fetched_at,
    made,
    merge_days,
)
from qb_assets_tests.warehouse.test_merge import BOOKS, HISTORIES


def history(connection: duckdb.DuckDBPyConnection, entity: Entity) -> Rows:
    order = ", _changed_at, _extracted_at"
    if len(tables_of(entity)) > 1:
        [parent, *_] = tables_of(entity)
        assert parent.key == ("id",)
    found = content(connection, entity, "_history", order)
    return {name: in_order(rows) for name, rows in found.items()}


def in_order(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: sorted((name, str(value)) for name, value in row.items()))


def wanted(entity: Entity, books: Books) -> Rows:
    return {name: in_order(rows) for name, rows in expected_history(entity, books).items()}


@pytest.mark.parametrize("entity", [SLIP, PARTNER], ids=lambda each: each.name)
@settings(max_examples=8, deadline=None)
@given(
    histories=HISTORIES,
    days=st.permutations(DAYS),
    again=st.lists(st.sampled_from(DAYS), max_size=1),
)
def test_any_order_of_days_gives_the_same_history(
    entity: Entity, histories: list[list[Event]], days: list[date], again: list[date]
) -> None:
    books = {f"{number:02}": events for number, events in enumerate(histories)}
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        merge_days(connection, made(Path(folder), entity, books), entity, [*days, *again])
        assert history(connection, entity) == wanted(entity, books)


def until(books: Books, hour: float, fetches: int = 99) -> Books:
    """What had happened by an hour, as far as it was known after some fetches."""
    events = {
        identity: [each if each.hour <= hour else None for each in events[:fetches]]
        for identity, events in books.items()
    }
    # The fetch is told by the place in the list, so what had not happened is put before all.
    before = Event(-10_000, "gone")
    return {identity: [each or before for each in known] for identity, known in events.items()}


def live(entity: Entity, books: Books) -> Rows:
    rows = expected(entity, {identity: events for identity, events in books.items() if events})
    return {
        name: in_order([row for row in found if not row["_deleted"]])
        for name, found in rows.items()
    }


@settings(max_examples=8, deadline=None)
@given(histories=HISTORIES, hour=st.integers(-1, 60), fetches=st.integers(1, 5))
def test_the_books_of_any_moment_as_known_now_and_as_known_then(
    histories: list[list[Event]], hour: int, fetches: int
) -> None:
    books = {f"{number:02}": events for number, events in enumerate(histories)}
    moment, known = FIRST + timedelta(hours=hour), fetched_at(fetches - 1)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        merge_days(connection, made(Path(folder), SLIP, books), SLIP)
        now = content(connection, SLIP, f"_as_of('{moment}')")
        then = content(connection, SLIP, f"_as_of('{moment}', '{known}')")
    assert {name: in_order(rows) for name, rows in now.items()} == live(SLIP, until(books, hour))
    assert {name: in_order(rows) for name, rows in then.items()} == live(
        SLIP, until(books, hour, fetches)
    )


def test_the_first_child_row_can_come_when_its_parent_has_a_past_already(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    books = {"1": [Event(0, "gone"), Event(24, value=5, lines=1)]}
    merge_days(connection, made(tmp_path, SLIP, books), SLIP)
    assert history(connection, SLIP) == wanted(SLIP, books)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made(tmp_path_factory.mktemp("lake"), SLIP, BOOKS)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_a_day_that_is_loaded_again_writes_nothing(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    written = [merge_days(connection, lake, SLIP, [day]).ended for day in DAYS]
    # The first versions of four records and the delete of one, which was restored in that second;
    # then that of a record of which no more is known; then a version of the one that was voided.
    assert written == [0, 7, 1]
    assert [merge_days(connection, lake, SLIP, [day]).ended for day in DAYS] == [0, 0, 0]


def test_deletes_end_versions_and_restores_begin_new_ones(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    books = {"1": [Event(0, value=5), Event(10, "gone"), Event(30, value=5), Event(31, value=6)]}
    merge_days(connection, made(tmp_path, SLIP, books), SLIP)
    held = {hour: moment_of(connection, FIRST + timedelta(hours=hour)) for hour in (-1, 0, 9, 10)}
    assert held == {-1: [], 0: [5], 9: [5], 10: []}
    held = {hour: moment_of(connection, FIRST + timedelta(hours=hour)) for hour in (29, 30, 31)}
    assert held == {29: [], 30: [5], 31: [6]}


def moment_of(connection: duckdb.DuckDBPyConnection, moment: datetime) -> list[int]:
    found = connection.execute("SELECT total_amt FROM quickbooks.slip_as_of(?)", [moment])
    return [int(row[0]) for row in found.fetchall()]


def test_of_two_versions_of_one_second_the_one_fetched_later_is_right(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    books = {"1": [Event(0, value=5), Event(0, value=6)]}
    merge_days(connection, made(tmp_path, SLIP, books), SLIP)
    assert moment_of(connection, FIRST) == [6]
    known = "SELECT total_amt FROM quickbooks.slip_as_of(?, ?)"
    found = [connection.execute(known, [FIRST, fetched_at(n)]).fetchone() for n in (0, 1)]
    assert [row and int(row[0]) for row in found] == [5, 6]
    assert len(history(connection, SLIP)["slip"]) == 2


SPOILT = ("changed", "deleted", "ended")


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM quickbooks_past.slip WHERE id IN {ids}",
        "UPDATE quickbooks_past.slip SET private_note = '9' WHERE id IN {ids}",
        "UPDATE quickbooks_past.slip SET valid_to = NULL WHERE id IN {ids}",
        "DELETE FROM quickbooks_past.slip_line WHERE slip_id IN {ids}",
        "UPDATE quickbooks_past.slip_line SET amount = amount + 0.01 WHERE slip_id IN {ids}",
        "INSERT INTO quickbooks_past.slip_line BY NAME SELECT * REPLACE (9 AS position)"
        " FROM quickbooks_past.slip_line WHERE slip_id IN {ids}",
        "DELETE FROM quickbooks.slip WHERE id IN {ids}",
        "UPDATE quickbooks.slip SET _deleted = NOT _deleted WHERE id IN {ids}",
        "DROP TABLE quickbooks_past.slip_line",
        "DROP SCHEMA quickbooks_past CASCADE",
    ],
)
def test_what_was_spoilt_is_put_right(
    connection: duckdb.DuckDBPyConnection, lake: Lake, spoil: str
) -> None:
    merge_days(connection, lake, SLIP)
    right = history(connection, SLIP)
    connection.execute(spoil.format(ids=SPOILT))
    merge_days(connection, lake, SLIP)
    assert history(connection, SLIP) == right == wanted(SLIP, BOOKS)
    assert [merge_days(connection, lake, SLIP, [day]).ended for day in DAYS] == [0, 0, 0]


def faults(connection: duckdb.DuckDBPyConnection, lake: Lake) -> set[tuple[str, str]]:
    scope = CompanyDays(COMPANY, tuple(DAYS))
    found = list(history_faults(connection, lake, SLIP, scope))
    assert sum(each.looked_at for each in found) in (0, sum(map(len, BOOKS.values())))
    return {wrong for each in found for wrong in each.wrong}


def test_a_whole_history_has_no_faults(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    assert faults(connection, lake) == set()
    merge_days(connection, lake, SLIP)
    assert faults(connection, lake) == set()


ENDS = "a version does not end where the next one begins"
MISSING = "a version of the lake is missing"


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (
            "DELETE FROM quickbooks_past.slip WHERE id IN ('changed', 'deleted')",
            {"changed": MISSING, "deleted": MISSING},
        ),
        (
            "INSERT INTO quickbooks_past.slip BY NAME SELECT id, _company, _updated_on,"
            " _changed_at, _extracted_at, _deleted, _state, valid_to"
            " FROM quickbooks_past.slip WHERE id = 'changed'",
            {"changed": "a version is there twice"},
        ),
        (
            "UPDATE quickbooks_past.slip SET valid_to = valid_to + INTERVAL 1 HOUR"
            " WHERE id = 'ended' AND _state = 'live'",
            {"ended": ENDS},
        ),
        (
            "DELETE FROM quickbooks.slip WHERE id = 'changed'",
            {"changed": MISSING},
        ),
        (
            "DELETE FROM quickbooks_past.slip WHERE id = 'deleted' AND _deleted",
            {"deleted": "the record is marked as deleted without the history of it"},
        ),
        (
            "UPDATE quickbooks.slip SET _deleted = FALSE WHERE id = 'deleted'",
            {"deleted": "a version is there twice"},
        ),
        (
            "UPDATE quickbooks_past.slip_line SET valid_to = NULL WHERE slip_id = 'changed'",
            {"changed": "rows of slip_line have no version of their validity"},
        ),
        ("DROP TABLE quickbooks_past.slip_line", {"": "there is no history yet"}),
    ],
)
def test_faults_of_a_history_are_told(
    connection: duckdb.DuckDBPyConnection, lake: Lake, spoil: str, wrong: dict[str, str]
) -> None:
    merge_days(connection, lake, SLIP)
    connection.execute(spoil)
    found = faults(connection, lake)
    assert found >= set(wrong.items())
    assert {record for record, _ in found} == wrong.keys()


def test_a_warehouse_without_histories_gets_them_whole_with_the_next_day(
    connection: duckdb.DuckDBPyConnection, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qb_assets.warehouse.load.BATCH_BYTES", 1)  # one day after the other
    merge_days(connection, lake, SLIP)
    connection.execute("DROP SCHEMA quickbooks_past CASCADE")
    merge_days(connection, lake, SLIP, DAYS[-1:])
    assert history(connection, SLIP) == wanted(SLIP, BOOKS)


def test_a_history_gains_columns_and_its_rows_their_values(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    merge_days(connection, lake, SLIP)
    connection.execute("ALTER TABLE quickbooks_past.slip DROP COLUMN private_note")
    merge_days(connection, lake, SLIP)
    assert history(connection, SLIP) == wanted(SLIP, BOOKS)


def test_every_entity_has_a_history_that_can_be_asked() -> None:
    with duckdb.connect() as connection:
        for entity in (each for each in ENTITIES.values() if tables_of(each)):
            ensure_tables(connection, entity, create_narrow)
            assert not ensure_history(connection, entity)
            tables = tables_of(entity)[::2]
            make_room(connection, tables, stored_columns(connection, tables))
            for table in tables_of(entity):
                current = connection.execute(f"FROM quickbooks.{table.name}").description
                for moments in ("('2026-01-31')", "('2026-01-31', '2026-02-05')"):
                    rows = connection.execute(f"FROM quickbooks.{table.name}_as_of{moments}")
                    assert rows.description == current
