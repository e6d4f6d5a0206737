"""The page's figures against the models and the ledger; what it says where something is amiss."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from html.parser import HTMLParser

import duckdb
import pytest

from qb_assets.books.checks.registry import checks
from qb_assets.books.page import build_page
from qb_assets.books.page.figures import ZERO, money
from qb_assets.books.page.page import all_statements
from qb_assets.books.page.reconciliation import MOST_DOCUMENTS, ties
from qb_assets.books.page.source import Source, read_source
from qb_assets.books.page.statement import Statement
from qb_assets.warehouse.errors import WarehouseError
from qb_assets_tests.books.company import TODAY
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.books.truth import balances, movements, open_documents

END = TODAY - timedelta(days=1)
MIDDLE = date(2026, 4, 17)
EVIL = "</td><script>alert('a')</script><img src=x onerror=\"b\">&amp;"


class Cells(HTMLParser):
    """The rows of a page's tables, by the caption of the table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._words: list[str] | None = None
        self._caption = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption"):
            self._words = []

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("td", "th", "caption") or self._words is None:
            return
        text, self._words = "".join(self._words), None
        if tag == "caption":
            self._rows = self.tables.setdefault(text, [])
        else:
            self._rows[-1].append(text)


@pytest.fixture(scope="module")
def company(made: Made) -> str:
    return next(iter(made.books))


@pytest.fixture(scope="module")
def page(made: Made, company: str) -> str:
    return build_page(made.connection, company, as_of=END)


@pytest.fixture(scope="module")
def spoiled(made: Made, company: str) -> str:
    """The page of books with a wrong balance, a restatement, and names that are markup."""
    evil, month = f"'{EVIL.replace(chr(39), chr(39) * 2)}'", END.replace(day=1)
    statements = [
        f"UPDATE books.company SET company_name = {evil}",
        f"UPDATE books.chart_of_accounts SET name = {evil}, path = {evil}",
        f"UPDATE books.customer_360 SET name = {evil}",
        f"UPDATE books.vendor_spend SET vendor_name = {evil}",
        "UPDATE books.trial_balance SET balance = balance + 0.01 WHERE rowid = (SELECT max(rowid)"
        f" FROM books.trial_balance WHERE _company = '{company}' AND month = '{month}'"
        " AND accounting_method = 'Accrual' AND balance > 0)",
        f"INSERT INTO reports.restatement VALUES ('{company}', 'general_ledger', 'Accrual',"
        " '2026-02-01', '1', 'Checking', 100, 250.5, 150.5, 'Invoice:7',"
        " '2026-05-02 00:00:00+00', '2026-04-02 00:00:00+00')",
    ]
    tables = ("company", "chart_of_accounts", "customer_360", "vendor_spend", "trial_balance")
    for table in tables:
        made.connection.execute(f"CREATE TEMP TABLE kept_{table} AS FROM books.{table}")
    for statement in statements:
        made.connection.execute(statement)
    page = build_page(made.connection, company, as_of=END)
    for table in tables:
        made.connection.execute(f"CREATE OR REPLACE TABLE books.{table} AS FROM kept_{table}")
    made.connection.execute("DELETE FROM reports.restatement")
    return page


def parsed(text: str) -> Decimal | None:
    """A figure as the page writes it; None for a blank."""
    if text in ("", "–"):
        return ZERO if text else None
    plain = re.sub(r"[(),]", "", text)
    return -Decimal(plain) if text.startswith("(") else Decimal(plain)


def of(statement: Statement, kind: str) -> Iterator[tuple[str, tuple[Decimal | None, ...]]]:
    return ((line.label, line.figures) for line in statement.lines if line.kind == kind)


def source_of(made: Made, company: str, day: date, method: str = "Accrual") -> Source:
    return read_source(made.connection, company, as_of=day, months=5, method=method)


@pytest.mark.parametrize("day", [END, MIDDLE])
def test_the_trial_balance_has_the_ledgers_balances_of_the_day(made: Made, day: date) -> None:
    for company, books in made.books.items():
        told = all_statements(source_of(made, company, day))["trial_balance"]
        until = [entry for entry in books.entries if entry.date <= day]
        first = made.fiscal_months[company]
        copied = type(books)(books.company, until, books.accounts, books.balances, books.world)
        expected = balances(copied, day.replace(day=1), first)
        found = {
            label: (debit or ZERO) - (credit or ZERO)
            for label, (debit, credit) in of(told, "account")
        }
        names = {account.id: account.full_name for account in books.accounts}
        assert found == {names[account]: amount for account, amount in expected.items()}


