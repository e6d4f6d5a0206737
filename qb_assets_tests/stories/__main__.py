"""Walks the stories of the product in a browser, on a live instance with its daemon.

    python -m qb_assets_tests.stories
    python -m qb_assets_tests.stories --pictures FOLDER

A local QuickBooks with a small company, Dagster's webserver and daemon, and the webhook server run
as they would for a person, who is Chromium (CHROMIUM names another than the one on PATH). Every
story ends with what must be seen; pictures are kept of each. Ends with 1 where one ended otherwise.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Error

from qb_assets_tests.stories.stage import Stage, open_stage
from qb_assets_tests.stories.told import STORIES, Story
from qb_assets_tests.ui.screens import chromium


def main(
    pictures: Annotated[Path | None, typer.Option(help="Folder to keep pictures in.")] = None,
) -> None:
    """Walk all stories, and print how each ended."""
    browser = chromium()
    if browser is None:
        sys.exit("there is no Chromium: install it, or name it in the variable CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="qb_assets-") as folder:
        home = Path(folder, "home")
        kept = pictures or Path(folder, "pictures")
        for each in (home, kept):
            each.mkdir(parents=True, exist_ok=True)
        with open_stage(home, kept, browser) as stage:
            wrong = sum(not _ends_right(story, stage) for story in STORIES)
    typer.echo(f"{len(STORIES) - wrong} of {len(STORIES)} stories ended right")
    sys.exit(1 if wrong else 0)


def _ends_right(story: Story, stage: Stage) -> bool:
    """Walks a story and prints how it ended; the others are walked all the same."""
    begun = time.monotonic()
    try:
        story(stage)
        against = ""
    except (AssertionError, Error) as error:
        against = str(error)
        stage.screens.picture(f"wrong-{story.__name__}")
    title = story.__name__.replace("_", " ")
    typer.echo(f"{'WRONG' if against else 'right'}  {title} ({time.monotonic() - begun:.0f} s)")
    if against:
        typer.echo(against)
    return not against


if __name__ == "__main__":
    typer.run(main)
