"""Ten days of a company in minutes; each morning the warehouse must be what QuickBooks has.

    python -m qb_assets_tests.ten_days [--days N] [--entities NAME,NAME] [--invoices N]

The daemon is off in the nights after days 4, 5 and 6, and QuickBooks refuses everything in the
night after day 8. Ends with 1 where a warehouse was wrong on a morning.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from qb_assets.catalog import ENTITIES
from qb_assets_tests.ten_days.story import story

ENTITY_NAMES = "Account,Customer,Vendor,Item,Term,Invoice,Payment,Bill,BillPayment,JournalEntry"
OFF = (4, 5, 6)
OUTAGES = (8,)


def main() -> int:
    """Lives the days, prints each morning, and returns 0 where all were right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--entities", default=ENTITY_NAMES, help="names, or `all`")
    parser.add_argument("--invoices", type=int, default=60)
    chosen = parser.parse_args()
    names = [*ENTITIES] if chosen.entities == "all" else chosen.entities.split(",")
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    good = True
    with (
        tempfile.TemporaryDirectory() as folder,
        story(Path(folder), names, chosen.days, invoices=chosen.invoices) as told,
    ):
        for morning in told.live(chosen.days, off=OFF, outages=OUTAGES):
            good = good and not morning.wrong
            verdict = f"{len(morning.wrong)} WRONG" if morning.wrong else "right"
            sys.stdout.write(f"{morning.day}: {verdict}; {', '.join(morning.told())}\n")
            sys.stdout.writelines(f"    {line}\n" for line in morning.wrong[:5])
            sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
