"""Statements and agings as Markdown, for the metadata of the assets in Dagster's UI.

They tell figures of accounts, and never of a customer or vendor. A chart is a picture whose address
is its own data, as the UI shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import duckdb

from qb_assets.books.page import balances, statements
from qb_assets.books.page.charts import as_image
from qb_assets.books.page.figures import money
from qb_assets.books.page.overview import cash_picture, income_picture
from qb_assets.books.page.reconciliation import ledger_differences
from qb_assets.books.page.source import Source, companies, of_this_version, read_source
from qb_assets.books.page.statement import Line, Statement
from qb_assets.warehouse.errors import WarehouseError

MONTHS = 4
"""Months side by side: as many as can be read in the UI without scrolling."""

MOST_COMPANIES = 5
"""Companies that are told of; the rest have `qb-assets report`."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")


def picture(connection: duckdb.DuckDBPyConnection, model: str) -> str | None:
    """A model as Markdown, a table a company; None for one that is no statement.

    None, too, while not all of the books are made by this version, or there is no company yet.
    """
    draw = _DRAWN.get(model)
    if draw is None:
        return None
    try:
        with of_this_version():
            return _drawn(connection, draw)
    except WarehouseError:
        return None


def _drawn(connection: duckdb.DuckDBPyConnection, draw: Callable[[Source], str]) -> str | None:
    every = companies(connection)
    parts: list[str] = []
    for company in every[:MOST_COMPANIES]:
        source = read_source(connection, company, months=MONTHS)
        parts.append(f"**Company {company}**, {source.as_of}, {_home(source)}\n\n{draw(source)}")
    if len(every) > MOST_COMPANIES:
        parts.append(f"{len(every) - MOST_COMPANIES} more companies: `qb-assets report --company`")
    return "\n\n".join(parts) or None


def markdown(told: Statement) -> str:
    """A statement as a table of Markdown."""
    rows = [f"| | {' | '.join(told.columns)} |", "|:--|" + "--:|" * len(told.columns)]
    rows += [_row(told, line) for line in told.lines]
    return "\n".join(rows)


def escaped(text: str) -> str:
    """Text in which nothing is markup, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _row(told: Statement, line: Line) -> str:
    strong = "" if line.kind in ("account", "subtotal") else "**"
    label = "\u2003" * line.level + f"{strong}{escaped(line.label)}{strong}"
    figures = line.figures or (None,) * len(told.columns)
    cells = [f"{strong}{money(each)}{strong}" if each is not None else "" for each in figures]
    return f"| {label} | {' | '.join(cells)} |"


def _home(source: Source) -> str:
    return f"{source.method.lower()} basis, {escaped(source.home_currency)}"


def _profit_and_loss(source: Source) -> str:
    told = statements.profit_and_loss(source)
    chart = as_image(income_picture(source, told))
    return f"{markdown(told)}\n\n![Income, expense and net by month]({chart})"


def _cash_position(source: Source) -> str:
    chart = as_image(cash_picture(source))
    return f"{markdown(balances.cash_accounts(source))}\n\n![Cash position]({chart})"


def _ledger_difference(source: Source) -> str:
    rows = [
        f"| {escaped(reason)} | {count:,} | {money(amount)} |"
        for reason, count, amount in ledger_differences(source).reasons
    ]
    if not rows:
        return "Documents and ledger agree, posting by posting."
    return "\n".join(["| Reason | Postings | Sum of differences |", "|:--|--:|--:|", *rows])


_DRAWN: Mapping[str, Callable[[Source], str]] = {
    "ap_aging": lambda source: markdown(balances.aging(source, "ap", by_account=True)),
    "ar_aging": lambda source: markdown(balances.aging(source, "ar", by_account=True)),
    "balance_sheet": lambda source: markdown(statements.balance_sheet(source)),
    "cash_flow": lambda source: markdown(statements.cash_flow(source)),
    "cash_position": _cash_position,
    "ledger_difference": _ledger_difference,
    "profit_and_loss": _profit_and_loss,
    "trial_balance": lambda source: markdown(statements.trial_balance(source)),
}
