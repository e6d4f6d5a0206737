"""The command `qb-assets compact`: many small objects of a partition become one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from qb_assets.terminal import console, entities_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qb_assets.catalog import Entity
    from qb_assets.lake.store import Lake
    from qb_assets.normalized.compaction import Compacted, Terms


def compact(
    older_than: Annotated[
        int, typer.Option(min=0, metavar="DAYS", help="Days ago that a day must be; 0: today, too.")
    ] = 7,
    at_least: Annotated[
        int, typer.Option(min=2, metavar="N", help="Small objects that a partition must have.")
    ] = 2,
    company: Annotated[str | None, typer.Option(help="The company's realm Id.")] = None,
    entity: Annotated[
        list[str] | None, typer.Option(help="An entity, as Invoice. Repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
) -> None:
    """Make one object of the many small ones that fetches left in a partition of the lake.

    It is compared with them row by row before they are removed. Asks QuickBooks nothing; the
    warehouse needs no load after it. It may be stopped, and run again, at any moment.

    Example: qb-assets compact --older-than 30 --dry-run
    """
    from qb_assets.automation.compaction import said_of, terms_of
    from qb_assets.catalog import ENTITIES
    from qb_assets.definitions import calendar_from_environment
    from qb_assets.lake.resource import LakeResource
    from qb_assets.normalized.compaction import compact as run

    lake = LakeResource().open()
    chosen = entities_named(entity) if entity else list(ENTITIES.values())
    terms = terms_of(calendar_from_environment(), older_than, at_least=at_least, company=company)
    if dry_run:
        _print_plan(lake, chosen, terms)
        return
    done = run(lake, chosen, terms, typer.echo)
    _print_done(done)
    typer.echo(said_of(done))


def _print_plan(lake: Lake, entities: Sequence[Entity], terms: Terms) -> None:
    from qb_assets.normalized.compaction import plan

    table = _table("Would be compacted", "Partitions", "Raw objects", "Would become", "Left over")
    totals: Counter[str] = Counter()
    for entity in entities:
        by_company: dict[str, Counter[str]] = {}
        for work in plan(lake, entity, terms):
            figures = Counter(partitions=1, small=work.small, become=work.become, left=work.left)
            by_company.setdefault(work.company, Counter()).update(figures)
        for company, figures in by_company.items():
            names = ("partitions", "small", "become", "left")
            table.add_row(entity.name, company, *(f"{figures[name]:,}" for name in names))
            totals += figures
    if not table.row_count:
        typer.echo(f"Nothing to compact until {terms.last_day}.")
        return
    console().print(table)
    typer.echo(
        f"{totals['small']:,} raw objects of {totals['partitions']:,} partitions until"
        f" {terms.last_day} would become {totals['become']:,}. Nothing was done."
    )


def _print_done(done: Sequence[Compacted]) -> None:
    table = _table("Compacted", "Partitions", "Raw objects", "Became", "Removed")
    for each in done:
        figures = (each.partitions, each.replaced, each.made, each.removed)
        table.add_row(each.entity, each.company, *(f"{figure:,}" for figure in figures))
    if done:
        console().print(table)


def _table(title: str, *figures: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("Entity", "Company"):
        table.add_column(name)
    for name in figures:
        table.add_column(name, justify="right")
    return table
