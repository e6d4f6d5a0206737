"""The stories, in the order of a first morning; each goes on from the one before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import expect

from qb_assets_tests.stories.stage import LAYERS, MONTH, RUN_PATIENCE, Stage
from qb_assets_tests.ui.project import INVOICES

Story = Callable[[Stage], None]

IN_ORDER = ("quickbooks", "raw", "normalized", "warehouse", "books")
SAYS = {"profit_and_loss": "Net income", "balance_sheet": "Equity"}
"""The statements that are looked at, and a line of each."""

INVOICE = 'tag:"entity"="invoice"'
ON_THE_WAY = " or ".join(
    f'key:"{key}"'
    for key in (
        *("*/invoice", "*/invoice_line", "reports/general_ledger"),
        *("books/posting", "books/general_ledger", "books/ledger_month", "books/profit_and_loss"),
    )
)
"""From an invoice to the profit and loss."""

INVOICES_KEY = "warehouse/invoice"


def the_graph_is_opened(stage: Stage) -> None:
    """The layers lie from left to right, from QuickBooks to the books."""
    screens = stage.screens
    screens.graph()
    places: list[float] = []
    for layer in IN_ORDER:
        node = screens.page.locator("foreignObject").filter(has_text=re.compile(f"^{layer}"))
        expect(node.first).to_be_visible()
        box = node.first.bounding_box()
        assert box is not None
        places.append(box["x"])
    assert places == sorted(set(places)), places
    screens.see("reports")
    screens.settled_picture("layers")


def a_month_is_backfilled(stage: Stage) -> None:
    """All layers of a month, launched from the graph, are a single run that succeeds."""
    screens = stage.screens
    days = f"[{stage.project.start}...{stage.today}]"
    address = stage.launch_backfill(LAYERS, days, MONTH)
    stage.see_end_of_backfill(address)
    screens.page.goto(address)
    screens.see("raw / account")
    screens.settled_picture("backfill")
    screens.asset(INVOICES_KEY, "Partitions")
    screens.see(f"Materialized ({MONTH})")
    screens.see("Missing (0)")
    _open_day(stage, str(stage.today))
    screens.see("records_changed")
    screens.settled_picture("partitions")


def an_assets_page_is_read(stage: Stage) -> None:
    """The page tells of description, columns, rows, links, checks and where columns come from."""
    screens, page = stage.screens, stage.screens.page
    screens.asset(INVOICES_KEY)
    expect(page.get_by_text("One invoice: a sale that the customer pays later.")).to_be_visible()
    for words in ("finance-data", "quickbooks.invoice", "DuckDB", "sync", "Row count"):
        screens.see(words)
    screens.see(str(INVOICES))
    expect(page.get_by_role("link").filter(has_text="Open its declaration")).to_be_visible()
    page.get_by_text("Hide navigation").click()
    screens.settled_picture("asset")
    page.evaluate("localStorage.clear()")  # which knows that the navigation is hidden
    page.get_by_placeholder("Filter columns").fill("txn_date")
    screens.see("The day it is posted on. JSON: TxnDate")
    screens.asset(INVOICES_KEY, "Checks")
    for check in ("rows", "amounts", "history"):
        screens.see(check)
    screens.asset("raw/invoice")
    expect(page.get_by_role("link").filter(has_text="developer.intuit.com")).to_be_visible()
    screens.settled_picture("raw-asset")


def a_day_is_materialized(stage: Stage) -> None:
    """One day of one entity through all layers is one run that succeeds."""
    screens = stage.screens
    screens.graph(INVOICE)
    _run_day(stage, str(stage.today))
    screens.see(f"partition: {stage.project.company}|{stage.today}")
    screens.settled_picture("day")


def a_check_runs_on_demand(stage: Stage) -> None:
    """A check by itself asks QuickBooks anew and shows both figures."""
    _check(stage, "rows")
    _see_check(stage, INVOICES_KEY, "rows", "Passed")
    row = stage.screens.page.get_by_role("row").filter(has_text=stage.project.company).last
    company, there, here, difference, _ = row.get_by_role("cell").all_inner_texts()
    assert (company, there, here, difference) == (
        *(stage.project.company, str(INVOICES), str(INVOICES), "0"),
    )
    stage.screens.settled_picture("check")


def reports_and_books_are_made(stage: Stage) -> None:
    """QuickBooks' reports of two months and the books; a statement's page shows its figures."""
    screens = stage.screens
    first, last = stage.project.start.replace(day=1), stage.today.replace(day=1)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    address = stage.launch_backfill('group:"reports"', f"[{first}...{last}]", months)
    stage.see_end_of_backfill(address)
    screens.graph('group:"books"', ("books",))
    screens.button("Materialize").first.click()
    screens.follow()
    screens.see_end_of_run(RUN_PATIENCE)
    screens.settled_picture("books-run")
    for statement in SAYS:
        screens.asset(f"books/{statement}")
        rows = stage.value(f"SELECT count(*) FROM books.{statement}")
        assert rows, f"books.{statement} is empty"
        screens.see(f"books.{statement}")
        screens.see("Row count")
        screens.see(f"{rows:,}")
        screens.settled_picture(statement)
        screens.page.get_by_text("[Show Markdown]").first.click()
        expect(screens.page.get_by_role("dialog")).to_contain_text(
            SAYS[statement], ignore_case=True
        )
        screens.settled_picture(f"{statement}-figures")
        _see_check(stage, f"books/{statement}", "equals_report", "Passed")
        screens.settled_picture(f"{statement}-check")


def a_silent_change_turns_a_check_red(stage: Stage) -> None:
    """An amount that nothing told of is named by the check, and mended by the day's next run."""
    screens = stage.screens
    invoice = _old_invoice(stage)
    stage.edit("Invoice", invoice["Id"], silent=True, Balance=0.07)
    _check(stage, "amounts")
    _see_check(stage, INVOICES_KEY, "amounts", "Failed")
    screens.see("0.07")
    screens.settled_picture("red-check")
    screens.graph(INVOICE)
    _run_day(stage, str(stage.project.start))
    _check(stage, "amounts")
    _see_check(stage, INVOICES_KEY, "amounts", "Passed")
    screens.settled_picture("green-check")


