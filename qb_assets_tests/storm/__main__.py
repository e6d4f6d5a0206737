"""Bad weather for a company's fetches, and kills for its runs; prints what came of it.

    python -m qb_assets_tests.storm --seeds 50       a company of some 20,000 records, edited
                                                     meanwhile, in seeded storms of faults
    python -m qb_assets_tests.storm --kills 100      runs that are killed, and run again

Exits with 1 where anything was lost, doubled, half written or otherwise not true.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from qb_assets_tests.storm.fetches import Report, storm
from qb_assets_tests.storm.kills import kill_and_rerun


def main() -> int:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--invoices", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    begun = time.monotonic()
    wrong = 0
    if asked.seeds:
        seeds = range(asked.first, asked.first + asked.seeds)
        wrong += _storms(seeds, asked.invoices or 10_500, asked.workers)
    if asked.kills:
        wrong += _kills(asked.kills, asked.invoices or 300, asked.workers)
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


def _storms(seeds: range, invoices: int, workers: int) -> int:
    struck: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    wrong = truths = 0
    with ProcessPoolExecutor(workers) as pool:
        for report in pool.map(partial(storm, invoices=invoices), seeds):
            _say(report)
            struck += report.struck
            failures += report.failures
            truths += report.truths
            wrong += len(report.wrong)
    print(f"faults that struck: {struck.total():,} of {len(struck)} kinds: {dict(struck)}")
    print(f"fetches in a storm that ended with the exact truth: {truths}")
    print(f"with a typed error, and the truth by a rerun: {failures.total()} {dict(failures)}")
    print(f"not true: {wrong}")
    return wrong


def _kills(kills: int, invoices: int, workers: int) -> int:
    outcome = kill_and_rerun(kills, invoices=invoices, workers=workers)
    print(f"killed: {outcome.killed}, ended before: {outcome.too_late}")
    print(f"not true after the rerun: {len(outcome.wrong)}")
    for each in outcome.wrong[:20]:
        print(f"  {each}")
    return len(outcome.wrong)


def _say(report: Report) -> None:
    rates = ", ".join(f"{name} {rate:.0%}" for name, rate in report.faults.items())
    print(
        f"seed {report.seed}: {report.truths} true, {report.failures.total()} typed failures,"
        f" {len(report.wrong)} wrong ({rates})",
        flush=True,
    )
    for each in report.wrong[:10]:
        print(f"  {each}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
