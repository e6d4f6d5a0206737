"""The page in a real browser, on the screen and on paper; the command; the assets' metadata."""

import re
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from qb_assets.books.page.figures import money
from qb_assets.books.page.source import read_source
from qb_assets.books.page.statements import profit_and_loss
from qb_assets.books.pictures import MONTHS, picture
from qb_assets.cli_report import report
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.ui.screens import chromium, open_browser

PAGES = re.compile(rb"/Type\s*/Page\b")
ACROSS = re.compile(rb"/MediaBox\s*\[0 0 (\d+)[\d.]* (\d+)[\d.]*\]")


@pytest.fixture(scope="module")
def warehouse(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books in a file, as the command reads them."""
    path = tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"
    made.connection.execute(f"ATTACH '{path}' AS kept; COPY FROM DATABASE memory TO kept")
    made.connection.execute("DETACH kept")
    return path


def command(*words: str, warehouse: Path, folder: Path) -> tuple[int, str, BaseException | None]:
    app = typer.Typer()
    app.command()(report)
    environment = {"QB_WAREHOUSE_URL": f"duckdb:///{warehouse}", "HOME": str(folder)}
    done = CliRunner().invoke(app, words, env=environment)
    return done.exit_code, done.output, done.exception


def test_the_command_writes_a_page_that_opens_and_prints(
    made: Made, warehouse: Path, tmp_path: Path
) -> None:
    executable = chromium()
    if executable is None:
        pytest.skip("there is no Chromium: install it, or name it in the variable CHROMIUM")
    company, file = list(made.books)[1], tmp_path / "page.html"
    words = ["--company", company, "--as-of", "2026-05-31", "--output", str(file)]
    code, output, error = command(*words, warehouse=warehouse, folder=tmp_path)
    assert (code, output, error) == (0, f"Written: {file}\n", None)
    with open_browser(executable) as page:
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.get_by_role("heading", name="Balance sheet").is_visible()
        assert page.get_by_role("img").count() == 2
        page.get_by_role("link", name="Trial balance").click()
        assert page.url.endswith("#trial-balance")
        for width in (1600, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        for paper in ("A4", "Letter"):
            printed = page.pdf(format=paper, prefer_css_page_size=True)
            assert len(PAGES.findall(printed)) >= 9
            sizes = {int(width) > int(height) for width, height in ACROSS.findall(printed)}
            assert sizes == {True, False}
        assert said == []
        assert asked == [file.as_uri()]


def test_the_command_says_what_is_amiss(made: Made, warehouse: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "none" / "warehouse.duckdb"
    code, _, error = command(warehouse=nowhere, folder=tmp_path)
    assert code == 1
    assert "There is no warehouse at" in str(error)
    assert not nowhere.exists()
    _, _, error = command(warehouse=warehouse, folder=tmp_path)
    assert str(error).endswith(", ".join(sorted(made.books)) + ".")
    _, _, error = command("--method", "modified", warehouse=warehouse, folder=tmp_path)
    assert str(error) == "There is no basis 'modified': it is accrual or cash."


def test_metadata_tells_accounts_and_never_a_person(made: Made) -> None:
    people = made.connection.execute(
        "SELECT display_name FROM quickbooks.customer WHERE length(display_name) > 5"
        " UNION SELECT display_name FROM quickbooks.vendor WHERE length(display_name) > 5"
    ).fetchall()
    assert len(people) > 30
    for model in (
        "ap_aging",
        "ar_aging",
        "balance_sheet",
        "cash_flow",
        "cash_position",
        "ledger_difference",
        "profit_and_loss",
        "trial_balance",
    ):
        drawn = picture(made.connection, model)
        assert drawn is not None
        assert all(f"**Company {company}**" in drawn for company in made.books)
        assert [name for (name,) in people if name in drawn] == []
        assert len(drawn) < 60_000
    assert picture(made.connection, "customer_360") is None


def test_a_statement_in_metadata_has_the_figures_of_the_page(made: Made) -> None:
    drawn = picture(made.connection, "profit_and_loss")
    assert drawn is not None
    for company in made.books:
        told = profit_and_loss(read_source(made.connection, company, months=MONTHS))
        figures = " | ".join(f"**{money(each)}**" for each in told.totals["NetIncome"])
        assert f"| **Net income** | {figures} |" in drawn
    assert drawn.count("(data:image/svg+xml;base64,") == len(made.books)


def test_there_is_no_picture_of_books_that_are_not_made() -> None:
    with duckdb.connect() as connection:
        assert picture(connection, "balance_sheet") is None
