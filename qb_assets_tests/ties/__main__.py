"""Proves that the books tie to QuickBooks' own reports, to the cent, in every month.

    python -m qb_assets_tests.ties
    python -m qb_assets_tests.ties --companies 20 --from-seed 300 --documents 50 500 --whole 2

A seed draws a company: its size, currencies, accounts, taxes, fiscal year, voids, deletes and late
edits. Its documents go through the product's parser into a warehouse, so do the reports that the
sandbox makes of its own ledger, and the books are made of them. Every statement, aging and balance
of each month is compared, and the postings derived from documents with the recorded ones. A company
that does not tie is made smaller for as long as it does not, and shown. `--whole` companies go
through a sandbox in a process of its own, and through runs of Dagster, instead. Ends with 1 where
anything differs.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from qb_assets_tests.ties.case import Case
from qb_assets_tests.ties.comparison import Difference
from qb_assets_tests.ties.concerned import concerned
from qb_assets_tests.ties.made import Company
from qb_assets_tests.ties.proof import Proof, prove
from qb_assets_tests.ties.shrink import shrunk
from qb_assets_tests.ties.whole import prove_whole

TOGETHER = 4_000
"""How many documents of different companies are put into one warehouse, at most."""

SHOWN = 12
"""Differences that are shown of a company."""


def batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Companies that fit into one warehouse together."""
    batch: list[Case] = []
    for case in cases:
        if batch and sum(each.documents for each in [*batch, case]) > TOGETHER:
            yield batch
            batch = []
        batch.append(case)
    if batch:
        yield batch


def explain(proof: Proof, company: Company, tries: int) -> None:
    """Shows what does not tie, of the smallest company like this one that does not."""
    show(company, proof.of(company))
    kinds = {each.comparison for each in proof.of(company)}

    def differs(case: Case) -> bool:
        again = prove([case])
        return any(each.comparison in kinds for each in again.of(again.companies[0]))

    small = shrunk(company.case, differs, tries)
    if small != company.case:
        again = prove([small])
        made = again.companies[0]
        typer.echo(f"  as small as it gets: {small.text()} with {made.documents} documents")
        show(made, again.of(made))


def show(company: Company, found: Sequence[Difference]) -> None:
    """Shows differences with the transactions concerned."""
    for each in found[:SHOWN]:
        typer.echo(f"    {each.text()}")
        for line in concerned(company, dict(each.subject)):
            typer.echo(f"      {line}")
    if len(found) > SHOWN:
        typer.echo(f"    and {len(found) - SHOWN} more")


def main(
    companies: Annotated[int, typer.Option(help="How many companies.")] = 100,
    from_seed: Annotated[int, typer.Option(help="The seed of the first one.")] = 1,
    documents: Annotated[
        tuple[int, int], typer.Option(help="Of about how many documents, at least and at most.")
    ] = (50, 20_000),
    whole: Annotated[int, typer.Option(help="How many of them go through processes.")] = 0,
    tries: Annotated[int, typer.Option(help="Companies made to find the smallest one.")] = 60,
) -> None:
    """Make the companies, compare, and print what came of it."""
    cases = [Case.of(seed, *documents) for seed in range(from_seed, from_seed + companies)]
    figures: Counter[str] = Counter()
    wrong = held = 0
    started = time.process_time()
    for batch in [[case] for case in cases[:whole]] + list(batches(cases[whole:])):
        run = prove_whole if batch[0] in cases[:whole] else prove
        proof = run(batch)
        figures.update(proof.figures)
        held += proof.documents
        for company in proof.companies:
            found = proof.of(company)
            wrong += bool(found)
            typer.echo(f"{'TIES' if not found else 'DIFFERS'} {company.case.text()}")
            if found:
                told = Counter(each.comparison for each in found)
                typer.echo(f"  {dict(told)}")
                explain(proof, company, tries)
    typer.echo(f"{held:,} documents, {time.process_time() - started:.0f} CPU s; figures compared:")
    for name, count in sorted(figures.items()):
        typer.echo(f"  {name}: {count:,}")
    typer.echo(f"{companies - wrong} of {companies} companies tie")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    typer.run(main)
