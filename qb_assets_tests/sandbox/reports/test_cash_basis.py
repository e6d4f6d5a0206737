"""Cash accounting: income and expense when they are paid, in proportion, always balanced."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from qb_assets.sandbox.generate.model import Txn

from .asking import EVER, TODAY, Asker, Row

DOCUMENTS = ("Invoice", "CreditMemo", "Bill", "VendorCredit")
PAYMENTS = ("Payment", "BillPayment")
COLUMNS = "txn_type,tx_date,account_name,debt_amt,credit_amt"


def postings(asker: Asker, end: date = TODAY) -> list[Row]:
    rows = asker.data(
        "GeneralLedger",
        accounting_method="Cash",
        columns=COLUMNS,
        start_date=EVER.isoformat(),
        end_date=end.isoformat(),
    )
    return [row for row in rows if row.ids.get("account_name")]


def side(row: Row) -> Decimal:
    return row.number("debt_amt") - row.number("credit_amt")


def settled(txn: Txn, day: date) -> int:
    """Cents of a document settled by a day, by payments no earlier than the document."""
    if txn.entry.date > day:
        return 0
    return sum(cents for other, cents in txn.applied if other.entry.date <= day)


def is_control(asker: Asker, account_id: str) -> bool:
    return asker.accounts[account_id].kind in ("Accounts Receivable", "Accounts Payable")


def test_every_transaction_balances_by_itself(asker: Asker) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in postings(asker):
        sums[row.ids["txn_type"]] += side(row)
    assert len(sums) > 50
    assert not any(sums.values())


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2026, 4, 4), TODAY])
def test_lines_count_by_the_share_that_is_settled_of_their_document(
    asker: Asker, day: date
) -> None:
    """Shares rounded down from the first line on, worked out here for each document anew."""
    expected: dict[str, Decimal] = defaultdict(Decimal)
    documents = {(txn.entity, txn.id): txn for txn in asker.txns(*DOCUMENTS)}
    for entry in asker.entries:
        if entry.date > day or entry.doc_entity in PAYMENTS:
            continue
        txn = documents.get((entry.doc_entity or "", entry.doc_id or ""))
        lines = [leg for leg in entry.postings if txn is None or leg.role != "control"]
        paid, whole = (settled(txn, day), txn.total) if txn and txn.total else (1, 1)
        sum_of_lines = before = 0
        for leg in lines:
            sum_of_lines += leg.cents
            share = sum_of_lines * paid // whole
            expected[leg.account_id] += Decimal(share - before).scaleb(-2)
            before = share
    said: dict[str, Decimal] = defaultdict(Decimal)
    for row in postings(asker, day):
        if not asker.accounts[row.ids["account_name"]].on_balance_sheet:
            said[row.ids["account_name"]] += side(row)
    nominal = {
        key: value
        for key, value in expected.items()
        if value and not asker.accounts[key].on_balance_sheet
    }
    assert {key: value for key, value in said.items() if value} == nominal


def left_on_control_accounts(asker: Asker) -> dict[str, Decimal]:
    """Dollars on receivable and payable accounts under cash accounting."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    for row in postings(asker):
        if is_control(asker, row.ids["account_name"]):
            held[row.ids["account_name"]] += side(row)
    return {key: value for key, value in held.items() if value}


def unused_payments(asker: Asker) -> dict[str, Decimal]:
    """Dollars of payments that settle nothing, by the account they are held on."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    for txn in asker.txns(*PAYMENTS):
        if txn.open and txn.party:
            sign = -1 if txn.entity == "Payment" else 1
            home = (txn.open * txn.entry.rate).quantize(Decimal(1), ROUND_HALF_UP)
            held[txn.party.control] += sign * home.scaleb(-2)
    return held


def test_receivable_and_payable_hold_only_what_has_no_lines(asker: Asker) -> None:
    assert left_on_control_accounts(asker) == unused_payments(asker) != {}


def test_a_document_that_nobody_paid_is_not_there(asker: Asker) -> None:
    documents = asker.txns(*DOCUMENTS)
    unpaid = {txn.id for txn in documents if txn.total and not txn.applied}
    assert unpaid
    assert unpaid.isdisjoint(row.ids["txn_type"] for row in postings(asker))


def test_a_payment_brings_the_lines_of_what_it_pays(one: Asker) -> None:
    rows = postings(one)
    paid = next(
        txn
        for txn in one.txns("Payment")
        if len(txn.applied) == 1 and not txn.open and txn.applied[0][0].open == 0 and txn.total
    )
    invoice = paid.applied[0][0]
    assert len(invoice.applied) == 1
    said = sorted(
        (row.ids["account_name"], side(row)) for row in rows if row.ids["txn_type"] == paid.id
    )
    money = [(leg.account_id, leg.amount) for leg in paid.entry.postings if leg.role != "control"]
    lines = [(leg.account_id, leg.amount) for leg in invoice.entry.postings if leg.cents]
    assert said == sorted([*money, *(line for line in lines if not is_control(one, line[0]))])
    assert {row.cells["tx_date"] for row in rows if row.ids["txn_type"] == paid.id} == {
        paid.entry.date.isoformat()
    }


@pytest.mark.parametrize("end", [date(2025, 12, 31), date(2026, 5, 31)])
def test_the_trial_balance_balances(asker: Asker, end: date) -> None:
    *_, total = asker.rows("TrialBalance", end_date=str(end), accounting_method="Cash")
    assert total.cells["debit"] == total.cells["credit"] != ""
