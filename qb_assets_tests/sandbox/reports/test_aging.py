"""Aging and balances by person against the documents and the control accounts."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from qb_assets.sandbox.generate.model import Sale, Spending, Txn
from qb_assets.sandbox.generate.offerings import TERMS

from .asking import EVER, TODAY, Asker, Row

DAYS = [date(2025, 12, 31), date(2026, 3, 9), TODAY]
SIDES = [("Receivable", "Accounts Receivable", 1), ("Payable", "Accounts Payable", -1)]


def control(asker: Asker, kind: str, day: date) -> Decimal:
    sums = asker.sums(EVER, day)
    ids = [account.id for account in asker.accounts.values() if account.kind == kind]
    return sum((sums.get(account_id, Decimal()) for account_id in ids), Decimal())


def dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def grand_total(rows: list[Row], key: str) -> Decimal:
    """What the last row says; a report of nothing has no rows."""
    if not rows:
        return Decimal()
    assert rows[-1].group == "GrandTotal"
    return rows[-1].number(key)


def left_of(txn: Txn, day: date) -> Decimal:
    """What of a document was not settled by a day, by the payments that were there."""
    return dollars(
        txn.total - sum(cents for other, cents in txn.applied if other.entry.date <= day)
    )


def bucket(row: Row, day: date) -> str:
    overdue = (day - date.fromisoformat(row.cells["due_date"])).days
    if overdue <= 0:
        return "current"
    return str(min((overdue - 1) // 30, 3))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("side", "kind", "sign"), SIDES)
def test_what_is_open_adds_up_to_the_control_account(
    asker: Asker, side: str, kind: str, sign: int, day: date
) -> None:
    expected = sign * control(asker, kind, day)
    report_date = day.isoformat()
    detail = asker.rows(f"Aged{side}Detail", report_date=report_date)
    opened = [row for row in detail if row.kind == "data"]
    assert sum(row.number("subt_open_bal") for row in opened) == expected
    assert grand_total(detail, "subt_open_bal") == expected
    summary = asker.rows(f"Aged{side}s", report_date=report_date)
    assert grand_total(summary, "total") == expected
    person = "Customer" if sign > 0 else "Vendor"
    balances = asker.rows(f"{person}Balance", report_date=report_date)
    assert grand_total(balances, "total") == expected


@pytest.mark.parametrize("day", DAYS)
def test_each_document_is_open_by_what_was_paid_until_then(asker: Asker, day: date) -> None:
    for side, entities in (("Receivable", ("Invoice", "CreditMemo")), ("Payable", ("Bill",))):
        rows = asker.data(f"Aged{side}Detail", report_date=day.isoformat())
        said = {row.ids["txn_type"]: row.number("subt_open_bal") for row in rows}
        for txn in asker.txns(*entities):
            expected = left_of(txn, day) if txn.entry.date <= day else Decimal()
            sign = -1 if txn.entity == "CreditMemo" else 1
            assert said.get(txn.id, Decimal()) == sign * expected, (txn.entity, txn.id)


def test_today_documents_are_open_as_their_records_say(asker: Asker) -> None:
    rows = asker.data("AgedReceivableDetail", report_date=TODAY.isoformat())
    said = {row.ids["txn_type"]: abs(row.number("subt_open_bal")) for row in rows}
    txns = asker.txns("Invoice", "CreditMemo", "Payment")
    assert said == {txn.id: dollars(txn.open) for txn in txns if txn.open}


@pytest.mark.parametrize("day", DAYS[1:])
@pytest.mark.parametrize("side", ["Receivable", "Payable"])
def test_summaries_are_the_details_by_person_and_age(asker: Asker, side: str, day: date) -> None:
    expected: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in asker.data(f"Aged{side}Detail", report_date=day.isoformat()):
        person = expected[row.ids["name"]]
        person[bucket(row, day)] += row.number("subt_open_bal")
        person["total"] += row.number("subt_open_bal")
        assert int(row.cells["past_due"]) == (day - date.fromisoformat(row.cells["due_date"])).days
    rows = asker.rows(f"Aged{side}s", report_date=day.isoformat())
    keys = ("current", "0", "1", "2", "3", "total")
    said = {
        row.id: {key: row.number(key) for key in keys if row.number(key)}
        for row in rows
        if row.kind in ("data", "header") and row.id
    }
    assert {key: sums for key, sums in said.items() if sums} == {
        key: filled for key, sums in expected.items() if (filled := nonzero(sums))
    }


def nonzero(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    return {key: value for key, value in sums.items() if value}


def test_charges_are_due_after_their_terms_and_the_rest_at_once(asker: Asker) -> None:
    documents = {txn.id: txn for txn in asker.txns("Invoice", "Bill")}
    found = 0
    for side in ("Receivable", "Payable"):
        for row in asker.data(f"Aged{side}Detail", report_date=TODAY.isoformat()):
            txn = documents.get(row.ids["txn_type"])
            due = date.fromisoformat(row.cells["tx_date"])
            if isinstance(txn, Sale | Spending):
                due += timedelta(days=TERMS[txn.term][2])
                found += 1
            assert row.cells["due_date"] == due.isoformat()
    assert found


def test_jobs_are_within_their_customer(asker: Asker) -> None:
    rows = asker.rows("CustomerBalance", report_date=TODAY.isoformat())
    parents = {party.ref.id: party.parent for party in asker.world.customers}
    for row in rows:
        if row.kind == "data" and row.id:
            parent = parents[row.id]
            assert row.path == ((parent.shown,) if parent else ())
        elif row.kind == "header":
            assert parents[row.id] is None


def test_periods_can_be_other_than_thirty_days(one: Asker) -> None:
    asked = {"report_date": "2026-05-31", "aging_period": "10", "num_periods": "2"}
    report = one.ask("AgedReceivables", **asked)
    titles = [column["ColTitle"] for column in report["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 10", "11 and over", "Total"]
    paths = {row.path for row in one.data("AgedReceivableDetail", **asked)}
    assert paths <= {("Current",), ("1 - 10 days past due",), ("11 or more days past due",)}
    assert len(paths) > 1