def a_webhook_becomes_a_run(stage: Stage) -> None:
    """A change in QuickBooks is in the warehouse by a run that nobody launched."""
    screens = stage.screens
    customer = stage.records("Customer")[0]["Id"]
    stage.tell_of_changes()
    stage.edit("Customer", customer, DisplayName="Told by a webhook")
    screens.page.goto(f"{stage.project.url}/runs?q[0]=tag:dagster/sensor_name%3Dwebhooks")
    expect(screens.runs()).to_have_count(1, timeout=RUN_PATIENCE)
    screens.settled_picture("webhook-runs")
    screens.runs().click()
    screens.see_end_of_run(RUN_PATIENCE)
    screens.settled_picture("webhook-run")
    name = stage.value(f"SELECT display_name FROM quickbooks.customer WHERE id = '{customer}'")
    assert name == "Told by a webhook", name


def the_graph_shows_the_state(stage: Stage) -> None:
    """At the end the graph shows an entity's way with its rows, checks and partitions in green."""
    screens = stage.screens
    screens.graph()
    screens.see("warehouse")
    screens.settled_picture("graph")
    screens.graph('key:"*/invoice" or key:"*/invoice_*line"', ("raw", "normalized", "warehouse"))
    nodes = screens.page.locator("foreignObject")
    expect(nodes.get_by_text("100% filled")).to_have_count(9)
    expect(nodes.get_by_text(re.compile("/ . Passed"))).to_have_count(9)
    screens.settled_picture("entity")
    screens.page.get_by_text("Hide navigation").click()
    screens.graph(ON_THE_WAY, (*IN_ORDER[1:], "reports"))
    for name in ("posting", "ledger_month", "profit_and_loss"):
        screens.see(name)
    screens.settled_picture("asset-graph")


STORIES: Sequence[Story] = (
    the_graph_is_opened,
    a_month_is_backfilled,
    an_assets_page_is_read,
    a_day_is_materialized,
    a_check_runs_on_demand,
    reports_and_books_are_made,
    a_silent_change_turns_a_check_red,
    a_webhook_becomes_a_run,
    the_graph_shows_the_state,
)


def _old_invoice(stage: Stage) -> dict[str, Any]:
    """An invoice that is in the first partition, with everything older."""
    first = str(stage.project.start)
    old = [
        each
        for each in stage.records("Invoice")
        if each["MetaData"]["LastUpdatedTime"] < first and each["Balance"] > 1
    ]
    return old[0]


def _open_day(stage: Stage, day: str) -> None:
    """Chooses a day in the list of a table's partitions."""
    page = stage.screens.page
    page.get_by_text(day, exact=True).filter(visible=True).last.click()
    expect(page.get_by_text("No partition selected")).to_have_count(0)


def _run_day(stage: Stage, day: str) -> None:
    """Launches a day of what the graph shows, and sees its run succeed."""
    launch = stage.screens.materialize(day)
    stage.screens.see("1 partition")
    expect(launch).to_have_text("Launch 1 run")
    launch.click()
    stage.screens.follow()
    stage.screens.see_end_of_run(RUN_PATIENCE)


def _check(stage: Stage, name: str) -> None:
    """Executes one check of the invoices from their page, and stays on the page of its run."""
    screens = stage.screens
    _open_check(stage, INVOICES_KEY, name)
    screens.button("Execute").last.click()
    screens.follow()
    screens.see_end_of_run(RUN_PATIENCE)


def _see_check(stage: Stage, asset: str, name: str, outcome: str) -> None:
    """Goes to a check of an asset and sees what it came to."""
    _open_check(stage, asset, name)
    stage.screens.see(outcome)


def _open_check(stage: Stage, asset: str, name: str) -> None:
    stage.screens.asset(asset, "Checks")
    stage.screens.page.get_by_text(name, exact=True).first.click()
