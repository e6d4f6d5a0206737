"""A back-dated edit in a closed month: the ledger that is fetched again tells of its effect."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from qb_assets.books.check_assets import check_result
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import make_missing, run_check
from qb_assets.catalog.reports import REPORTS
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.quickbooks.reports import Period, Question, keys_asked
from qb_assets.reports.load import ReportLoader, Seen
from qb_assets.reports.long import Origin, long_table
from qb_assets.reports.snapshots import Said, Snapshot, digest_of, packed, write_snapshot
from qb_assets.sandbox.amendments import Amend
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import generate_books
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings

LEDGER = REPORTS["GeneralLedger"]
NOW = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)


class Fetches:
    """A company's ledger of a month, fetched into a lake and loaded, as often as asked for."""

    def __init__(self, books: Books, month: date, folder: Path) -> None:
        self.books = books
        self.month = month
        self.lake = Lake.open(str(folder))
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self._at = NOW
        self._digest = self._name = ""

    def fetch(self) -> None:
        """A day later than before; a snapshot is kept where the ledger says something else."""
        self._at += timedelta(days=1)
        month, realm = self.month, self.books.realm_id
        extract = f"{self._at:%Y%m%dT%H%M%S}000Z-00000000"
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        keys = keys_asked(LEDGER, several_currencies=False)
        question = Question(LEDGER, "Accrual", Period(month, last), keys)
        answered = Reports(self.books, Settings()).answer(LEDGER.name, question.params())
        body = b"{%b}" % answered.body
        origin = Origin(realm, month, "Accrual", f"{extract}-accrual", self._at)
        rows = long_table(LEDGER, [(month, read_report(body))], origin)
        digest = digest_of(rows)
        if digest != self._digest:
            self._digest, self._name = digest, origin.snapshot
            snapshot = Snapshot(LEDGER, realm, month, "Accrual", extract, 1)
            parts = [packed(month, last, question.params(), body)]
            write_snapshot(self.lake, snapshot, parts, Said(digest, self._at, None, ()))
        seen: Any = {(LEDGER.name, month, "Accrual"): Seen(self._name, self._at, None)}
        loader = ReportLoader(self.connection, self.lake, realm, fresh={}, seen=seen)
        loader.load(LEDGER, [month])


@pytest.fixture
def books() -> Books:
    made = generate_books(4, 40, date(2026, 6, 1), 200)
    return Books(made.company, Clock("America/Los_Angeles", NOW, frozen=True))


def expense(books: Books) -> dict[str, Any]:
    """A purchase of a closed month whose first line is of an account."""
    shelf = books.shelf("Purchase")
    assert shelf is not None
    for row in shelf.rows.values():
        document = json.loads(row.record.body, parse_float=Decimal)
        detail = document["Line"][0].get("AccountBasedExpenseLineDetail")
        if detail and document["TxnDate"] < "2026-05-01" and not document.get("Credit"):
            return document
    raise AssertionError("there is no such purchase")


def test_a_back_dated_edit_is_reported_with_its_effect_on_each_account(
    books: Books, tmp_path: Path
) -> None:
    document = expense(books)
    number, line = document["Id"], document["Line"][0]
    fetches = Fetches(books, date.fromisoformat(document["TxnDate"]).replace(day=1), tmp_path)
    check = checks()["general_ledger.closed_months_unchanged"]
    fetches.fetch()
    make_missing(fetches.connection)
    assert run_check(fetches.connection, check).mismatches == []
    amount = Decimal(line["Amount"]) + 10
    books.amend(Amend(entity="Purchase", id=number, line=1, amount=amount))
    fetches.fetch()
    outcome = run_check(fetches.connection, check)
    spent = line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]
    paid = document["AccountRef"]["value"]
    assert {(each.subject, each.difference) for each in outcome.mismatches} == {
        (f"general_ledger, account {spent}, Accrual", Decimal(10)),
        (f"general_ledger, account {paid}, Accrual", Decimal(-10)),
    }
    assert all(f":{number}" in str(each.txn_ids) for each in outcome.mismatches)
    result = check_result(check, outcome)
    assert not result.passed
    fetches.fetch()
    assert run_check(fetches.connection, check).mismatches == [], "known by now"
    kept = fetches.connection.execute("SELECT count(*) FROM reports.restatement").fetchone()
    assert kept == (2,)
