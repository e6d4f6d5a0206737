"""Ten thousand notifications on the real server, which is killed meanwhile; nothing may be lost.

    python -m qb_assets_tests.webhooks [NOTIFICATIONS] [--kills N] [--postgres URL] [--live]

Once in bodies of 50, once one by one, each over eight connections. Ends with 1 where one that was
answered 200 is not stored, or is stored twice, or where it went slower than ten thousand a minute.
With --live, a change in the sandbox also becomes a row of the warehouse, by Dagster's own daemon.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import psycopg

from qb_assets_tests.webhooks.live import seconds_until_it_arrives
from qb_assets_tests.webhooks.storm import Storm

PER_MINUTE = 10_000


def main() -> int:
    """Runs both storms, prints their figures, and returns 0 where nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notifications", nargs="?", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--postgres", help="an empty database to keep them in instead of a file")
    parser.add_argument("--live", action="store_true", help="also with Dagster's daemon; minutes")
    chosen = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for per_post in (50, 1):
            place = chosen.postgres or str(Path(folder) / f"{per_post}.db")
            storm = Storm(place, chosen.notifications, per_post=per_post, connections=8)
            outcome = storm.run(chosen.kills)
            fast = outcome.posted / outcome.seconds >= PER_MINUTE / 60
            good = good and outcome.kept and fast
            sys.stdout.write(f"{per_post} a POST: {outcome}\n")
            if chosen.postgres:
                with psycopg.connect(place) as db:
                    db.execute("DROP TABLE qb_webhook_notifications, qb_webhook_runs")
    if chosen.live:
        with tempfile.TemporaryDirectory() as folder:
            for what, seconds in seconds_until_it_arrives(Path(folder)).items():
                sys.stdout.write(f"live: {what} in QuickBooks, {seconds:.0f} s later here\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
