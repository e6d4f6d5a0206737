"""Corrupts a company at random, one row at a time, and says which checks saw it.

Half of the corruptions are rows of the warehouse, and half objects of the lake: normalized and raw
records, and snapshots of reports. Each is made in a copy of its own and known by its number:

python -m qb_assets_tests.mutations --count 200 --seed 1
python -m qb_assets_tests.mutations --seed 1 --only 17
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from qb_assets_tests.mutations.base import make_base
from qb_assets_tests.mutations.trial import Trial, look, trial

ASKS = ".amounts"
"""How the names of checks end that compare with what QuickBooks answers at that moment."""


@dataclass
class Told:
    """Counts of the trials of a place."""

    kinds: Counter[str] = field(default_factory=Counter[str])
    checks: Counter[str] = field(default_factory=Counter[str])
    caught: int = 0
    by_amounts_alone: int = 0


def main() -> int:
    """Runs the trials; gives 1 where a corruption was not seen or not named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many corruptions")
    parser.add_argument("--only", type=int, help="the number of the one to make")
    parser.add_argument("--seed", type=int, default=1, help="of the company and of the corruptions")
    parser.add_argument("--invoices", type=int, default=60, help="the company's size")
    parser.add_argument("--processes", type=int, default=2, help="how many work at once")
    asked = parser.parse_args()
    numbers = range(asked.count) if asked.only is None else [asked.only]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        base = make_base(home / "base", asked.invoices, 300, 4, asked.seed)
        untouched = look(base, home / "untouched")
        work = partial(trial, base, untouched, home, asked.seed)
        pool = ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn"))
        with pool:
            trials: list[Trial] = []
            for each in pool.map(work, numbers):
                trials.append(each)
                if not each.naming:
                    told = "not named" if each.red else "not seen"
                    _say(f"{told}: {each.number}, {each.corruption}", *sorted(each.red))
                elif asked.only is not None:
                    _say(f"{each.corruption}", *sorted(each.naming))
    return _tell(trials)


def _tell(trials: Sequence[Trial]) -> int:
    by_place: dict[str, Told] = {}
    for each in trials:
        told = by_place.setdefault(each.corruption.place, Told())
        told.kinds[f"{each.corruption.target.kind} in {each.corruption.target.layer}"] += 1
        told.checks.update(each.naming)
        told.caught += bool(each.naming)
        told.by_amounts_alone += bool(each.naming) and all(n.endswith(ASKS) for n in each.naming)
    for place, told in sorted(by_place.items()):
        drawn = told.kinds.total()
        _say(
            f"{place}: {told.caught} of {drawn} caught and named,"
            f" {told.by_amounts_alone} of them by amounts that are asked of QuickBooks alone",
            *(f"{number:4} {name}" for name, number in sorted(told.kinds.items())),
            "named by",
            *(f"{number:4} {name}" for name, number in told.checks.most_common()),
        )
    caught = sum(told.caught for told in by_place.values())
    again = sum(each.moved_nothing for each in trials)
    seconds = sum(each.seconds for each in trials)
    _say(
        f"{caught} of {len(trials)} caught and named, {seconds:.0f} CPU seconds;"
        f" {again} that moved no money were drawn again"
    )
    return 0 if caught == len(trials) else 1


def _say(title: str, *lines: str) -> None:
    sys.stdout.write("\n    ".join([title, *lines]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
