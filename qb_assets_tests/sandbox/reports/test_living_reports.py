"""Reports of books that change, and of many small companies."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from qb_assets.sandbox.generate.profile import Profile

from .asking import TODAY, Asker
from .test_cash_basis import left_on_control_accounts, unused_payments


def holds(asker: Asker, day: date) -> None:
    """What must hold of any company's reports on any day."""
    asked = day.isoformat()
    for method in ("Accrual", "Cash"):
        trial = asker.rows("TrialBalance", end_date=asked, accounting_method=method)
        if trial:
            assert trial[-1].cells["debit"] == trial[-1].cells["credit"]
        sheet = {
            row.group: row.number("total")
            for row in asker.rows("BalanceSheet", end_date=asked, accounting_method=method)
            if row.group and row.kind != "header"
        }
        if sheet:
            assert sheet["TotalAssets"] == sheet["TotalLiabilitiesAndEquity"]
    sheet = asker.rows("BalanceSheet", end_date=asked)
    for side, group in (("Receivables", "AR"), ("Payables", "AP")):
        aged = asker.rows(f"Aged{side}", report_date=asked)
        on_sheet = [row for row in sheet if row.group == group and row.kind == "summary"]
        total = on_sheet[0].number("total") if on_sheet else Decimal()
        assert (aged[-1].number("total") if aged else Decimal()) == total


@pytest.mark.parametrize("seed", range(30, 38))
def test_reports_agree_with_each_other_on_any_day(seed: int) -> None:
    """Companies with all features in turn: currencies, fiscal years, late edits, deletes."""
    asker = Asker(seed, 25, 420, Profile.of(seed))
    assert left_on_control_accounts(asker) == unused_payments(asker)
    for back in (0, 3 + seed % 20, 151 + seed, 152 + seed, 300):
        holds(asker, TODAY - timedelta(days=back))


def test_a_write_is_in_the_next_report() -> None:
    asker = Asker(11, 30, 200)
    paid = next(txn for txn in asker.txns("Invoice") if txn.applied and txn.total)
    month = {"start_date": "2025-11-01", "end_date": "2026-06-01"}
    before = asker.rows("ProfitAndLoss", **month)[-1].number("total")
    cash = asker.rows("ProfitAndLoss", accounting_method="Cash", **month)[-1].number("total")
    asker.books.void("Invoice", paid.id)
    after = asker.rows("ProfitAndLoss", **month)[-1].number("total")
    assert after < before
    assert asker.rows("ProfitAndLoss", accounting_method="Cash", **month)[-1].number("total") < cash
    rows = asker.data("TransactionList", columns="txn_type,subt_nat_amount", date_macro="all")
    [voided] = [row for row in rows if row.ids["txn_type"] == paid.id]
    assert voided.cells["subt_nat_amount"] == ".00"
    assert left_on_control_accounts(asker) == unused_payments(asker) != {}
    holds(asker, TODAY)
    holds(asker, paid.entry.date)
    asker.books.delete("Invoice", paid.id)
    rows = asker.data("TransactionList", columns="txn_type,subt_nat_amount", date_macro="all")
    assert paid.id not in {row.ids["txn_type"] for row in rows}
    holds(asker, TODAY)
