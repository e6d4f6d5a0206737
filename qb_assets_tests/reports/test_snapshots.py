"""What was answered is kept as it came; what closed months say otherwise is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pytest

from qb_assets.catalog.reports import REPORTS
from qb_assets.lake.errors import ObjectExists
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.reports.checks import check_unchanged
from qb_assets.reports.closing import is_closed
from qb_assets.reports.ddl import ensure_tables
from qb_assets.reports.load import ReportLoader, Seen
from qb_assets.reports.restatements import restated
from qb_assets.reports.snapshots import (
    Said,
    Snapshot,
    answers_of,
    digest_of,
    packed,
    said_by,
    snapshots_of,
    write_snapshot,
)
from qb_assets.warehouse.errors import WarehouseError
from qb_assets_tests.reports.bodies import (
    COMPANY,
    JANUARY,
    LEDGER,
    answer,
    body,
    data,
    ledger,
    ledger_row,
    ledger_sum,
    rows_of,
    section,
)

GL, TRIAL = REPORTS["GeneralLedger"], REPORTS["TrialBalance"]
MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)
BLANKS = [""] * 6


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake.open(str(tmp_path / "lake"))


def a_body(*postings: tuple[str, str]) -> bytes:
    """A ledger with one account, of postings (Id of the invoice, amount)."""
    rows = [ledger_row("2026-01-05", "Invoice", id, amount, "0") for id, amount in postings]
    total = f"{sum(int(amount) for _, amount in postings)}"
    header = [("Bank", "35"), *BLANKS]
    return body(LEDGER, [section(header, rows, ledger_sum(total, total, ""))])


def keep(lake: Lake, number: int, answered: bytes, at: datetime = MARCH) -> Snapshot:
    """Keeps an answer as the snapshot of that number, a day after the one before."""
    at += timedelta(days=number)
    snapshot = Snapshot(GL, COMPANY, JANUARY, "Accrual", f"{at:%Y%m%dT%H%M%S}000Z-x", 1)
    digest = digest_of(rows_of("GeneralLedger", [read_report(answered)]))
    part = packed(JANUARY, date(2026, 1, 31), {"start_date": "2026-01-01"}, answered)
    write_snapshot(lake, snapshot, [part], Said(digest, at, None))
    return snapshot


def load(connection: duckdb.DuckDBPyConnection, lake: Lake, **seen: Any) -> int:
    """Loads the ledger of January; gives the number of accounts restated."""
    loader = ReportLoader(connection, lake, COMPANY, fresh={}, seen=seen.get("seen", {}))
    return loader.load(GL, [JANUARY]).restated


def restatements(connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[Any, ...]]:
    """The table's rows."""
    return connection.execute(
        "SELECT account_id, before, after, difference, txn_ids, found_at, since"
        " FROM reports.restatement ORDER BY found_at, account_id"
    ).fetchall()


def test_the_exact_bytes_are_kept_and_nothing_is_overwritten(lake: Lake) -> None:
    answered = a_body(("1", "5"))
    snapshot = keep(lake, 0, answered)
    assert snapshots_of(lake, GL, COMPANY) == {(JANUARY, "Accrual"): [snapshot]}
    assert said_by(lake, snapshot).fetched_at == MARCH
    ((first, kept),) = answers_of(lake, snapshot)
    assert (first, kept) == (JANUARY, read_report(answered))
    data = duckdb.sql(f"SELECT payload FROM '{lake.url.removeprefix('file://')}/**/*.parquet'")
    assert data.fetchall() == [(answered,)]
    with pytest.raises(ObjectExists):
        keep(lake, 0, answered)


def test_a_snapshot_without_all_of_its_parts_does_not_count(lake: Lake) -> None:
    whole = keep(lake, 0, a_body(("1", "5")))
    torn = replace(whole, extract="20270101T000000000Z-x", parts=2)
    lake.create(torn.paths[0], b"the first of two")
    assert snapshots_of(lake, GL, COMPANY)[JANUARY, "Accrual"] == [whole]


def test_the_order_of_rows_and_of_columns_says_nothing() -> None:
    one = rows_of("GeneralLedger", [read_report(a_body(("1", "5"), ("2", "6")))])
    other = rows_of("GeneralLedger", [read_report(a_body(("2", "6"), ("1", "5")))])
    third = rows_of("GeneralLedger", [read_report(a_body(("2", "6"), ("1", "7")))])
    assert digest_of(one) == digest_of(other) != digest_of(third)


