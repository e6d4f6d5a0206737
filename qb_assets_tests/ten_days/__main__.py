"""Ten days of a company in minutes; each morning the warehouse must be what QuickBooks has.

    python -m qb_assets_tests.ten_days [--days N] [--entities NAME,NAME] [--invoices N]

The daemon is off in the nights after days 4, 5 and 6, and QuickBooks refuses everything in the
night after day 8. What Dagster logs is in a file of its own. Ends with 1 where a warehouse was
wrong on a morning; the folder with all there is, the log among it, is then kept.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path

from qb_assets.catalog import ENTITIES
from qb_assets_tests.ten_days.story import story

ENTITY_NAMES = "Account,Customer,Vendor,Item,Term,Invoice,Payment,Bill,BillPayment,JournalEntry"
OFF = (4, 5, 6)
OUTAGES = (8,)
LOG = "dagster.log"


def main() -> int:
    """Lives the days, prints each morning, and returns 0 where all were right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--entities", default=ENTITY_NAMES, help="names, or `all`")
    parser.add_argument("--invoices", type=int, default=60)
    chosen = parser.parse_args()
    names = [*ENTITIES] if chosen.entities == "all" else chosen.entities.split(",")
    folder = Path(tempfile.mkdtemp(prefix="qb-ten-days-"))
    sys.stdout.write(f"Dagster's log: {folder / LOG}\n")
    sys.stdout.flush()
    with (folder / LOG).open("w", encoding="utf-8") as log, redirect_stderr(log):
        good = _lived(folder, names, chosen.days, chosen.invoices)
    if good:
        shutil.rmtree(folder)
    return 0 if good else 1


def _lived(folder: Path, names: Sequence[str], days: int, invoices: int) -> bool:
    """Prints each morning; whether all were right."""
    good = True
    with story(folder, names, days, invoices=invoices) as told:
        for morning in told.live(days, off=OFF, outages=OUTAGES):
            good = good and not morning.wrong
            verdict = f"{len(morning.wrong)} WRONG" if morning.wrong else "right"
            sys.stdout.write(f"{morning.day}: {verdict}; {', '.join(morning.told())}\n")
            sys.stdout.writelines(f"    {line}\n" for line in morning.wrong[:5])
            sys.stdout.flush()
    return good


if __name__ == "__main__":
    sys.exit(main())
