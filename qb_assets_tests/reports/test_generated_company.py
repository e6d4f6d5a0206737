"""The reports of a generated company, whole and in parts, and what does not add up in them."""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from qb_assets.catalog.reports import REPORTS, Report
from qb_assets.lake.store import Lake
from qb_assets.reports.arithmetic import differences
from qb_assets.reports.checks import check_arithmetic, check_shape
from qb_assets.reports.snapshots import snapshots_of
from qb_assets_tests.reports.conftest import MONTHS, Reported, company, report_to

ALL = list(REPORTS.values())
DIVIDED = [REPORTS["GeneralLedger"], REPORTS["JournalReport"]]


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """The reports of the same company where few cells fit into an answer."""
    with company(report_cells=2500) as box:
        found = report_to(box, tmp_path_factory.mktemp("parts"), DIVIDED)
        yield found
        found.connection.close()


def rows(reported: Reported, report: Report) -> "Counter[tuple[object, ...]]":
    """A report's rows with all they say but their number."""
    held = reported.connection.execute(
        f"SELECT * EXCLUDE (row_number, _fetched_at) FROM reports.{report.table}"
    )
    return Counter(held.fetchall())


def order(reported: Reported, report: Report) -> list[tuple[object, ...]]:
    """What follows what in each section."""
    return reported.connection.execute(
        "SELECT month, accounting_method, path, list((txn_id, debit, balance) ORDER BY row_number)"
        f" FROM reports.{report.table} GROUP BY ALL ORDER BY ALL"
    ).fetchall()


@pytest.mark.parametrize("report", DIVIDED, ids=lambda report: report.table)
def test_a_report_in_parts_says_just_what_it_says_as_a_whole(
    reported: Reported, divided: Reported, report: Report
) -> None:
    assert reported.parts(report) == 1
    assert divided.parts(report) > 1
    assert rows(divided, report) == rows(reported, report)
    assert order(divided, report) == order(reported, report)


@pytest.mark.parametrize("report", ALL, ids=lambda report: report.table)
def test_every_report_has_its_columns_and_adds_up(reported: Reported, report: Report) -> None:
    scope = [(reported.company, MONTHS)]
    for check in (check_shape, check_arithmetic):
        result = check(reported.connection, report, scope)
        assert result.passed, (result.description, result.metadata)
        assert result.metadata["looked_at"].value


def test_a_call_a_report_and_basis_and_month_is_made_and_one_for_preferences(
    reported: Reported,
) -> None:
    asked = len(MONTHS) * sum(len(report.methods) for report in ALL)
    assert reported.calls == 1 + asked
    company = f"company {reported.company}: "
    assert reported.said == [f"{company}{asked} reports fetched, {asked} say news"]


