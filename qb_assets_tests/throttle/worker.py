"""A process that reads a company without a rest, by the settings of its environment."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path

import msgspec

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore

THREADS = 5


def main() -> None:
    """Arguments: the token folder, the realm, and for how many seconds to begin reading."""
    folder, realm, seconds = sys.argv[1:]
    client = QuickBooksClient(Settings.from_environment(), FileTokenStore(Path(folder)), realm)
    until = time.monotonic() + float(seconds)
    errors: Counter[str] = Counter()
    invoice, bill = ENTITIES["Invoice"], ENTITIES["Bill"]

    def read() -> None:
        for number in count():
            if time.monotonic() > until:
                return
            try:
                if number % 25 == 24:
                    client.counts([(invoice, None), (bill, None)])  # a batch
                elif number % 3:
                    client.count(invoice)
                else:
                    client.read(bill, "1")
            except QuickBooksError as error:
                errors[type(error).__name__] += 1

    threads = [threading.Thread(target=read) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = client.usage.snapshot().total
    told = {"sent": total.sent, "errors": total.errors, "raised": errors, "waited": total.waited}
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main()
