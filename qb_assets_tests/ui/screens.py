"""Dagster's screens as a person uses them: what is clicked, typed and then seen."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, unquote

from playwright.sync_api import Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from qb_assets_tests.ui.project import Project

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTH, HEIGHT = 1600, 1000
PATIENCE = 30_000
RUN_PATIENCE = 90_000
"""Milliseconds. The daemon looks for new backfills every 30 s, and a run takes some 10 s."""

RUN_ID = re.compile("^[0-9a-f]{8}$")

POLL = 1_000
"""Milliseconds between two looks at whether the screen has come to rest."""

AT_REST = """() => {
    const words = document.body.innerText.replace(/[0-9]+/g, "");
    const still = words === window.wordsBefore;
    window.wordsBefore = words;
    const turning = document.getAnimations().some(
        (each) => each.effect.getTiming().iterations === Infinity);
    const told = /Launched run|Created backfill/.test(words);
    return still && !turning && !told;
}"""
"""In the browser: nothing turns, the note about a launch is gone, no word changes but a figure."""


def chromium() -> str | None:
    """The system's Chromium: the one that CHROMIUM names, else the one on PATH."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium")


@contextmanager
def open_browser(
    executable: str, width: int = WIDTH, height: int = HEIGHT
) -> Generator[Page, None, None]:
    """A new browser with nothing stored; it never leaves this machine."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


class Screens:
    """The UI of a project in a browser, and a folder for pictures of it."""

    def __init__(self, page: Page, project: Project, pictures: Path) -> None:
        self.page = page
        self._project = project
        self._pictures = pictures

    def picture(self, name: str) -> None:
        """Keeps what is on the screen now."""
        self.page.screenshot(path=self._pictures / f"{name}.png")

    def settled_picture(self, name: str) -> None:
        """Keeps what is on the screen when it has come to rest, or has had the time for it."""
        with suppress(PlaywrightTimeout):
            self.page.wait_for_function(AT_REST, polling=POLL, timeout=PATIENCE)
        self.picture(name)

    def graph(self, selection: str = "", expanded: tuple[str, ...] = ()) -> None:
        """The global asset graph; the selection is typed into its search box."""
        groups = ",".join(f"global@global:{group}" for group in expanded)
        self.page.goto(f"{self._project.url}/asset-groups?expanded={quote(groups)}")
        if selection:
            self.page.locator(".CodeMirror").first.click()
            self.page.keyboard.type(selection)
            self.page.keyboard.press("Enter")
            self.page.wait_for_url(lambda url: selection in unquote(url))

    def asset(self, key: str, tab: str = "Overview") -> None:
        """An asset's page and one of its tabs."""
        self.page.goto(f"{self._project.url}/assets/{key}")
        self.page.get_by_role("tab", name=tab).click()

    def materialize(self, days: str) -> Locator:
        """Fills in the dialog for what is selected; gives the button that launches.

        Args:
            days: as the dialog writes them, `2026-01-31` or `[2026-01-01...2026-01-31]`.
        """
        self.button("Materialize").first.click()
        dialog = self.page.get_by_role("dialog")
        field = dialog.get_by_placeholder("ex: ")
        field.wait_for()  # until the kinds of partitions are known, both look like the company's
        dialog.get_by_text("Select a partition or create one").click()
        self.page.locator("label").filter(has_text=self._project.company).click()
        dialog.get_by_text("Launch runs to materialize").click()
        launch = dialog.get_by_role("button").filter(has_text="Launch")
        for _ in range(60):  # the dialog empties the field when its partitions come in late
            field.fill(days)
            field.press("Tab")
            self.page.wait_for_timeout(1_000)
            if launch.is_enabled():
                break
        return launch

    def button(self, text: str) -> Locator:
        """Buttons whose words begin with this."""
        return self.page.get_by_role("button").filter(has_text=re.compile(f"^{re.escape(text)}"))

    def runs(self) -> Locator:
        """The links to runs."""
        return self.page.get_by_role("link").filter(has_text=RUN_ID)

    def follow(self) -> None:
        """Goes where the note about what was just launched points to."""
        self.page.get_by_role("link", name="View", exact=True).or_(
            self.button("View")
        ).first.click()
        self.page.mouse.move(0, 0)  # the note stays for as long as it is pointed at

    def see(self, text: str, *, patience: int | None = None) -> None:
        """Waits until these exact words are there to be read."""
        expect(self.page.get_by_text(text, exact=True).filter(visible=True).first).to_be_visible(
            timeout=patience
        )

    def see_end_of_run(self, patience: int = RUN_PATIENCE) -> None:
        """Waits on a run's page until the run has ended well, and fails as soon as it has not."""
        ended = self.page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first
        ended.wait_for(timeout=patience)
        expect(ended).to_have_text("Success")
