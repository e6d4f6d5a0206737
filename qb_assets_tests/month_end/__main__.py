"""Ends a month: the runs that the schedule `month_end` asks for must tie, and tell of later edits.

    python -m qb_assets_tests.month_end [--invoices N] [--seed N]

A company closes its books of May. On the mornings of the first three days of June its days are
synced, and then the run of the schedule is executed. Somebody voids an invoice of May on the 2nd.
Prints each morning and what the run logged; ends with 1 where one was not as it must be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from qb_assets_tests.month_end.closing import Morning, closing


def main() -> int:
    """Lives the three mornings, and returns 0 where all were right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="qb-month-end-") as folder,
        closing(Path(folder), invoices=chosen.invoices, seed=chosen.seed) as company,
    ):
        wrong = _say("nothing has happened", company.morning(1))
        voided = company.void_an_invoice()
        wrong += _say(f"Invoice {voided} of May was voided", company.morning(2, voided))
        wrong += _say("nothing more has happened", company.morning(3))
    return 1 if wrong else 0


def _say(story: str, morning: Morning) -> int:
    """Prints a morning; gives how much was wrong."""
    verdict = "WRONG" if morning.wrong else "right"
    sys.stdout.write(f"{verdict}  {morning.day}, {story}: {morning.told()}\n")
    sys.stdout.writelines(f"    {line}\n" for line in (*morning.logged, *morning.wrong))
    sys.stdout.flush()
    return len(morning.wrong)


if __name__ == "__main__":
    sys.exit(main())
