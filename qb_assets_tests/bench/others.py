"""Loads by others: their scripts, run by an interpreter that has their packages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qb_assets_tests.bench.found import DLT, NAIVE, differences, figures
from qb_assets_tests.bench.measure import Usage, measured, usual
from qb_assets_tests.bench.report import Measured
from qb_assets_tests.bench.site import Site

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parents[1] / ".venv-bench" / "bin" / "python"
PACKAGES = HERE / "peers.txt"
_STARTS = 3


@dataclass(frozen=True, slots=True)
class Other:
    """A script in the folder `peers`, and the statements which count what it loaded."""

    name: str
    script: str
    statements: Mapping[str, str]

    def load(self, site: Site, folder: Path) -> Measured:
        """Load the whole company. Raises ChildFailed."""
        folder.mkdir()
        start = usual(_STARTS, lambda: self._run(folder / "start.duckdb", {"start": "only"}))
        database = folder / "loaded.duckdb"
        told = {
            "base_url": site.sandbox.base_url,
            "realm": site.sandbox.realm_id,
            "token": site.access_token(),
        }
        used = self._run(database, told)
        found = figures(database, self.statements)
        return Measured(self.name, used, start, differences(site.truth, found))

    def _run(self, database: Path, told: Mapping[str, str]) -> Usage:
        folder = str(database.with_suffix(""))
        environment = {**os.environ, "DLT_DATA_DIR": folder}
        words = [str(PYTHON), str(HERE / "peers" / self.script)]
        return measured(words, environment, {**told, "database": str(database), "folder": folder})


OTHERS: Mapping[str, Other] = {
    "naive": Other("requests + pandas", "naive.py", NAIVE),
    "dlt": Other("dlt", "dlt_pipeline.py", DLT),
}


def versions() -> dict[str, str]:
    """The exact versions of the packages the others use."""
    lines = PACKAGES.read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines if "==" in line)
