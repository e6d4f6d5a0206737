"""What every story needs: the project with its webhook server, and a browser on its UI."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from playwright.sync_api import expect

from qb_assets.quickbooks.webhooks.places import FILE
from qb_assets_tests.quickbooks.webhooks import VERIFIER, server
from qb_assets_tests.ui.project import Project, running_project, today
from qb_assets_tests.ui.screens import Screens, open_browser

WIDTH, HEIGHT = 1440, 900
MONTH = 31
"""Days of the month that is backfilled; today is the last."""

PATIENCE = 180_000
RUN_PATIENCE = 1_200_000
"""Milliseconds, for a machine that has much else to do."""

ENDED = "^(Succeeded|Failed|Completed|Canceled)$"
"""What a backfill can have come to."""

LAYERS = 'group:"raw" or group:"normalized" or group:"warehouse"'


@dataclass(frozen=True)
class Stage:
    """The project that the stories are told on."""

    screens: Screens
    project: Project
    hook: str
    """Where the webhook server listens."""

    @property
    def today(self) -> date:
        """The last partition."""
        return self.project.start + timedelta(days=MONTH - 1)

    def records(self, entity: str) -> list[dict[str, Any]]:
        """What QuickBooks holds of an entity."""
        return msgspec.json.decode(self.project.sandbox.admin_bytes(f"records/{entity}"))

    def edit(self, entity: str, id: str, *, silent: bool = False, **fields: object) -> None:
        """Changes a record in QuickBooks; silently as one that nothing tells of."""
        change = {"entity": entity, "id": id, "silent": silent, "fields": fields}
        self.project.sandbox.admin("edit", change)

    def tell_of_changes(self) -> None:
        """From now on QuickBooks posts a notification of each change."""
        hook = {"url": self.hook, "verifier": VERIFIER}
        self.project.sandbox.admin("webhooks", hook)

    def value(self, question: str) -> object:
        """The one value that the warehouse answers; no run may be writing meanwhile."""
        file = self.project.folder / "warehouse.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            row = connection.execute(question).fetchone()
        return None if row is None else row[0]

    def launch_backfill(self, selection: str, days: str, partitions: int) -> str:
        """Launches a range of partitions of assets in the graph; gives the backfill's address."""
        screens = self.screens
        screens.graph(selection)
        launch = screens.materialize(days)
        screens.see(f"{partitions} partitions")
        screens.settled_picture("launch")
        expect(launch).to_have_text("Launch backfill")
        launch.click()
        screens.follow()
        screens.page.wait_for_url("**/runs/b/*")
        return screens.page.url

    def see_end_of_backfill(self, address: str) -> None:
        """Waits until the backfill is done, and sees that it was a single run."""
        page = self.screens.page
        page.goto(f"{address}?tab=runs")
        status = page.get_by_text("Status", exact=True).first.locator("xpath=following::*[1]")
        expect(status).to_have_text(re.compile(ENDED), timeout=RUN_PATIENCE)
        expect(status).to_have_text("Succeeded")
        expect(self.screens.runs()).to_have_count(1)


@contextmanager
def open_stage(folder: Path, pictures: Path, chromium: str) -> Generator[Stage, None, None]:
    """Starts everything that a person would have running, and a browser; stops it at the end."""
    start = today() - timedelta(days=MONTH - 1)
    with (
        running_project(folder, start=start) as project,
        server(str(folder / "tokens" / FILE)) as (hook, _),
        open_browser(chromium, WIDTH, HEIGHT) as page,
    ):
        expect.set_options(timeout=PATIENCE)
        page.set_default_timeout(PATIENCE)
        yield Stage(Screens(page, project, pictures), project, hook)
