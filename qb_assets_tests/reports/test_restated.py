"""A back-dated edit in the served company: the ledger that is fetched again tells of its effect."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest

from qb_assets.catalog.reports import REPORTS, Method
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.reports.checks import check_unchanged
from qb_assets.reports.fetch import Fetcher
from qb_assets.reports.load import Loaded, ReportLoader, Seen
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.reports.conftest import NOW, company

LEDGER = REPORTS["GeneralLedger"]


class Ledger:
    """One month of the ledger of a served company, fetched and loaded as often as asked for."""

    def __init__(self, box: SandboxProcess, month: date, folder: Path) -> None:
        settings = Settings.from_environment(box.env)
        store = FileTokenStore(folder / "tokens")
        connect_with_refresh_token(settings, store, box.realm_id, box.env["QB_REFRESH_TOKEN"])
        self.client = QuickBooksClient(settings, store, box.realm_id)
        self.lake = Lake.open(str(folder / "lake"))
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.month = month

    def fetch(self, at: datetime) -> Loaded:
        """Fetches at a moment, and loads what it brought."""
        calendar = Calendar(self.month, ZoneInfo("America/Los_Angeles"))
        extract = f"{at:%Y%m%dT%H%M%S}000Z-00000000"
        fetcher = Fetcher(self.client, self.lake, calendar, extract, at)
        fetched, _ = fetcher.fetch([LEDGER], [self.month])
        seen: dict[tuple[str, date, Method], Seen] = {
            (LEDGER.name, self.month, each.snapshot.method): Seen(
                each.snapshot.name, each.seen_at, each.closed_until
            )
            for each in fetched
        }
        loader = ReportLoader(self.connection, self.lake, self.client.realm, fresh={}, seen=seen)
        return loader.load(LEDGER, [self.month])

    def unchanged(self) -> dg.AssetCheckResult:
        """The check of what the last fetch says of the closed month."""
        return check_unchanged(self.connection, LEDGER, [(self.client.realm, [self.month])])


@pytest.fixture
def box() -> Iterator[SandboxProcess]:
    with company() as box:
        yield box


def expense(box: SandboxProcess) -> dict[str, Any]:
    """A purchase of a closed month whose first line is of an account."""
    for document in json.loads(box.admin_bytes("records/Purchase"), parse_float=Decimal):
        of_account = "AccountBasedExpenseLineDetail" in document["Line"][0]
        if of_account and document["TxnDate"] < "2026-04-01" and not document.get("Credit"):
            return document
    raise AssertionError("there is no such purchase")


def test_an_edit_in_a_closed_month_is_told_with_its_effect_on_each_account(
    box: SandboxProcess, tmp_path: Path
) -> None:
    document = expense(box)
    line = document["Line"][0]
    ledger = Ledger(box, date.fromisoformat(document["TxnDate"]).replace(day=1), tmp_path)
    assert ledger.fetch(NOW).restated == 0
    amount = str(Decimal(line["Amount"]) + 10)
    asked = {"entity": "Purchase", "id": document["Id"], "line": 1, "amount": amount}
    box.admin("amend", asked)
    spent = line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]
    paid = document["AccountRef"]["value"]
    assert ledger.fetch(NOW + timedelta(days=1)).restated == 2 * len(LEDGER.methods)
    told = ledger.unchanged()
    assert not told.passed
    keys = told.metadata["keys"]
    assert isinstance(keys, dg.TableMetadataValue)
    rows = [each.data for each in keys.records]
    effects = {
        (row["accounting_method"], row["account_id"], Decimal(str(row["difference"])))
        for row in rows
    }
    amounts = {(spent, Decimal(10)), (paid, Decimal(-10))}
    assert effects == {(basis, *each) for basis in LEDGER.methods for each in amounts}
    assert all(f":{document['Id']}" in str(row["transactions"]) for row in rows)
    assert ledger.fetch(NOW + timedelta(days=2)).restated == 0
    assert ledger.unchanged().passed, "known by now"
    kept = ledger.connection.execute("SELECT count(*) FROM reports.restatement").fetchone()
    assert kept == (2 * len(LEDGER.methods),)
