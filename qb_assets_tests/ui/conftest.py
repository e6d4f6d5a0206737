"""One running project with a browser on it, for all tests of the UI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qb_assets_tests.ui.project import Project, running_project
from qb_assets_tests.ui.screens import Screens, chromium, open_browser


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Started once; the skip comes first, so that nothing is started for nothing."""
    _chromium()
    with running_project(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def screens(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screens]:
    """The project's UI; its pictures are kept where UI_PICTURES says."""
    named = os.environ.get("UI_PICTURES")
    pictures = Path(named) if named else tmp_path_factory.mktemp("pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    with open_browser(_chromium()) as page:
        yield Screens(page, project, pictures)


def _chromium() -> str:
    found = chromium()
    if found is None:
        pytest.skip("there is no Chromium: install it, or name it in the variable CHROMIUM")
    return found
