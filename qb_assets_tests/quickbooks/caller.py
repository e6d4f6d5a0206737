"""A process of callers for the tests of the shared throttle; tells when each call was made."""

import json
import os
import sys
import threading
import time

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.throttle import SharedThrottle
from qb_assets.quickbooks.traffic import Limits


def main() -> None:
    """Argument: the limits and the work in JSON, see `test_shared_throttle.Caller`."""
    work = json.loads(sys.argv[1])
    calls, in_flight, period = work["limits"]
    limits = Limits(int(calls), int(in_flight), 40, period)
    throttle = SharedThrottle(call_book(os.environ["QB_CALL_BOOK"]), "company", limits, lease=600)
    left = iter(range(int(work["calls"])))
    guard = threading.Lock()
    made: list[tuple[float, float]] = []

    def call() -> None:
        while time.monotonic() < until:
            with guard:
                if next(left, None) is None:
                    return
            with throttle.slot(timeout=60):
                begun = time.monotonic()
                time.sleep(work["seconds"])
                made.append((begun, time.monotonic()))

    tell([])
    sys.stdin.readline()
    until = time.monotonic() + work.get("until", 600)
    threads = [threading.Thread(target=call, daemon=True) for _ in range(int(work["threads"]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(made)


def tell(calls: list[tuple[float, float]]) -> None:
    """A line of JSON: none before it begins, all in the end."""
    sys.stdout.write(f"{json.dumps(calls)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
