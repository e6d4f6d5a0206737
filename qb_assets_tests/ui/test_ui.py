"""What a person does in the Dagster UI, in a real browser on a real webserver and daemon.

The tests go on from each other as a morning's work does. A backfill of the company's invoices is
launched first, since the daemon takes its time, and looked at when it has run.
`UI_PICTURES=folder pytest qb_assets_tests/ui` keeps pictures of the screens. Those of the docs are
from `python -m qb_assets_tests.stories --pictures folder`, which walks the whole way.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from qb_assets_tests.ui.project import DAYS, INVOICES, Project
from qb_assets_tests.ui.screens import RUN_PATIENCE, Screens

LAYERS = ("raw", "normalized", "warehouse")


@pytest.fixture(scope="module")
def backfill(project: Project, screens: Screens) -> str:
    """All days of the invoices, launched from the graph; gives the address of the backfill."""
    screens.graph('tag:"entity"="invoice"')
    last = project.start + timedelta(days=DAYS)
    launch = screens.materialize(f"[{project.start}...{last}]")
    screens.see(f"{DAYS + 1} partitions")
    screens.picture("range")
    expect(launch).to_have_text("Launch backfill")
    launch.click()
    screens.follow()
    screens.page.wait_for_url("**/runs/b/*")
    return screens.page.url


def test_the_webserver_starts_without_a_warning(project: Project, screens: Screens) -> None:
    screens.graph()
    screens.see("warehouse")
    lines = project.log("dagster-webserver").splitlines()
    assert any("Serving dagster-webserver" in line for line in lines)
    assert not [line for line in lines if "INFO" not in line]


def test_a_range_of_days_is_launched_from_the_graph(backfill: str, screens: Screens) -> None:
    screens.page.goto(backfill)
    for key in ("raw / invoice", "normalized / invoice", "normalized / invoice_line"):
        screens.see(key)


def test_the_graph_shows_the_layers_from_left_to_right(screens: Screens) -> None:
    screens.graph()
    places: list[float] = []
    for layer in LAYERS:
        node = screens.page.locator("foreignObject").filter(has_text=re.compile(f"^{layer}"))
        expect(node.first).to_be_visible()
        box = node.first.bounding_box()
        assert box is not None
        places.append(box["x"])
    screens.picture("layers")
    assert places == sorted(set(places))


def test_an_assets_page_explains_it(screens: Screens) -> None:
    screens.asset("warehouse/invoice")
    page = screens.page
    expect(page.get_by_text("One invoice: a sale that the customer pays later.")).to_be_visible()
    for words in ("finance-data", "quickbooks.invoice", "DuckDB", "sync"):
        screens.see(words)
    page.get_by_placeholder("Filter columns").fill("txn_date")
    expect(page.get_by_role("cell").filter(has_text="txn_date").first).to_be_visible()
    screens.see("The day it is posted on. JSON: TxnDate")
    screens.picture("asset")


def test_a_day_of_a_company_is_a_run_that_succeeds(project: Project, screens: Screens) -> None:
    screens.graph('tag:"entity"="term"')
    launch = screens.materialize(str(project.start))
    screens.see("1 partition")
    screens.picture("day")
    expect(launch).to_have_text("Launch 1 run")
    launch.click()
    screens.follow()
    screens.see_end_of_run()
    screens.see(f"partition: {project.company}|{project.start}")
    screens.picture("day-run")
    screens.asset("warehouse/term", "Partitions")
    screens.see("Materialized (1)")
    screens.see(f"Missing ({DAYS})")


def test_a_range_of_days_is_one_run_that_succeeds(backfill: str, screens: Screens) -> None:
    page = screens.page
    page.goto(f"{backfill}?tab=runs")
    runs = screens.runs()
    expect(runs).to_have_count(1, timeout=RUN_PATIENCE)
    runs.click()
    screens.see_end_of_run()
    screens.see("27 assets")
    screens.picture("range-run")


def test_a_check_runs_by_itself(backfill: str, project: Project, screens: Screens) -> None:
    assert backfill
    screens.asset("warehouse/invoice", "Checks")
    screens.page.get_by_text("rows", exact=True).first.click()
    screens.see("The rows of Invoice are those that QuickBooks counts.")
    screens.button("Execute").last.click()
    screens.follow()
    screens.see_end_of_run()
    screens.see("rows on warehouse / invoice")
    run = screens.page.url.rpartition("/")[2]
    screens.asset("warehouse/invoice", "Checks")
    screens.page.get_by_text("rows", exact=True).first.click()
    expect(screens.page.locator(f"a[href*='{run}']").first).to_be_visible()
    screens.see("Passed")
    screens.see("QuickBooks and the warehouse have the same Invoice records.")
    row = screens.page.get_by_role("row").filter(has_text=project.company).last
    company, there, here, difference, _ = row.get_by_role("cell").all_inner_texts()
    screens.picture("check")
    assert (company, there, here, difference) == (
        project.company,
        str(INVOICES),
        str(INVOICES),
        "0",
    )


def test_the_lineage_of_an_entity_can_be_seen(backfill: str, screens: Screens) -> None:
    assert backfill
    screens.graph('key:"*/invoice" or key:"*/invoice_*line"', LAYERS)
    nodes = screens.page.locator("foreignObject")
    expect(nodes.get_by_text("100% filled")).to_have_count(9)
    expect(nodes.get_by_text(re.compile("/ . Passed"))).to_have_count(9)
    expect(nodes.get_by_text("4 / 4 Passed")).to_be_visible()
    screens.picture("asset-graph")


def test_the_backfill_is_complete_with_that_run(backfill: str, screens: Screens) -> None:
    screens.page.goto(f"{backfill}?tab=runs")
    status = screens.page.get_by_text("Status", exact=True).first.locator("xpath=following::*[1]")
    expect(status).to_have_text("Succeeded", timeout=RUN_PATIENCE)
    expect(screens.runs()).to_have_count(1)
    screens.picture("range-complete")
