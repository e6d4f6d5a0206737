"""Stops backfills at random moments, goes on as it was told to, and looks at what came of it.

    python -m qb_assets_tests.cancels [--cancels N] [--invoices N] [--seed N]

Each way has N backfills of an empty lake, against a local QuickBooks over HTTP: Ctrl+C to
`qb-assets materialize`, SIGTERM to it, and a run of Dagster's webserver that is terminated as in
the UI. Ends with 1 where anything is not as it must be: the run is known as cancelled, says how to
go on and holds nothing; the next one ends well, and the warehouse is what QuickBooks has.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from qb_assets_tests.cancels.backfills import Backfill, CommandBackfill, UiBackfill, deployment
from qb_assets_tests.cancels.proof import stop_and_go_on


def main() -> int:
    """Stops them all, prints a line of each, and returns 0 where nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cancels", type=int, default=4, help="of each way")
    parser.add_argument("--invoices", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    dice, good = Random(chosen.seed), True
    with (
        tempfile.TemporaryDirectory(prefix="qb-cancels-") as folder,
        deployment(Path(folder), chosen.invoices) as made,
    ):
        ways: dict[str, Backfill] = {
            "Ctrl+C": CommandBackfill(made, "SIGINT"),
            "SIGTERM": CommandBackfill(made, "SIGTERM"),
            "UI": UiBackfill(made),
        }
        for name, backfill in ways.items():
            made.clear()
            backfill.start()
            seconds = backfill.end()
            for _ in range(chosen.cancels):
                moment = dice.uniform(0.0, 1.0) * seconds
                wrong = stop_and_go_on(made, backfill, moment)
                good = good and not wrong
                verdict = "WRONG" if wrong else "right"
                sys.stdout.write(f"{verdict}  {name} after {moment:.1f} of {seconds:.1f} s\n")
                sys.stdout.writelines(f"    {line}\n" for line in wrong)
                sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
