"""ProfitAndLoss, BalanceSheet and CashFlow against sums of the ledger's entries."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from .asking import EVER, SIGNS, Asker, Row

STARTS = [(date(2025, 11, 3), date(2026, 2, 14)), (date(2026, 1, 1), date(2026, 5, 31))]
METHODS = ["Accrual", "Cash"]


def amounts(rows: list[Row], key: str = "total") -> dict[str, Decimal]:
    """Dollars by account Id: of rows of data, and of the headers of parents."""
    return {
        row.id: row.number(key)
        for row in rows
        if row.id and row.kind in ("data", "header") and row.cells[key]
    }


def group(rows: list[Row], name: str, key: str = "total") -> Decimal:
    [row] = [row for row in rows if row.group == name and row.kind != "header"]
    return row.number(key)


def cash(asker: Asker, day: date) -> Decimal:
    sums = asker.sums(EVER, day)
    held = [
        account.id
        for account in asker.accounts.values()
        if account.kind == "Bank" or account.subtype == "UndepositedFunds"
    ]
    return sum((sums.get(account_id, Decimal()) for account_id in held), Decimal())


@pytest.mark.parametrize(("start", "end"), STARTS)
def test_the_profit_and_loss_is_the_sum_of_the_postings(
    asker: Asker, start: date, end: date
) -> None:
    rows = asker.rows("ProfitAndLoss", start_date=str(start), end_date=str(end))
    expected = {
        account_id: SIGNS[asker.accounts[account_id].classification] * dollars
        for account_id, dollars in asker.sums(start, end).items()
        if not asker.accounts[account_id].on_balance_sheet
    }
    assert amounts(rows) == expected
    by_kind = {kind: Decimal() for kind in ("Income", "Cost of Goods Sold", "Expense")}
    for account_id, dollars in expected.items():
        kind = asker.accounts[account_id].kind
        by_kind[kind] = by_kind.get(kind, Decimal()) + dollars
    gross = by_kind["Income"] - by_kind["Cost of Goods Sold"]
    operating = gross - by_kind["Expense"]
    assert group(rows, "GrossProfit") == gross
    assert group(rows, "NetOperatingIncome") == operating
    other = by_kind.get("Other Income", Decimal()) - by_kind.get("Other Expense", Decimal())
    assert group(rows, "NetIncome") == operating + other


def test_months_are_columns_with_their_days_and_add_up(asker: Asker) -> None:
    dates = {"start_date": "2026-02-10", "end_date": "2026-04-20"}
    report = asker.ask("ProfitAndLoss", summarize_column_by="Month", **dates)
    columns = report["Columns"]["Column"]
    assert [column["ColTitle"] for column in columns] == [
        *("", "Feb 2026", "Mar 2026", "Apr 2026", "Total")
    ]
    meta = {entry["Name"]: entry["Value"] for entry in columns[3]["MetaData"]}
    assert meta == {"StartDate": "2026-04-01", "EndDate": "2026-04-20", "ColKey": "Apr 2026"}
    rows = asker.rows("ProfitAndLoss", summarize_column_by="Month", **dates)
    for row in rows:
        months = [row.number(key) for key in ("Feb 2026", "Mar 2026", "Apr 2026")]
        assert sum(months) == row.number("total")
    assert amounts(rows) == amounts(asker.rows("ProfitAndLoss", **dates))
    march = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    assert amounts(rows, "Mar 2026") == amounts(asker.rows("ProfitAndLoss", **march))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("end", [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31)])
def test_the_balance_sheet_balances_and_closes_fiscal_years(
    asker: Asker, end: date, method: str
) -> None:
    asked = {"end_date": str(end), "accounting_method": method}
    rows = asker.rows("BalanceSheet", **asked)
    assert group(rows, "TotalAssets") == group(rows, "TotalLiabilitiesAndEquity")
    year = {"start_date": f"{end.year}-01-01", **asked}
    profit = asker.rows("ProfitAndLoss", **year)
    if profit:
        assert group(rows, "NetIncome") == group(profit, "NetIncome")
    trial = {
        row.id: row.number("debit") - row.number("credit")
        for row in asker.data("TrialBalance", **asked)
        if asker.accounts[row.id].on_balance_sheet
    }
    said = {
        account_id: SIGNS[asker.accounts[account_id].classification] * dollars
        for account_id, dollars in amounts(rows).items()
    }
    assert said == trial


def test_balance_sheets_by_month_are_those_of_each_months_end(asker: Asker) -> None:
    dates = {"start_date": "2026-03-01", "end_date": "2026-05-31"}
    rows = asker.rows("BalanceSheet", summarize_column_by="Month", **dates)
    april = asker.rows("BalanceSheet", end_date="2026-04-30")
    assert amounts(rows, "Apr 2026") == amounts(april)
    assert group(rows, "NetIncome", "Apr 2026") == group(april, "NetIncome")


@pytest.mark.parametrize(("start", "end"), STARTS)
@pytest.mark.parametrize("method", METHODS)
def test_the_cash_flow_ties_to_the_money(asker: Asker, start: date, end: date, method: str) -> None:
    dates = {"start_date": str(start), "end_date": str(end), "accounting_method": method}
    rows = asker.rows("CashFlow", **dates)
    before, after = cash(asker, start - timedelta(days=1)), cash(asker, end)
    assert group(rows, "BeginningCash") == before
    assert group(rows, "EndingCash") == after
    assert group(rows, "CashIncrease") == after - before != 0
    assert group(rows, "NetIncome") == group(asker.rows("ProfitAndLoss", **dates), "NetIncome")


def test_a_parent_has_its_own_amount_in_its_header(one: Asker) -> None:
    rows = one.rows("ProfitAndLoss", date_macro="all")
    header = next(row for row in rows if row.label == "Landscaping Services")
    assert header.kind == "header"
    own = one.sums()[header.id]
    assert header.number("total") == -own != 0
    total = next(row for row in rows if row.label == "Total Landscaping Services")
    below = [account for account in one.accounts.values() if "Landscaping" in account.full_name]
    assert total.number("total") == -sum(one.sums().get(row.id, Decimal()) for row in below)


def test_nothing_is_reported_of_days_without_books(one: Asker) -> None:
    for name in ("ProfitAndLoss", "BalanceSheet", "CashFlow", "TrialBalance"):
        report = one.ask(name, start_date="2001-01-01", end_date="2001-12-31")
        assert report["Rows"] == {}
        assert {"Name": "NoReportData", "Value": "true"} in report["Header"]["Option"]
