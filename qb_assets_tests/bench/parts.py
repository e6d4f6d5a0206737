"""The parts of the bench: each runs its loads and gives a section of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qb_assets_tests.bench.bench import CHECKS, Bench
from qb_assets_tests.bench.report import usages


def load(bench: Bench) -> str:
    """Ours over the whole company in one run."""
    ours = [bench.ours(bench.invoices, checks) for checks in CHECKS]
    return usages(ours)


PARTS: Mapping[str, Callable[[Bench], str]] = {"load": load}
DEFAULT = ("load",)
FULL = ("load",)
