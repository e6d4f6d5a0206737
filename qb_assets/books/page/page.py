"""The whole page: one HTML text that needs nothing else to be read or printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from qb_assets.books.page import balances, statements
from qb_assets.books.page.charts import STYLE as CHART_STYLE
from qb_assets.books.page.figures import day, instant
from qb_assets.books.page.markup import Html, tag
from qb_assets.books.page.overview import overview, verdict
from qb_assets.books.page.proof import proof_sections
from qb_assets.books.page.reconciliation import proofs, ties
from qb_assets.books.page.source import MOST_MONTHS, Source, of_this_version, read_source
from qb_assets.books.page.statement import Statement
from qb_assets.books.page.tables import is_wide, statement_table

STYLE = Path(__file__).with_name("page.css")
"""How the page looks, on the screen and on paper."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is loaded from anywhere, and no script runs."""

_AGING_IS_ACCRUAL = (
    "What is open is told on the accrual basis, as in QuickBooks, whichever basis the page is on."
)


def build_page(
    connection: duckdb.DuckDBPyConnection,
    company: str,
    *,
    as_of: date | None = None,
    months: int = MOST_MONTHS,
    method: str = "Accrual",
) -> str:
    """The statements, agings and reconciliation of a company as one self-contained HTML page.

    The same warehouse gives the same page.

    Args:
        connection: to the warehouse, whose books are made.
        company: the realm Id.
        as_of: the last day that counts; else the last one of the books, but none after the day on
            which they were fetched.
        months: how many months side by side, up to that day; fewer where the books begin later.
        method: Accrual or Cash.

    Raises:
        WarehouseError: the books were never made, or hold nothing of the company or the day.
        ValueError: there is no such method, or too many or few months are asked for.
    """
    with of_this_version():
        source = read_source(connection, company, as_of=as_of, months=months, method=method)
        return _page(source)


def _page(source: Source) -> str:
    told = all_statements(source)
    tied, proven = ties(source, told), proofs(source)
    sections = [
        _section("profit-and-loss", told["profit_and_loss"], _period(source)),
        _section("balance-sheet", told["balance_sheet"], f"As of {day(source.as_of)}"),
        _section("cash-flow", told["cash_flow"], _period(source)),
        _section("trial-balance", told["trial_balance"], f"As of {day(source.as_of)}"),
        _aging(source, told["ar_aging"], "ar"),
        _aging(source, told["ap_aging"], "ap"),
        _cash(source, told["cash_position"]),
        *proof_sections(source, tied, proven),
    ]
    return _document(
        f"{source.name}: financial statements, {day(source.as_of)}",
        _header(source),
        verdict(tied, proven),
        overview(source, told),
        *sections,
        _footer(source),
    )


def all_statements(source: Source) -> dict[str, Statement]:
    """The statements of a page by the name of the model that each is made of."""
    return {
        "profit_and_loss": statements.profit_and_loss(source),
        "balance_sheet": statements.balance_sheet(source),
        "cash_flow": statements.cash_flow(source),
        "trial_balance": statements.trial_balance(source),
        "ar_aging": balances.aging(source, "ar"),
        "ap_aging": balances.aging(source, "ap"),
        "cash_position": balances.cash_accounts(source),
    }


def _document(title: str, *body: str) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", Html(STYLE.read_text() + CHART_STYLE.read_text())),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


def _header(source: Source) -> Html:
    currencies = f"All amounts in {source.home_currency}"
    if source.multi_currency:
        currencies += ", other currencies at the rates of their transactions"
    fetched = [f"Ledger fetched {instant(source.fetched_at)}"] if source.fetched_at else []
    facts = [
        f"{source.method} basis",
        currencies,
        *fetched,
        f"QuickBooks company {source.company}",
    ]
    return tag(
        "header",
        tag("p", "Financial statements", class_="kicker"),
        tag("h1", source.name),
        tag("p", _period(source), class_="period"),
        tag("ul", *(tag("li", fact) for fact in facts), class_="facts"),
    )


def _section(name: str, statement: Statement, when: str, *more: Html) -> Html:
    return tag(
        "section",
        _title(statement.title, when),
        statement_table(statement),
        *more,
        id=name,
        class_="wide" if is_wide(statement) else None,
    )


def _title(title: str, when: str) -> Html:
    return tag("div", tag("h2", title), tag("p", when), class_="title")


def _aging(source: Source, statement: Statement, side: balances.Side) -> Html:
    more: list[Html] = []
    if not statement.lines[:-1]:
        more.append(tag("p", "Nothing was open on that day.", class_="hint"))
    by_currency = balances.aging_by_currency(source, side)
    if by_currency:
        more += [tag("h3", "By currency"), statement_table(by_currency, "Currency")]
    if source.method == "Cash":
        more.append(tag("p", _AGING_IS_ACCRUAL, class_="hint"))
    first = "Customer" if side == "ar" else "Vendor"
    return tag(
        "section",
        _title(statement.title, f"As of {day(source.as_of)}, days past due"),
        statement_table(statement, first),
        *more,
        id=f"{side}-aging",
    )


def _cash(source: Source, statement: Statement) -> Html:
    more: list[Html] = []
    foreign = balances.foreign_balances(source)
    if foreign:
        more += [tag("h3", foreign.title), statement_table(foreign)]
    return _section("cash", statement, _period(source), *more)


def _period(source: Source) -> str:
    return f"{day(source.months[0])} to {day(source.as_of)}"


def _footer(source: Source) -> Html:
    notes = [
        "Figures in parentheses are negative, and a dash is zero. No figure is rounded.",
        "The ledger is QuickBooks' own, as its General Ledger report tells it.",
    ]
    if source.later:
        notes.append(f"What was posted after {day(source.as_of)} is left out.")
    return tag("footer", *(tag("p", note) for note in notes))
