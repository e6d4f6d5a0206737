"""The quirks of QuickBooks' report JSON."""

from typing import Any

import msgspec
import pytest

from qb_assets.sandbox.faults import QuickBooksError
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings

from .asking import Asker, keys, read

NOTICE = "Unable to display more data. Please reduce the date range."
RANGE = {"start_date": "2026-04-01", "end_date": "2026-05-31"}


def asking(one: Asker, **settings: Any) -> Reports:
    return Reports(one.books, Settings(**settings))


def decode(body: bytes) -> dict[str, Any]:
    return msgspec.json.decode(b"{%b}" % body)


def sections(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [row for row in rows if "Rows" in row]
    return found + [inner for row in found for inner in sections(row["Rows"].get("Row", []))]


def test_the_header_says_what_was_asked(one: Asker) -> None:
    header = one.ask("GeneralLedger", date_macro="Last Month", accounting_method="Accrual")[
        "Header"
    ]
    assert header == {
        "Time": "2026-06-01T13:00:00-07:00",
        "ReportName": "GeneralLedger",
        "DateMacro": "last month",
        "ReportBasis": "Accrual",
        "StartPeriod": "2026-05-01",
        "EndPeriod": "2026-05-31",
        "Currency": "USD",
        "Option": [{"Name": "NoReportData", "Value": "false"}],
    }
    empty = one.ask("GeneralLedger", start_date="2001-01-01", end_date="2001-01-31")
    assert empty["Header"]["Option"] == [{"Name": "NoReportData", "Value": "true"}]
    assert empty["Rows"] == {}


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("this month-to-date", "2026-06-01", "2026-06-01"),
        ("Last Fiscal Quarter", "2026-01-01", "2026-03-31"),
        ("last calendar year-to-date", "2025-01-01", "2025-06-01"),
        ("This Fiscal Year", "2026-01-01", "2026-12-31"),
        ("today", "2026-06-01", "2026-06-01"),
        ("all", "1970-01-01", "2026-06-01"),
    ],
)
def test_date_macros(one: Asker, name: str, start: str, end: str) -> None:
    header = one.ask("TrialBalance", date_macro=name)["Header"]
    assert (header["StartPeriod"], header["EndPeriod"]) == (start, end)


def test_without_dates_it_is_the_fiscal_year_to_date(one: Asker) -> None:
    header = one.ask("TrialBalance")["Header"]
    assert (header["StartPeriod"], header["EndPeriod"]) == ("2026-01-01", "2026-06-01")


def test_columns_come_in_an_order_of_their_own_and_unknown_ones_not_at_all(one: Asker) -> None:
    asked = "rbal_nat_amount,nonsense,tx_date,debt_home_amt,txn_type,subt_nat_amount,doc_num"
    known = frozenset({"rbal_nat_amount", "tx_date", "txn_type", "subt_nat_amount", "doc_num"})
    orders: set[tuple[str, ...]] = set()
    for seed in range(8):
        answer = asking(one, seed=seed).answer("GeneralLedger", {**RANGE, "columns": asked})
        again = asking(one, seed=seed).answer("GeneralLedger", {**RANGE, "columns": asked})
        assert answer == again
        report = decode(answer.body)
        orders.add(tuple(keys(report)))
        assert not keys(report)[0].endswith("amount")
    assert {frozenset(order) for order in orders} == {known}
    assert len(orders) > 2


def test_every_value_is_a_string_and_zero_has_no_digit_before_the_point(one: Asker) -> None:
    one_of_nothing = {posting.cents for entry in one.entries for posting in entry.postings}
    assert 0 in one_of_nothing
    rows = one.data("GeneralLedger", date_macro="all", columns="txn_type,subt_nat_amount,debt_amt")
    amounts = {row.cells["subt_nat_amount"] for row in rows}
    assert ".00" in amounts
    assert "0.00" not in amounts
    assert "" in {row.cells["debt_amt"] for row in rows}


def test_sub_accounts_nest_and_a_parents_own_postings_have_no_header(one: Asker) -> None:
    found = sections(one.ask("GeneralLedger", date_macro="all")["Rows"]["Row"])
    landscaping = next(row for row in found if header(row) == "Landscaping Services")
    own, *below = landscaping["Rows"]["Row"]
    assert "Header" not in own
    assert own["Summary"]["ColData"][0]["value"] == "Total for Landscaping Services"
    assert {header(row) for row in below} <= {"Job Materials", "Labor"}
    label = "Total for Landscaping Services with sub-accounts"
    assert landscaping["Summary"]["ColData"][0]["value"] == label
    truck = next(row for row in found if header(row) == "Truck")
    assert all("Header" in row for row in truck["Rows"]["Row"])


def header(row: dict[str, Any]) -> str:
    return row["Header"]["ColData"][0]["value"] if "Header" in row else ""


def test_what_has_no_account_is_not_specified(one: Asker) -> None:
    rows = one.data("GeneralLedger", date_macro="all")
    loose = [row for row in rows if row.path == ("Not Specified",)]
    linking = [txn for txn in one.txns("Payment") if not txn.total and not txn.voided]
    assert len(loose) == len(linking) > 0
    assert {row.cells["subt_nat_amount"] for row in loose} == {".00"}


def test_an_account_filter_leaves_the_others_out(one: Asker) -> None:
    rows = one.rows("GeneralLedger", date_macro="all", account="7,15")
    assert {row.id for row in rows if row.kind == "header"} == {"7", "14", "15"}


def test_a_report_of_too_many_cells_is_cut_off_and_says_so_with_status_200(one: Asker) -> None:
    whole = one.data("GeneralLedger", date_macro="all")
    for name in ("GeneralLedger", "JournalReport"):
        report = decode(asking(one, report_cells=900).answer(name, {"date_macro": "all"}).body)
        *rows, last = read(report)
        assert last.label == NOTICE
        assert 50 < sum(row.kind == "data" for row in rows) < len(whole)
        assert NOTICE not in {row.label for row in rows}


def test_titles_are_in_the_companys_language_and_keys_are_not(one: Asker) -> None:
    french = decode(asking(one, report_language="fr").answer("GeneralLedger", RANGE).body)
    english = one.ask("GeneralLedger", **RANGE)
    assert keys(french) == keys(english)
    titles = [column["ColTitle"] for column in french["Columns"]["Column"]]
    assert "Montant" in titles
    assert "Solde d’ouverture" in {row.label for row in read(french)}
    sheet = decode(asking(one, report_language="fr").answer("BalanceSheet", RANGE).body)
    labels = {row.label for row in read(sheet) if row.kind != "data"}
    assert {"ACTIF", "TOTAL ACTIF", "Comptes bancaires", "Total Comptes bancaires"} <= labels
    assert not labels & {"ASSETS", "Liabilities", "Equity", "Current Assets"}
    numbers = [row.cells["rbal_nat_amount"] for row in read(english)]
    assert [row.cells["rbal_nat_amount"] for row in read(french)] == numbers


@pytest.mark.parametrize(
    "asked",
    [
        {"start_date": "2026-13-01"},
        {"start_date": "2026-05-01", "end_date": "2026-04-01"},
        {"accounting_method": "Barter"},
        {"date_macro": "some day"},
        {"num_periods": "0"},
    ],
)
def test_a_value_that_is_none_is_a_fault(one: Asker, asked: dict[str, str]) -> None:
    with pytest.raises(QuickBooksError) as caught:
        one.reports.answer("TrialBalance", asked)
    assert caught.value.code == "2010"
    assert caught.value.status == 400
    assert next(iter(asked)) in caught.value.detail or "start_date" in caught.value.detail
