"""Reports of a company with several currencies and a fiscal year of its own."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from qb_assets.sandbox.amendments import Amend
from qb_assets.sandbox.generate.model import HOME
from qb_assets.sandbox.generate.profile import Profile

from .asking import EVER, SIGNS, TODAY, Asker
from .test_aging import SIDES, control, grand_total
from .test_cash_basis import left_on_control_accounts, unused_payments

FOREIGN = "txn_type,account_name,debt_amt,credit_amt,currency,exch_rate,nat_foreign_amount"


def test_amounts_are_in_home_currency_and_the_transactions_own_beside_them(abroad: Asker) -> None:
    rows = abroad.data("GeneralLedger", date_macro="all", columns=FOREIGN)
    said = Counter(
        (
            row.cells["currency"],
            row.ids["account_name"],
            row.number("debt_amt") - row.number("credit_amt"),
            row.cells["nat_foreign_amount"] and row.number("nat_foreign_amount"),
            Decimal(row.cells["exch_rate"]),
        )
        for row in rows
        if row.ids.get("account_name")
    )
    posted = Counter(
        (
            entry.currency,
            posting.account_id,
            posting.amount,
            ""
            if posting.foreign is None
            else SIGNS[abroad.accounts[posting.account_id].classification]
            * Decimal(posting.foreign).scaleb(-2),
            entry.rate,
        )
        for entry in abroad.entries
        for posting in entry.postings
    )
    assert said == posted
    assert {currency for currency, *_ in said} > {"USD", "EUR"}


def test_the_keys_of_amounts_are_those_of_home_currency(abroad: Asker, one: Asker) -> None:
    asked = {"columns": "tx_date,debt_amt,debt_home_amt,exch_rate,rbal_nat_amount"}
    several = abroad.reports.answer("GeneralLedger", asked).body
    single = one.reports.answer("GeneralLedger", asked).body
    assert b'"Value":"debt_home_amt"' in several
    assert b'"Value":"exch_rate"' in several
    assert b'"Value":"debt_amt"' not in several
    assert b'"Value":"rbal_nat_amount"' not in several
    assert b'"Value":"debt_amt"' in single
    assert b"home" not in single
    assert b"exch_rate" not in single


@pytest.mark.parametrize(("side", "kind", "sign"), SIDES)
def test_aging_adds_up_to_all_control_accounts(
    abroad: Asker, side: str, kind: str, sign: int
) -> None:
    accounts = [account for account in abroad.accounts.values() if account.kind == kind]
    assert len(accounts) == 5
    for day in (date(2026, 1, 15), TODAY):
        rows = abroad.rows(f"Aged{side}s", report_date=day.isoformat())
        assert grand_total(rows, "total") == sign * control(abroad, kind, day) != 0


def test_the_fiscal_year_begins_in_its_month(abroad: Asker) -> None:
    default = abroad.ask("ProfitAndLoss")["Header"]
    assert (default["StartPeriod"], default["EndPeriod"]) == ("2026-04-01", "2026-06-01")
    for day, year in ((date(2026, 3, 31), date(2025, 4, 1)), (date(2026, 4, 1), date(2026, 4, 1))):
        before = abroad.sums(EVER, date.fromordinal(year.toordinal() - 1))
        since = abroad.sums(year, day)
        nominal = [row.id for row in abroad.accounts.values() if not row.on_balance_sheet]
        rows = abroad.rows("BalanceSheet", end_date=day.isoformat())
        said = {row.label: row.number("total") for row in rows if row.kind == "data"}
        assert said["Net Income"] == -sum(since.get(key, Decimal()) for key in nominal)
        retained = -sum(before.get(key, Decimal()) for key in nominal)
        assert said.get("Retained Earnings", Decimal()) == retained != 0


def test_what_is_paid_in_another_currency_leaves_nothing_behind(abroad: Asker) -> None:
    """Cash accounting takes lines at their document's rate, and the payment its exchange gain."""
    settling = [txn for txn in abroad.txns("Payment", "BillPayment") if txn.entry.rate != 1]
    roles = [posting.role for txn in settling for posting in txn.entry.postings]
    assert roles.count("exchange") > 3
    assert left_on_control_accounts(abroad) == unused_payments(abroad) != {}


@pytest.mark.parametrize("seed", [18, 36])
def test_nothing_is_left_open_of_what_is_settled_in_another_order(seed: int) -> None:
    asker = Asker(seed, 60, 200, Profile(multi_currency=True))
    moved = 0
    for document in asker.txns("Invoice", "Bill"):
        if document.entry.currency != HOME and len(document.applied) > 1:
            last, _ = document.applied[-1]
            asker.books.amend(Amend(last.entity, last.id, txn_date=document.entry.date))
            moved += 1
    assert moved
    kept = asker.txns("Invoice", "CreditMemo", "Bill", "VendorCredit", "Payment", "BillPayment")
    opened = {txn.id for txn in kept if txn.open}
    for side in ("Receivable", "Payable"):
        rows = asker.data(f"Aged{side}Detail", report_date=TODAY.isoformat())
        assert {row.ids["txn_type"] for row in rows} <= opened


def test_under_not_specified_the_ledger_tells_of_links_and_moves_nothing() -> None:
    """Where a payment links a credit to an invoice of another rate, there is a gain to post."""
    asker = Asker(7, 60, 90, Profile(multi_currency=True, late_edits=True))
    links = [txn.id for txn in asker.txns("Payment") if not txn.total and not txn.voided]
    rows = asker.data("GeneralLedger", date_macro="all", columns=FOREIGN)
    told = [row for row in rows if row.path == ("Not Specified",)]
    assert {row.ids["txn_type"] for row in told} == set(links)
    assert {row.number("debt_amt") - row.number("credit_amt") for row in told} == {0}
    gains = [entry for entry in asker.entries if entry.doc_id in links and entry.postings]
    assert any(leg.role == "exchange" for entry in gains for leg in entry.postings)