def test_every_posting_of_the_ledger_says_what_it_is_of(reported: Reported) -> None:
    row = reported.connection.execute(
        "SELECT count(*), count(account_id), count(txn_id), count(txn_date), count(debit),"
        " count(credit), min(txn_date) < DATE '2026-04-01' FROM reports.general_ledger"
        " WHERE row_kind = 'posting' AND path <> 'Not Specified'"
    ).fetchone()
    assert row is not None
    every, accounts, txns, days, debits, credits, reaches_back = row
    assert every == accounts == txns == days == debits + credits > 100
    assert reaches_back
    journal = reported.connection.execute(
        "SELECT account_id, sum(coalesce(debit, 0) - coalesce(credit, 0)) FROM"
        " reports.journal_report WHERE row_kind = 'posting' AND accounting_method = 'Accrual'"
        " AND account_id IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    ledger = reported.connection.execute(
        "SELECT account_id, sum(coalesce(debit, 0) - coalesce(credit, 0)) FROM"
        " reports.general_ledger WHERE row_kind = 'posting' AND accounting_method = 'Accrual'"
        " AND account_id IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert journal == ledger


def test_the_cash_flow_is_kept_on_the_basis_that_it_says(
    reported: Reported, tmp_path: Path
) -> None:
    """Nobody can ask for one: it is the one that the company prefers at the moment."""
    box, flow, connection = reported.box, [REPORTS["CashFlow"]], duckdb.connect()

    def fetched(number: int, basis: str) -> list[tuple[object, ...]]:
        prefs = {"ReportPrefs": {"ReportBasis": basis}}
        box.admin("edit", {"entity": "Preferences", "id": "1", "fields": prefs})
        report_to(box, tmp_path, flow, extract=f"2026052{number}T-x", connection=connection)
        return connection.execute(
            "SELECT accounting_method, sum(amount) FILTER (\"group\" = 'NetIncome'),"
            " (SELECT string_agg(DISTINCT accounting_method) FROM reports.snapshot WHERE current)"
            " FROM reports.cash_flow GROUP BY ALL"
        ).fetchall()

    ((first, accrued, current),) = fetched(1, "Accrual")
    assert first == current == "Accrual"
    ((second, paid, current),) = fetched(2, "Cash")
    assert second == current == "Cash"
    assert paid != accrued
    assert fetched(3, "Accrual") == [("Accrual", accrued, "Accrual")]
    assert fetched(4, "Accrual") == [("Accrual", accrued, "Accrual")]
    kept = snapshots_of(Lake.open(str(tmp_path / "lake")), flow[0], reported.company)
    methods = [method for (_, method), snapshots in kept.items() for _ in snapshots]
    assert sorted(methods) == ["Accrual"] * 4 + ["Cash"] * 2


@contextmanager
def rolled_back(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """What is done inside is undone."""
    connection.begin()
    try:
        yield
    finally:
        connection.rollback()


TARGETS = {
    "GeneralLedger": "amount + 0.01|balance - 0.01|debit + 0.01",
    "JournalReport": "credit + 0.01",
    "TrialBalance": "amount + 0.01",
    "ProfitAndLoss": "amount - 0.01",
    "BalanceSheet": "amount + 0.01",
    "CashFlow": "amount + 0.01",
    "AgedReceivables": "amount - 0.01",
    "AgedReceivableDetail": "open_balance + 0.01",
    "CustomerBalance": "amount + 0.01",
}


@pytest.mark.parametrize("name", list(TARGETS))
def test_a_cent_is_missed(reported: Reported, name: str) -> None:
    report, connection = REPORTS[name], reported.connection
    for target in TARGETS[name].split("|"):
        column = target.split()[0]
        with rolled_back(connection):
            last = "" if column != "balance" else " AND row_kind = 'posting'"
            row = connection.execute(
                f"SELECT rowid FROM reports.{report.table} WHERE {column} <> 0{last}"
                " ORDER BY month DESC, accounting_method, row_number DESC LIMIT 1"
            ).fetchone()
            assert row is not None
            connection.execute(
                f"UPDATE reports.{report.table} SET {column} = {target} WHERE rowid = ?", row
            )
            found = list(differences(connection, report, reported.company, MONTHS))
        assert found, target
        assert {abs(float(str(each["difference"]))) for each in found} == {0.01}


def test_a_posting_without_a_date_and_a_missing_column_are_told(reported: Reported) -> None:
    report, connection = REPORTS["GeneralLedger"], reported.connection
    with rolled_back(connection):
        connection.execute(
            "UPDATE reports.general_ledger SET txn_date = NULL WHERE row_kind = 'posting'"
            " AND txn_id = (SELECT min(txn_id) FROM reports.general_ledger)"
        )
        connection.execute(
            "UPDATE reports.snapshot SET missing_columns = 'debit'"
            " WHERE report = 'general_ledger' AND accounting_method = 'Cash'"
        )
        result = check_shape(connection, report, [(reported.company, MONTHS)])
    assert not result.passed
    shown = str(result.metadata["keys"])
    assert "has no column debit" in shown
    assert "has no date" in shown
