"""The list of mismatches: seen, seen again, resolved, and back."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import duckdb

from qb_assets.books.checks.outcome import Mismatch, Outcome
from qb_assets.books.reconciliation import Recorded, record

START = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
DAY = date(2026, 5, 31)


def found(*cents: int, subject: str = "account 35", as_of: date | None = DAY) -> Outcome:
    return Outcome(
        1,
        [
            Mismatch("1", subject, as_of, Decimal(each) / 100, Decimal(0), "Invoice:7")
            for each in cents
        ],
    )


def listed(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    rows = connection.execute(
        "SELECT difference, found_at, run_id, last_seen_at, resolved_at"
        " FROM books.reconciliation ORDER BY found_at, run_id, difference"
    ).fetchall()
    hours = [[each - START if isinstance(each, datetime) else each for each in row] for row in rows]
    return [
        tuple(each // timedelta(hours=1) if isinstance(each, timedelta) else each for each in row)
        for row in hours
    ]


def test_a_mismatch_is_one_row_until_it_is_resolved_and_another_when_it_is_back() -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")

    def run(hour: int, outcome: Outcome) -> Recorded:
        at = START + timedelta(hours=hour)
        return record(connection, {"a.b": outcome}, run_id=f"run {hour}", at=at)

    assert run(0, found(5)) == Recorded(new=1, still=0, resolved=0)
    assert run(1, found(7)) == Recorded(new=0, still=1, resolved=0)
    assert listed(connection) == [(Decimal("0.07"), 0, "run 0", 1, None)]
    assert run(2, found()) == Recorded(new=0, still=0, resolved=1)
    assert run(3, found(5)) == Recorded(new=1, still=0, resolved=0)
    assert listed(connection) == [
        (Decimal("0.07"), 0, "run 0", 1, 2),
        (Decimal("0.05"), 3, "run 3", 3, None),
    ]


def test_what_another_check_found_stays_and_no_day_is_a_day_like_others() -> None:
    connection = duckdb.connect()
    record(connection, {"a.b": found(5, as_of=None)}, run_id="1", at=START)
    other = {"a.c": found(1), "a.b": found(5, as_of=None)}
    assert record(connection, other, run_id="2", at=START) == Recorded(1, 1, 0)
    assert record(connection, {"a.c": found()}, run_id="3", at=START) == Recorded(0, 0, 1)
    assert record(connection, {"a.b": found(5)}, run_id="4", at=START) == Recorded(1, 0, 1)
