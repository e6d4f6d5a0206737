"""Proves that compaction under concurrent reads and SIGKILL loses nothing and doubles nothing.

    python -m qb_assets_tests.compaction --kills 50          on a local folder
    python -m qb_assets_tests.compaction --kills 50 --s3     on a real S3 server

Two compactions at a time, a third process that normalizes, fetches that go on, and readers that
compare every row of every layer with what was fetched. Compactions are killed at random moments.
In the end the warehouse of the compacted lake is compared with that of the lake as it was fetched.
Ends with 1 where anything differs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets_tests.compaction.proof import Figures, Proof
from qb_assets_tests.compaction.workers import Open
from qb_assets_tests.servers import server_access


def main(
    kills: Annotated[int, typer.Option(help="Compactions that are killed.")] = 50,
    s3: Annotated[bool, typer.Option(help="On a real S3 server.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the books and of the kills.")] = 1,
) -> None:
    """Run it, and print what came of it."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if s3:
            server = SeaweedServer()
            server.start()
            try:
                figures = _proved(
                    ("s3://lake/compaction", server_access(server)), folder, kills, seed
                )
            finally:
                server.stop()
        else:
            figures = _proved((str(folder / "lake"), None), folder, kills, seed)
    typer.echo(
        f"{figures.kills} compactions killed, {figures.fetches} fetches meanwhile, in"
        f" {time.monotonic() - started:.0f} s. Readers looked {figures.looks:,} times at every row"
        f" of a day in all layers, and {figures.checks:,} times through the checks. Raw has"
        f" {figures.compacted} objects less than were fetched; {figures.unfinished} kills left"
        " something for another compaction to finish."
    )
    for each in figures.wrong[:20]:
        typer.echo(each)
    typer.echo(f"Lost, doubled or not the same: {len(figures.wrong)}")
    sys.exit(1 if figures.wrong else 0)


def _proved(lake: Open, folder: Path, kills: int, seed: int) -> Figures:
    return Proof(lake, folder, seed).run(kills)


if __name__ == "__main__":
    typer.run(main)
