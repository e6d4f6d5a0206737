"""What was open on any day, against totals and payments as the documents' JSON has them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qb_assets.books.registry import models
from qb_assets_tests.books.company import TODAY
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.books.truth import documents, months_of, next_month, open_documents

DAYS = [TODAY, TODAY - timedelta(days=45), date(2024, 12, 31), date(2025, 3, 17)]


def rows(made: Made, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    return made.connection.execute(statement, list(values)).fetchall()


@pytest.mark.parametrize("day", DAYS)
def test_receivables_as_of_a_day_are_totals_less_payments_until_then(made: Made, day: date) -> None:
    for company, books in made.books.items():
        held = rows(
            made,
            "SELECT txn_type, txn_id, open_balance, due_date, days_past_due"
            f" FROM books.ar_aging_as_of(DATE '{day}') WHERE _company = ?",
            company,
        )
        expected = open_documents(books, day)
        assert {(row[0], row[1]): row[2] for row in held} == expected
        invoices = documents(books, "Invoice")
        for entity, identity, _, due, days in held:
            if entity == "Invoice":
                assert due.isoformat() == invoices[identity]["DueDate"]
            assert days == (day - due).days


def test_the_days_of_the_test_have_credits_and_partly_paid_invoices(made: Made) -> None:
    opened = [open_documents(books, day) for books in made.books.values() for day in DAYS]
    assert any(amount < 0 for found in opened for amount in found.values())
    partly = rows(
        made,
        "SELECT count(*) FROM books.open_item"
        " WHERE txn_type = 'Invoice' AND abs(open_amount) < total",
    )
    assert partly[0][0] > 0


def test_month_ends_are_as_the_macro_tells_any_day(made: Made) -> None:
    for kind in ("ar", "ap"):
        for company, books in made.books.items():
            for month in months_of(books)[::7]:
                end = next_month(month) - timedelta(days=1)
                table = rows(
                    made,
                    f"SELECT * FROM books.{kind}_aging WHERE _company = ? AND as_of = ?"
                    " ORDER BY ALL",
                    company,
                    end,
                )
                macro = rows(
                    made,
                    f"SELECT * FROM books.{kind}_aging_as_of(DATE '{end}') WHERE _company = ?"
                    " ORDER BY ALL",
                    company,
                )
                assert table == macro


@pytest.mark.parametrize(
    ("table", "kind"), [("ar_aging", "Accounts Receivable"), ("ap_aging", "Accounts Payable")]
)
def test_open_amounts_add_up_to_the_control_account(made: Made, table: str, kind: str) -> None:
    found = rows(
        made,
        f"""
        WITH open AS (
            SELECT _company, as_of, sum(open_balance) AS open FROM books.{table} GROUP BY ALL
        ),
        control AS (
            SELECT held._company, held.month_end AS as_of, sum(chart.sign * held.balance) AS balance
            FROM books.trial_balance AS held JOIN books.chart_of_accounts AS chart
            USING (_company, account_id)
            WHERE chart.account_type = ? AND accounting_method = 'Accrual' GROUP BY ALL
        )
        SELECT coalesce(open, 0) - coalesce(balance, 0), balance
        FROM open FULL JOIN control USING (_company, as_of)
        """,
        kind,
    )
    assert {difference for difference, _ in found} == {0}
    assert sum(1 for _, balance in found if balance) > 20


def test_buckets_follow_the_days_past_due(made: Made) -> None:
    found = rows(
        made,
        "SELECT bucket, min(days_past_due), max(days_past_due) FROM books.ar_aging GROUP BY bucket",
    )
    assert len(found) == 5
    for bucket, least, most in found:
        if bucket == "current":
            assert most <= 0
        elif bucket == "91 and over":
            assert least > 90
        else:
            first, last = map(int, bucket.split("-"))
            assert first <= least <= most <= last


def test_open_documents_agree_with_quickbooks_balances(made: Made) -> None:
    found = rows(made, "SELECT txn_type, difference, balance FROM books.open_documents")
    assert {difference for _, difference, _ in found} <= {0, None}
    assert {kind for kind, _, balance in found if balance} >= {"Invoice", "CreditMemo"}


def test_customers_owe_what_quickbooks_says(made: Made) -> None:
    found = rows(made, "SELECT open_balance, quickbooks_balance, sales FROM books.customer_360")
    assert all(ours == theirs for ours, theirs, _ in found)
    assert sum(1 for ours, _, _ in found if ours) > 10
    assert sum(1 for _, _, sales in found if sales) > 10


def test_a_balance_that_is_wrong_by_a_cent_is_told(made: Made) -> None:
    made.connection.begin()
    made.connection.execute(
        "UPDATE books.document SET balance = balance + 0.01 WHERE txn_type = 'Invoice'"
    )
    select = models()["open_documents"].select
    differences = rows(made, f"SELECT count(*) FROM ({select}) WHERE difference = -0.01")
    invoices = sum(len(documents(books, "Invoice")) for books in made.books.values())
    made.connection.rollback()
    assert differences == [(invoices,)]


def test_payments_are_told_with_what_they_were_set_against(made: Made) -> None:
    for company, books in made.books.items():
        expected: list[tuple[str, str, Decimal]] = []
        for entity in ("Payment", "BillPayment"):
            for payment in documents(books, entity).values():
                expected += [
                    (payment["Id"], line["LinkedTxn"][0]["TxnId"], Decimal(line["Amount"]))
                    for line in payment["Line"]
                ]
        held = rows(
            made,
            "SELECT payment_id, applied_id, amount FROM books.payment_application"
            " WHERE _company = ?",
            company,
        )
        assert sorted(held) == sorted(expected)
