"""The statements against the ledger that the companies were made of, month by month."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qb_assets.sandbox.generate import GeneratedBooks
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.books.truth import balances, months_of, movements, net_income

OF_CREDIT = {"Liability", "Equity", "Revenue"}


def of_statement(books: GeneratedBooks, *classifications: str) -> dict[str, int]:
    """The accounts of some classifications, with the sign that statements give a debit."""
    return {
        account.id: -1 if account.classification in OF_CREDIT else 1
        for account in books.accounts
        if account.classification in classifications
    }


def by_month(made: Made, table: str, value: str, company: str) -> dict[Any, dict[str, Decimal]]:
    found: dict[Any, dict[str, Decimal]] = defaultdict(dict)
    for month, account, amount in made.connection.execute(
        f"SELECT month, account_id, sum({value}) FROM books.{table}"
        " WHERE _company = ? AND accounting_method = 'Accrual'"
        f" GROUP BY month, account_id HAVING sum({value}) <> 0",
        [company],
    ).fetchall():
        found[month][account] = amount
    return found


def test_income_and_expense_are_what_moved_their_accounts(made: Made) -> None:
    for company, books in made.books.items():
        signs = of_statement(books, "Revenue", "Expense")
        expected: dict[date, dict[str, Decimal]] = defaultdict(dict)
        for (month, account), amount in movements(books).items():
            if account in signs:
                expected[month][account] = signs[account] * amount
        assert by_month(made, "profit_and_loss", "amount", company) == expected


def test_the_balance_sheet_has_the_balances_and_the_net_income(made: Made) -> None:
    for company, books in made.books.items():
        first = made.fiscal_months[company]
        held = by_month(made, "balance_sheet", "amount", company)
        signs = of_statement(books, "Asset", "Liability", "Equity")
        for month in months_of(books):
            expected: dict[str | None, Decimal] = {
                account: signs[account] * amount
                for account, amount in balances(books, month, first).items()
                if account in signs
            }
            expected[None] = net_income(books, month, first)
            assert held.pop(month) == {key: amount for key, amount in expected.items() if amount}
        assert not held


def test_the_fiscal_years_of_the_companies_end_within_their_books(made: Made) -> None:
    """Else the tests above would prove nothing of retained earnings."""
    for company, books in made.books.items():
        retained = next(each.id for each in books.accounts if each.subtype == "RetainedEarnings")
        held = by_month(made, "balance_sheet", "amount", company)
        months = [month for month, found in held.items() if found.get(retained)]
        assert {month.month for month in months} >= {made.fiscal_months[company]}


def test_assets_equal_liabilities_and_equity_in_each_month_and_method(made: Made) -> None:
    rows = made.connection.execute(
        "SELECT accounting_method, count(DISTINCT month),"
        " sum(CASE WHEN classification = 'Asset' THEN amount ELSE -amount END)"
        " FROM books.balance_sheet GROUP BY _company, accounting_method, month"
    ).fetchall()
    assert len(rows) > 100
    assert {method for method, _, _ in rows} == {"Accrual", "Cash"}
    assert {difference for _, _, difference in rows} == {0}


def test_the_cash_flow_leads_from_the_cash_before_to_the_cash_after(made: Made) -> None:
    rows = made.connection.execute(
        """
        SELECT
            _company, month, coalesce(sum(amount) FILTER (section = 'BeginningCash'), 0),
            coalesce(sum(amount) FILTER (section NOT LIKE '%Cash'), 0),
            coalesce(sum(amount) FILTER (section = 'EndingCash'), 0)
        FROM books.cash_flow WHERE accounting_method = 'Accrual' GROUP BY _company, month
        """
    ).fetchall()
    assert len(rows) == sum(len(months_of(books)) for books in made.books.values())
    for company, month, before, change, after in rows:
        assert before + change == after
        books = made.books[company]
        cash = {
            each.id
            for each in books.accounts
            if each.kind == "Bank" or each.subtype == "UndepositedFunds"
        }
        held = balances(books, month, made.fiscal_months[company])
        assert after == sum((held.get(account, Decimal(0)) for account in cash), Decimal(0))


def test_sections_of_the_cash_flow_are_told_by_the_types_of_accounts(made: Made) -> None:
    for company, books in made.books.items():
        kinds = {account.id: account.kind for account in books.accounts}
        rows = made.connection.execute(
            "SELECT DISTINCT section, account_id FROM books.cash_flow WHERE _company = ?", [company]
        ).fetchall()
        found: dict[str, set[str]] = defaultdict(set)
        for section, account in rows:
            found[section].add(kinds.get(account, ""))
        assert found["NetIncome"] == {""}
        assert found["InvestingActivities"] <= {"Fixed Asset", "Other Asset"}
        assert found["FinancingActivities"] <= {"Equity", "Long Term Liability"}
        assert "Accounts Receivable" in found["OperatingAdjustments"]
        assert not found["OperatingAdjustments"] & {"Bank", "Fixed Asset", "Equity"}


@pytest.mark.parametrize("method", ["Accrual", "Cash"])
def test_the_budget_is_compared_with_the_income_and_expense(made: Made, method: str) -> None:
    for company in made.books:
        rows = made.connection.execute(
            "SELECT budget.account_id, period, budget, actual,"
            " (SELECT coalesce(sum(amount), 0) FROM books.profit_and_loss AS statement"
            "  WHERE statement._company = budget._company AND accounting_method = ?"
            "  AND month = period AND statement.account_id = budget.account_id)"
            " FROM books.budget_vs_actual AS budget"
            " WHERE _company = ? AND budget.accounting_method = ?",
            [method, company, method],
        ).fetchall()
        planned = [row for row in rows if row[2]]
        assert len(planned) % 12 == 0
        assert planned
        assert all(actual == expected for _, _, _, actual, expected in rows)
        assert len({(row[0], row[1]) for row in rows}) == len(rows)
