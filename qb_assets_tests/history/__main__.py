"""Proves that the history gives each day's books back, for every entity.

    python -m qb_assets_tests.history
    python -m qb_assets_tests.history --days 90 --seed 7

Books are edited, voided, merged, deleted and restored day after day, and written down at the end of
each. All days are fetched and loaded, in order and in another one; then each day's books are
compared, value by value, with what the as-of macros say of that moment. Ends with 1 where anything
differs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

import typer

from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.history.proof import begun, histories, typed


def main(
    days: Annotated[int, typer.Option(help="Days on which the books are edited.")] = 30,
    edits: Annotated[int, typer.Option(help="Edits a day.")] = 40,
    invoices: Annotated[int, typer.Option(help="Invoices of the company at the start.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the company and of the edits.")] = 1,
) -> None:
    """Run the days, and print what came of them."""
    settings = Settings(requests_per_minute=0, concurrent=0, batches_per_minute=0)
    with (
        tempfile.TemporaryDirectory() as folder,
        start(seed=seed, invoices=invoices, settings=settings) as box,
    ):
        now = datetime.now(timezone.utc)
        proof = begun(box, Path(folder), typed(), seed=seed, now=now)
        first = proof.days[0]
        for n in range(1, days + 1):
            proof.day(first + timedelta(days=n), edits)
        typer.echo(f"{days} days: {dict(proof.editor.done)}")
        touched = {entity: proof.editor.touched[entity] for entity in proof.entities}
        typer.echo(f"writes: {touched}")
        started = time.process_time()
        file = proof.load("in_order", proof.days)
        typer.echo(f"loaded in {time.process_time() - started:.1f} CPU s")
        wrong = {day: proof.wrong(file, day) for day in proof.books}
        again = sum(proof.load_day(file, day) for day in proof.days)
        inherited = histories(file)
        same = histories(proof.load("in_another", proof.shuffled(seed))) == inherited
        rows = sum(map(len, inherited.values()))
        typer.echo(
            f"{len(proof.entities)} entities, {proof.records:,} records at first, {len(inherited)}"
            f" histories with {rows:,} rows; {again} written by loading again; days in another"
            f" order give {'the same' if same else 'OTHER HISTORIES'}"
        )
        for day, found in wrong.items():
            if found:
                typer.echo(f"{day}: {len(found)} differ, such as {found[:3]}")
        bad = sum(map(bool, wrong.values()))
        typer.echo(f"{len(wrong) - bad} of {len(wrong)} days are as they were written down")
    sys.exit(1 if bad or again or not same else 0)


if __name__ == "__main__":
    typer.run(main)
