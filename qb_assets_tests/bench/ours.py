"""Loads by qb_assets, each in a home of its own: lake, warehouse, tokens, Dagster's storage."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from qb_assets_tests.bench.measure import Usage, measured, usual

_STARTS = 3


class Home:
    """A place to load into, connected to the sandbox; `first` is its first partition."""

    def __init__(self, folder: Path, sandbox: Mapping[str, str], first: date) -> None:
        self.folder = folder
        self._sandbox = sandbox
        self._first = first
        if not folder.exists():
            self._run("connect")

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    def start(self) -> Usage:
        """What Dagster and the project need to start, and a run of nothing."""
        return usual(_STARTS, lambda: self._run("start"))

    def load(self, checks: str, first: date, last: date) -> Usage:
        """One run over days, both included, with `every` check, `none` or `pandera`'s."""
        return self._run("load", checks, first.isoformat(), last.isoformat())

    def copy(self, folder: Path) -> Home:
        """Another home that holds the same."""
        shutil.copytree(self.folder, folder)
        return Home(folder, self._sandbox, self._first)

    def remove(self) -> None:
        """Free its disk."""
        shutil.rmtree(self.folder)

    def _run(self, *words: str) -> Usage:
        program = [sys.executable, "-m", "qb_assets_tests.bench.run", *words]
        environment = {
            **os.environ,
            **self._sandbox,
            "DAGSTER_HOME": str(self.folder / "home"),
            "QB_TOKEN_STORE": str(self.folder / "tokens"),
            "QB_LAKE_URL": (self.folder / "lake").as_uri(),
            "QB_WAREHOUSE_URL": f"duckdb:////{self.database}",
            "QB_START_DATE": self._first.isoformat(),
            "QB_REQUESTS_PER_MINUTE": "1000000",
        }
        return measured(program, environment)
