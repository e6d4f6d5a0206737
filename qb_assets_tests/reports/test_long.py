"""Answers in QuickBooks' shape become long tables, by the keys of their columns alone."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qb_assets.catalog.reports import REPORTS
from qb_assets.quickbooks.faults import BadAnswer
from qb_assets.quickbooks.report_answer import is_cut_off, read_report
from qb_assets.reports.long import missing_columns
from qb_assets_tests.reports.bodies import (
    LEDGER,
    answer,
    beginning,
    body,
    data,
    ledger_row,
    ledger_sum,
    rows_of,
    section,
    texts,
)

BLANKS = [""] * 6


def test_a_ledger_has_its_accounts_from_its_sections_and_balances_from_before() -> None:
    own = section(
        None,
        [
            beginning("10.00"),
            ledger_row("2026-01-05", "Facture", "12", "5.25", "15.25", memo="a"),
            ledger_row("2026-01-06", "Paiement", "13", "-.25", "15.00", debit=False),
        ],
        ledger_sum("5.00", "5.25", "0.25"),
    )
    child = section(
        [("Child / of one", "36"), *BLANKS],
        [ledger_row("2026-01-07", "Facture", "14", ".00", ".00")],
        ledger_sum(".00", ".00", ".00"),
    )
    parent = section([("Bank", "35"), *BLANKS], [own, child], ledger_sum("5.00", "5.25", "0.25"))
    table = rows_of("GeneralLedger", [answer(LEDGER, [parent])])
    assert texts(
        table, "row_number", "row_kind", "path", "account_id", "txn_id", "amount", "balance"
    ) == [
        ("1", "beginning_balance", "Bank", "35", "-", "-", "10.00"),
        ("2", "posting", "Bank", "35", "12", "5.25", "15.25"),
        ("3", "posting", "Bank", "35", "13", "-0.25", "15.00"),
        ("4", "summary", "Bank", "35", "-", "5.00", "-"),
        ("5", "posting", "Bank / Child/of one", "36", "14", "0.00", "0.00"),
        ("6", "summary", "Bank / Child/of one", "36", "-", "0.00", "-"),
        ("7", "summary", "Bank", "35", "-", "5.00", "-"),
    ]
    first = table.to_pylist()[1]
    assert (first["txn_date"], first["txn_type"], first["memo"]) == (
        date(2026, 1, 5),
        "Facture",
        "a",
    )
    assert first["debit"] == Decimal("5.25")
    assert first["credit"] is None
    assert first["item_name"] is None
    assert table.column("memo").to_pylist()[0] is None  # where the words of the first row stood


def test_a_column_of_figures_can_be_the_first_one() -> None:
    keys = ["quantity", *LEDGER[1:]]
    rows = [
        beginning("10.00"),
        ledger_row("2026-01-05", "Invoice", "12", "5.25", "15.25", memo="3.00"),
    ]
    table = rows_of(
        "GeneralLedger",
        [answer(keys, [section([("Bank", "35"), *BLANKS], rows, ledger_sum("5.25", "5.25", ""))])],
    )
    assert texts(table, "row_kind", "quantity", "balance", "amount") == [
        ("beginning_balance", "-", "10.00", "-"),
        ("posting", "3.00", "15.25", "5.25"),
        ("summary", "-", "-", "5.25"),
    ]


def test_figures_are_exact_and_what_is_none_is_refused_without_being_quoted() -> None:
    exact = ledger_row("2026-01-05", "Invoice", "1", "1,234,567,890,123.45", "0.1234567891")
    row = rows_of("GeneralLedger", [answer(LEDGER, [section([("A", "1"), *BLANKS], [exact])])])
    assert row.column("amount").to_pylist() == [Decimal("1234567890123.45")]
    assert row.column("balance").to_pylist() == [Decimal("0.1234567891")]
    secret = ledger_row("2026-01-05", "Invoice", "1", "Ann's", "1")
    with pytest.raises(BadAnswer) as error:
        rows_of("GeneralLedger", [answer(LEDGER, [section([("A", "1"), *BLANKS], [secret])])])
    assert "Ann" not in str(error.value)


def test_home_currency_is_taken_before_the_transaction_s() -> None:
    keys = ["tx_date", "txn_type", "subt_nat_amount", "subt_nat_home_amount", "currency"]
    one = data("2026-01-05", ("Invoice", "1"), "10.00", "12.00", "EUR")
    (row,) = rows_of("TransactionList", [answer(keys, [one])]).to_pylist()
    assert (row["amount"], row["currency"]) == (Decimal("12.00"), "EUR")


def test_the_further_rows_of_a_journal_s_transaction_take_what_the_first_one_says() -> None:
    keys = ["tx_date", "txn_type", "doc_num", "account_name", "debt_amt", "credit_amt"]
    rows = [
        data("2026-01-05", ("Invoice", "7"), "1001", ("A/R", "84"), "9.00", ""),
        data("0-00-00", ("", "7"), "", ("Sales", "79"), "", "9.00"),
        section(None, [], ["", "", "", "", "9.00", "9.00"]),
        data("", "", "", "", "", ""),
        data("2026-01-06", ("Check", "8"), "", ("Rent", "60"), "5.00", ""),
        data("", "", "", ("Bank", "35"), "", "5.00"),
        section(None, [], ["", "", "", "", "5.00", "5.00"]),
        section(None, [], ["TOTAL", "", "", "", "14.00", "14.00"], group="GrandTotal"),
    ]
    table = rows_of("JournalReport", [answer(keys, rows)])
    shown = texts(table, "row_kind", "txn_date", "txn_type", "txn_id", "doc_num", "account_id")
    assert shown == [
        ("posting", "2026-01-05", "Invoice", "7", "1001", "84"),
        ("posting", "2026-01-05", "Invoice", "7", "1001", "79"),
        ("summary", "-", "-", "-", "-", "-"),
        ("posting", "2026-01-06", "Check", "8", "-", "60"),
        ("posting", "2026-01-06", "Check", "8", "-", "35"),
        ("summary", "-", "-", "-", "-", "-"),
        ("summary", "-", "-", "-", "-", "-"),
    ]


def test_a_summary_report_is_a_row_a_cell() -> None:
    account = section(
        [("Landscaping", "45"), "10.00"],
        [data(("Plants", "49"), "150.00")],
        ["Total Landscaping", "160.00"],
    )
    rows = [
        section(["Income", ""], [account], ["Total Income", "160.00"], group="Income"),
        section(None, [], ["Net Income", "160.00"], group="NetIncome"),
    ]
    table = rows_of("ProfitAndLoss", [answer(["account", "total"], rows)])
    assert texts(
        table, "row_kind", "group", "path", "depth", "row_id", "row_name", "column_key", "amount"
    ) == [
        ("header", "Income", "Income", "1", "-", "Income", "total", "-"),
        ("header", "-", "Income / Landscaping", "2", "45", "Landscaping", "total", "10.00"),
        ("data", "Income", "Income / Landscaping", "2", "49", "Plants", "total", "150.00"),
        ("summary", "-", "Income / Landscaping", "2", "45", "Total Landscaping", "total", "160.00"),
        ("summary", "Income", "Income", "1", "-", "Total Income", "total", "160.00"),
        ("summary", "NetIncome", "", "0", "-", "Net Income", "total", "160.00"),
    ]


def test_a_column_of_a_month_says_which_days_it_is_of() -> None:
    answered = json.loads(body(["account", "Jan 2026"], [data(("Plants", "49"), "1.00")]))
    answered["Columns"]["Column"][1]["MetaData"] += [
        {"Name": "StartDate", "Value": "2026-01-01"},
        {"Name": "EndDate", "Value": "2026-01-31"},
    ]
    read = read_report(json.dumps(answered).encode())
    (row,) = rows_of("ProfitAndLoss", [read]).to_pylist()
    assert (row["column_start"], row["column_end"]) == (date(2026, 1, 1), date(2026, 1, 31))


def test_intuit_s_own_samples_are_read(shared_data: Path) -> None:
    def sample(report: str, number: int = 1) -> list[dict[str, object]]:
        text = (shared_data / "samples" / f"{report.lower()}-{number}.json").read_bytes()
        return rows_of(report, [read_report(text)]).to_pylist()

    profit = {row["row_id"]: row["amount"] for row in sample("ProfitAndLoss") if row["row_id"]}
    assert profit["48"] == Decimal("275.00")
    kinds = [(row["row_kind"], row["amount"]) for row in sample("CustomerBalance")]
    assert kinds == [("data", Decimal("1593.50")), ("summary", Decimal("1593.50"))]
    stock = [row for row in sample("InventoryValuationSummary") if row["row_name"] == "TOTAL"]
    assert {row["row_kind"] for row in stock} == {"summary"}
    (listed, total) = sample("TransactionList")  # whose keys are where the types should be
    assert (listed["txn_id"], listed["account_id"]) == ("151", "84")
    assert (listed["amount"], listed["split_account"]) == (Decimal("47.60"), "-Split-")
    assert (total["row_kind"], total["amount"]) == ("summary", None)  # too short to know


def test_a_column_that_must_be_there_is_missed() -> None:
    ledger_without = answer([key for key in LEDGER if key != "debt_amt"], [])
    assert missing_columns(REPORTS["GeneralLedger"], ledger_without) == ["debit"]
    assert missing_columns(REPORTS["TrialBalance"], answer(["account", "total"], [])) == [
        "debit",
        "credit",
    ]
    assert rows_of("GeneralLedger", [ledger_without]).num_rows == 0


def test_the_notice_cuts_off_and_a_memo_of_the_same_words_does_not() -> None:
    words = "Unable to display more data. Please reduce the date range."
    whole = ledger_row("2026-01-05", "Invoice", "1", "1.00", "1.00", memo=words)
    inside = section([("A", "1"), *BLANKS], [whole])
    assert not is_cut_off(body(LEDGER, [inside]))
    assert is_cut_off(body(LEDGER, [inside, data(words, *BLANKS)]))


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(BadAnswer):
        read_report(b'{"Rows": {"Row": [{"ColData": [{"value": 12.5}]}]}}')