def test_a_month_is_replaced_and_a_closed_one_restated(lake: Lake) -> None:
    connection = duckdb.connect()
    keep(lake, 0, a_body(("1", "5"), ("2", "6")))
    assert load(connection, lake) == 0
    assert load(connection, lake) == 0  # again: nothing is new
    seen = Seen(snapshots_of(lake, GL, COMPANY)[JANUARY, "Accrual"][0].name, MARCH, None)
    still = replace(seen, at=MARCH + timedelta(hours=12))
    load(connection, lake, seen={("GeneralLedger", JANUARY, "Accrual"): still})
    keep(lake, 1, a_body(("1", "5"), ("2", "4"), ("9", "1")))
    assert load(connection, lake) == 1
    expected = ("35", Decimal(11), Decimal(10), Decimal(-1), "Invoice:2, Invoice:9")
    (found,) = restatements(connection)
    assert found[:5] == expected
    assert found[5:] == (MARCH + timedelta(days=1), still.at)
    told = check_unchanged(connection, GL, [(COMPANY, [JANUARY])])
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "Invoice:2" in str(told.metadata["keys"])
    held = connection.execute(
        "SELECT txn_id, _snapshot FROM reports.general_ledger WHERE row_kind = 'posting'"
    ).fetchall()
    assert [txn for txn, _ in held] == ["1", "2", "9"]
    assert len({snapshot for _, snapshot in held}) == 1
    last = snapshots_of(lake, GL, COMPANY)[JANUARY, "Accrual"][-1]
    again = Seen(last.name, MARCH + timedelta(days=2), None)
    load(connection, lake, seen={("GeneralLedger", JANUARY, "Accrual"): again})
    assert check_unchanged(connection, GL, [(COMPANY, [JANUARY])]).passed  # it has been told
    anew = duckdb.connect()  # a warehouse that is made anew of the lake
    assert load(anew, lake) == 1
    assert restatements(anew)[0][:5] == expected
    assert anew.execute("SELECT current, closed FROM reports.snapshot").fetchall() == [
        (False, True),
        (True, True),
    ]


def test_a_month_that_is_still_open_may_change(lake: Lake) -> None:
    connection = duckdb.connect()
    january = datetime(2026, 2, 2, tzinfo=timezone.utc)
    keep(lake, 0, a_body(("1", "5")), january)
    keep(lake, 1, a_body(("1", "6")), january)
    assert load(connection, lake) == 0


def test_months_without_rows_have_tables_and_snapshots(lake: Lake) -> None:
    connection = duckdb.connect()
    keep(lake, 0, body(LEDGER, []))
    load(connection, lake)
    assert connection.execute("SELECT count(*) FROM reports.general_ledger").fetchone() == (0,)
    assert connection.execute("SELECT rows, current FROM reports.snapshot").fetchall() == [
        (0, True)
    ]
    keep(lake, 1, a_body(("1", "5")))  # in a month that had none
    assert load(connection, lake) == 1
    assert restatements(connection)[0][:5] == ("35", None, Decimal(5), Decimal(5), "Invoice:1")


def test_a_table_that_was_dropped_is_filled_again_and_another_one_is_refused(lake: Lake) -> None:
    connection = duckdb.connect()
    keep(lake, 0, a_body(("1", "5")))
    load(connection, lake)
    connection.execute("DROP TABLE reports.general_ledger")
    load(connection, lake)
    assert connection.execute("SELECT count(*) FROM reports.general_ledger").fetchone() == (2,)
    connection.execute("ALTER TABLE reports.general_ledger DROP COLUMN memo")
    with pytest.raises(WarehouseError, match="general_ledger has other columns"):
        ensure_tables(connection, [GL])


def test_an_account_that_nets_out_is_told_with_its_transactions() -> None:
    before, after = (
        rows_of("GeneralLedger", [ledger({"35": postings})])
        for postings in ([("1", "5"), ("2", "6")], [("1", "6"), ("2", "5")])
    )
    (found,) = restated(GL, before, after)
    assert (found["difference"], found["txn_ids"]) == (0, "Invoice:1, Invoice:2")
    assert restated(GL, before, before) == []


def test_a_trial_balance_is_restated_with_debits_positive() -> None:
    def trial(debit: str, credit: str) -> pa.Table:
        rows = [data(("Loan", "43"), debit, credit), data(("Bank", "35"), "7.00", "")]
        return rows_of("TrialBalance", [answer(["account", "debit", "credit"], rows)])

    (found,) = restated(TRIAL, trial("", "10.00"), trial("2.00", ""))
    assert (found["account_id"], found["before"], found["after"]) == ("43", -10, 2)
    assert found["txn_ids"] is None


@pytest.mark.parametrize(
    ("day", "closed_until", "closed"),
    [
        ("2026-02-09", None, False),
        ("2026-02-11", None, True),
        ("2026-06-01", "2026-01-30", False),
        ("2026-02-01", "2026-01-31", True),
    ],
)
def test_a_month_is_closed_by_the_company_or_by_time(
    day: str, closed_until: str | None, closed: bool
) -> None:
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    until = date.fromisoformat(closed_until) if closed_until else None
    assert is_closed(JANUARY, at=at, closed_until=until) is closed