@pytest.mark.parametrize("day", [END, MIDDLE])
def test_the_net_income_is_that_of_the_ledger_in_each_statement(made: Made, day: date) -> None:
    for company, books in made.books.items():
        source = source_of(made, company, day)
        told = all_statements(source)
        kinds = {account.id: account.classification for account in books.accounts}
        expected = -sum(
            posting.amount
            for entry in books.entries
            for posting in entry.postings
            if source.months[0] <= entry.date <= day
            and kinds[posting.account_id] in ("Revenue", "Expense")
        )
        assert told["profit_and_loss"].totals["NetIncome"][-1] == expected
        assert told["cash_flow"].totals["NetIncome"][-1] == expected


def test_the_months_are_side_by_side_with_their_movements(made: Made, company: str) -> None:
    source = source_of(made, company, END)
    told = all_statements(source)["profit_and_loss"]
    assert told.columns == ("Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "May 2026", "Total")
    moved = movements(made.books[company])
    accounts = {each.id: each for each in made.books[company].accounts}
    for label, figures in of(told, "account"):
        (account,) = [
            each
            for each in accounts.values()
            if each.name == label
            and each.classification in ("Revenue", "Expense")
            and [abs(moved.get((m, each.id), ZERO)) for m in source.months]
            == [abs(amount or ZERO) for amount in figures[:-1]]
        ]
        sign = -1 if account.classification == "Revenue" else 1
        expected = [sign * moved.get((month, account.id), ZERO) for month in source.months]
        assert figures == (*expected, sum(expected))


@pytest.mark.parametrize("method", ["Accrual", "Cash"])
@pytest.mark.parametrize("day", [END, MIDDLE])
def test_subtotals_and_totals_sum_what_is_above_them(made: Made, day: date, method: str) -> None:
    for company in made.books:
        every = all_statements(source_of(made, company, day, method))
        for told in (every["profit_and_loss"], every["balance_sheet"], every["cash_flow"]):
            for at, line in enumerate(told.lines):
                if line.kind == "subtotal" or (line.kind == "total" and line.label in SECTIONS):
                    title = line.label.removeprefix("Total ")
                    begin = max(
                        i
                        for i in range(at)
                        if told.lines[i].label.lower() == title.lower()
                        and told.lines[i].level == line.level
                    )
                    parts = [x.figures for x in told.lines[begin:at] if x.kind == "account"]
                    sums = tuple(
                        sum(x or ZERO for x in column) for column in zip(*parts, strict=True)
                    )
                    assert sums == line.figures, line.label


SECTIONS = {"Total income", "Total expenses", "Total bank accounts", "Total accounts receivable"}


def test_the_agings_are_what_is_open_of_documents(made: Made, company: str) -> None:
    for day in (END, MIDDLE):
        told = all_statements(source_of(made, company, day))["ar_aging"]
        expected = sum(open_documents(made.books[company], day).values(), ZERO)
        assert told.totals["Total"][-1] == expected
        assert sum(x or ZERO for x in told.totals["Total"][:-1]) == expected


@pytest.mark.parametrize("day", [END, MIDDLE])
def test_the_page_agrees_in_itself_on_any_day_and_basis(made: Made, day: date) -> None:
    for company in made.books:
        for method, pairs in (("Accrual", 7), ("Cash", 4)):
            source = source_of(made, company, day, method)
            found = ties(source, all_statements(source))
            assert len(found) == pairs
            assert all(each.ours for each in found)
            assert [each.subject for each in found if each.difference] == []


def test_what_is_written_is_what_the_statements_say(made: Made, company: str, page: str) -> None:
    tables = Cells(page).tables
    source = read_source(made.connection, company, as_of=END)
    for told in all_statements(source).values():
        head, *rows = tables[told.title]
        assert head[1:] == list(told.columns)
        assert [row[0] for row in rows] == [line.label for line in told.lines]
        for row, line in zip(rows, told.lines, strict=True):
            assert tuple(map(parsed, row[1:])) == (line.figures or (None,) * len(told.columns))


def test_every_check_is_told_with_both_sides(made: Made, company: str, page: str) -> None:
    _, *rows = Cells(page).tables["Checks of the books"]
    assert len(rows) == len(checks())
    for row, check in zip(rows, checks().values(), strict=True):
        assert check.doc in row[0]
        ours, theirs, difference = (parsed(cell) or ZERO for cell in row[3:6])
        assert ours - theirs == difference
    entries = made.connection.execute(
        "SELECT count(DISTINCT (accounting_method, txn_type, txn_id)) FROM books.general_ledger"
        " WHERE _company = ? AND txn_date <= ?",
        [company, END],
    ).fetchone()
    told = {row[0]: row for row in rows}
    check = checks()["general_ledger.entries_balance"]
    row = told[f"General ledger: entries balance{check.doc}"]
    assert entries is not None
    assert row[1:3] == [f"{entries[0]:,}", "0"]
    assert row[6] == "✓ agrees"


def test_a_wrong_figure_is_told_in_red(page: str, spoiled: str) -> None:
    assert 'class="verdict bad"' not in page
    assert 'class="verdict bad"' in spoiled
    rows = {row[0]: row for row in Cells(spoiled).tables["Within this page"][1:]}
    differing = rows["Debits = credits of the trial balance"]
    assert differing[3:] == ["0.01", "✗ differs"]


def test_restatements_and_ledger_differences_are_listed(
    made: Made, company: str, spoiled: str
) -> None:
    (row,) = Cells(spoiled).tables["Restatements"][1:]
    assert row[:2] == ["Feb 2026", "General ledger"]
    assert row[3:] == ["100.00", "250.50", "150.50", "Invoice:7", "2026-04-02 to 2026-05-02"]
    held = made.connection.execute(
        "SELECT count(DISTINCT (txn_type, txn_id, txn_date, reason)) FROM books.ledger_difference"
        " WHERE _company = ? AND txn_date <= ?",
        [company, END],
    ).fetchone()
    assert held is not None
    listed = Cells(spoiled).tables["Document by document"][1:]
    assert 0 < len(listed) == min(held[0], MOST_DOCUMENTS)


def test_names_cannot_be_markup(spoiled: str) -> None:
    assert "<script" not in spoiled
    assert "<img" not in spoiled
    tables = Cells(spoiled).tables
    for title in ("Profit and loss", "Accounts receivable aging", "Accounts payable aging"):
        assert EVIL in [row[0] for row in tables[title]]
    assert spoiled.count(escape(f"{EVIL}: financial statements")) == 1


def test_the_page_asks_for_nothing_from_elsewhere(page: str) -> None:
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|https?:", page)
    assert "<script" not in page


def test_books_that_were_never_made_say_what_to_run() -> None:
    with duckdb.connect() as connection, pytest.raises(WarehouseError, match="job `books`"):
        build_page(connection, "1")


def test_books_of_another_version_say_what_to_run(made: Made, company: str) -> None:
    rename = "ALTER TABLE books.ar_aging RENAME COLUMN {} TO {}"
    made.connection.execute(rename.format("open_balance", "before"))
    try:
        with pytest.raises(WarehouseError, match=r"another version: .*open_balance"):
            build_page(made.connection, company, as_of=END)
    finally:
        made.connection.execute(rename.format("before", "open_balance"))


def test_what_cannot_be_told_is_refused(made: Made, company: str) -> None:
    with pytest.raises(WarehouseError, match="hold nothing of company 77: "):
        build_page(made.connection, "77")
    with pytest.raises(WarehouseError, match="hold no January 1, 1999"):
        build_page(made.connection, company, as_of=date(1999, 1, 1))
    with pytest.raises(ValueError, match="13 months were asked for"):
        build_page(made.connection, company, months=13)
    with pytest.raises(ValueError, match="no accounting method 'modified'"):
        build_page(made.connection, company, method="modified")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "–"),
        ("-0.00", "–"),
        ("1234567.8", "1,234,567.80"),
        ("-0.125", "(0.125)"),
        ("1E+3", "1,000.00"),
    ],
)
def test_figures_are_written_as_accountants_do(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text
