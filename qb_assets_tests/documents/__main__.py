"""Proves that nothing is lost or altered between raw and normalized.

    python -m qb_assets_tests.documents
    python -m qb_assets_tests.documents --documents 50 --seed 7 --only Invoice --only Bill

Of every entity, random documents made from Intuit's published types go from raw to normalized and
are compared leaf by leaf: once as QuickBooks answers them, once with unknown properties, nulls,
empty arrays, decimals of any size and values of other types; then one of each kind of document
with 10,000 lines. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from qb_assets.catalog import ENTITIES
from qb_assets_tests.documents.contract import ROOTS, properties
from qb_assets_tests.documents.trials import (
    Trial,
    answered,
    is_right,
    try_documents,
    try_long_document,
)

BATCH = 250
"""Documents that are landed together."""

LINES = 10_000


def main(
    documents: Annotated[int, typer.Option(help="Documents of each entity and kind.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the documents.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="An entity; all by default.")] = None,
) -> None:
    """Run the trials and print what came of them."""
    clean = True
    for entity in only or ENTITIES:
        for kind, trials in _trials(entity, documents, seed):
            made = sum(trial.documents for trial in trials)
            scalars = sum(trial.scalars for trial in trials)
            aside = sum(trial.quarantined for trial in trials)
            wrong = [each for trial in trials for each in trial.wrong]
            clean = clean and all(map(is_right, trials))
            typer.echo(
                f"{entity}, {kind}: {made} documents, {scalars:,} values the same, "
                f"{aside} set aside, {len(wrong)} wrong"
            )
            for each in wrong[:5]:
                typer.echo(f"  {each}")
    sys.exit(0 if clean else 1)


def _trials(entity: str, documents: int, seed: int) -> Iterator[tuple[str, list[Trial]]]:
    batches = [min(BATCH, documents - start) for start in range(0, documents, BATCH)]
    for kind, hostile in (("plain", False), ("hostile", True)):
        yield (
            kind,
            [
                try_documents(entity, count, seed * 1000 + number, hostile=hostile)
                for number, count in enumerate(batches)
            ],
        )
    if entity == "RecurringTransaction" or _has_lines(entity):
        yield "long", [try_long_document(entity, LINES, seed)]


def _has_lines(entity: str) -> bool:
    return "Line" in properties(ROOTS.get(entity, entity)) and answered(f"{entity}.Line[]")


if __name__ == "__main__":
    typer.run(main)
