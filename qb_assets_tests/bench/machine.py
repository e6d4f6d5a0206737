"""On what the bench ran, without naming the machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from qb_assets_tests.bench.others import versions

_OURS = ("dagster", "duckdb", "polars", "pyarrow", "pandera", "msgspec")
_THEIRS = ("pandas", "dlt", "duckdb", "pyarrow", "requests")


def machine() -> str:
    """Cores, how busy they were, Python and the versions of the packages that matter."""
    theirs = versions()
    return (
        f"{os.cpu_count()} cores of {platform.machine()}, load average {os.getloadavg()[0]:.1f}"
        f" when it ended; Python {platform.python_version()};"
        f" ours: {', '.join(f'{name} {version(name)}' for name in _OURS)};"
        f" the others: {', '.join(f'{name} {theirs[name]}' for name in _THEIRS)}."
    )
