"""Corrupts a company's tables at random, one row at a time, and says which checks saw it.

python -m qb_assets_tests.mutations --count 200 --seed 1
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from qb_assets_tests.mutations.corruption import draw
from qb_assets_tests.mutations.trial import (
    corrupted,
    findings,
    make_company,
    money,
    opened,
    seen,
)


def main() -> int:
    """Runs the trials; gives 1 where a corruption was not seen or not named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many corruptions")
    parser.add_argument("--seed", type=int, default=1, help="of the company and of the corruptions")
    parser.add_argument("--invoices", type=int, default=60, help="the company's size")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base, copy = Path(folder) / "base.duckdb", Path(folder) / "copy.duckdb"
        make_company(base, asked.invoices, 300, 4, asked.seed)
        return _trials(base, copy, asked.count, random.Random(asked.seed))


def _trials(base: Path, copy: Path, count: int, dice: random.Random) -> int:
    started = time.process_time()
    with opened(base) as connection:
        before = findings(connection)
    untouched = money(base)
    caught, drawn, by_check = 0, 0, Counter[str]()
    kinds: Counter[str] = Counter()
    while caught < count and drawn < 3 * count:
        drawn += 1
        with opened(base) as connection:
            corruption = draw(connection, dice)
        new = corrupted(base, copy, [corruption]) - before
        if not new and corruption.target.kind in ("account", "date") and money(copy) == untouched:
            kinds["(moved no money, drawn again)"] += 1
            continue
        kinds[f"{corruption.target.kind} in {corruption.target.layer}"] += 1
        if not seen(corruption, new):
            told = "not named" if new else "not seen"
            _say(f"{told}: {corruption}", *sorted({each.check for each in new}))
            continue
        caught += 1
        by_check.update({each.check for each in new})
    _tell(kinds, by_check)
    tried = sum(kinds.values()) - kinds["(moved no money, drawn again)"]
    _say(f"{caught} of {tried} caught and named, {time.process_time() - started:.0f} CPU seconds")
    return 0 if caught == tried else 1


def _tell(kinds: Counter[str], by_check: Counter[str]) -> None:
    for title, counted in (("corruptions", kinds), ("caught by", by_check)):
        _say(f"{title}:", *(f"{number:4} {name}" for name, number in sorted(counted.items())))


def _say(title: str, *lines: str) -> None:
    sys.stdout.write("\n    ".join([title, *lines]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
