"""Each day's books are what the history says of them; `python -m …history` does it at length."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.history.proof import begun, histories

ENTITIES = ["Payment", "Customer", "TimeActivity", "ExchangeRate"]
"""One of each kind: in change data capture and not, merged, and without an Id."""

DAYS = 5


def test_each_days_books_are_in_the_history(tmp_path: Path) -> None:
    settings = Settings(requests_per_minute=0, concurrent=0, batches_per_minute=0)
    with start(seed=3, invoices=30, settings=settings) as box:
        proof = begun(box, tmp_path, ENTITIES, seed=3, now=datetime.now(timezone.utc))
        first = proof.days[0]
        for n in range(1, DAYS + 1):
            proof.day(first + timedelta(days=n), 12)
        assert min(proof.editor.touched[entity] for entity in ENTITIES) > 0
        assert {"edit", "delete", "restore", "merge", "misreport"} <= proof.editor.done.keys()

        file = proof.load("in_order", proof.days)
        assert [proof.wrong(file, day) for day in proof.books] == [[] for _ in proof.books]
        assert proof.books[first] != proof.books[max(proof.books)]
        assert proof.load_into(file, proof.days) == 0
        assert histories(proof.load("in_another", proof.shuffled(3))) == histories(file)
