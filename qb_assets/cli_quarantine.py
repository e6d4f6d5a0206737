"""The commands `qb-assets quarantine …`: what stepped aside, why, and what becomes of it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from qb_assets.terminal import console, entities_named, entity_named

if TYPE_CHECKING:
    from qb_assets.catalog import Entity
    from qb_assets.lake.store import Lake
    from qb_assets.normalized.quarantine import Aside, Waiting

app = typer.Typer(
    help="Records that no table can hold: they are kept aside, with the reason.",
    no_args_is_help=True,
)

Named = Annotated[
    list[str] | None, typer.Option("--entity", help="An entity, as Invoice. Repeatable.")
]
Company = Annotated[str | None, typer.Option(help="The company's realm Id.")]
EntityName = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity, as Invoice.")]
RecordId = Annotated[str, typer.Argument(metavar="ID", help="The Id, as `quarantine list` has it.")]


@app.command("list")
def list_(
    entity: Named = None,
    company: Company = None,
    every: Annotated[bool, typer.Option("--all", help="Those that were accepted, too.")] = False,
) -> None:
    """List the records that are aside: whose they are, why and since when; no values.

    Example: qb-assets quarantine list --entity Invoice
    """
    lake = _lake()
    table = Table(title="In quarantine", title_justify="left")
    for name in ("Entity", "Company", "Id", "Day", "Reason", "Since", "State", "Object"):
        table.add_column(name, overflow="fold")
    rows = 0
    for found in _looked(lake, entities_named(entity), company):
        accepted = found.accepted() if every else []
        for each in (*found.left(), *accepted):
            state = "accepted" if each in accepted else "waits"
            table.add_row(*_row(each, state))
            rows += 1
    if not rows:
        typer.echo("Nothing is in quarantine.")
        return
    console().print(table)
    typer.echo(
        "See one: qb-assets quarantine show ENTITY ID. After a change of the catalog:"
        " qb-assets quarantine retry. To leave one aside: qb-assets quarantine accept ENTITY ID"
        " --company REALM --reason TEXT"
    )


@app.command()
def show(entity: EntityName, identity: RecordId, company: Company = None) -> None:
    """Print the exact JSON of a record that is aside, with all that it says.

    Example: qb-assets quarantine show Invoice 145
    """
    typer.echo(_one(_lake(), entity_named(entity), identity, company).payload)


@app.command()
def accept(
    entity: EntityName,
    identity: RecordId,
    company: Annotated[str, typer.Option(help="The company's realm Id.")],
    reason: Annotated[str, typer.Option(help="Why it may stay aside; kept in the lake.")],
) -> None:
    """Say that a record may stay aside as it is, so that the check is green.

    A version that QuickBooks sends later is not covered.

    Example: qb-assets quarantine accept Invoice 145 --company 9341452000000000 --reason "a test"
    """
    from qb_assets.normalized.quarantine import accept as record

    if not reason.strip():
        raise ValueError("--reason is empty: say why the record may stay aside.")
    lake, of = _lake(), entity_named(entity)
    aside = _one(lake, of, identity, company)
    new = record(lake, aside, reason=reason.strip(), by=_user(), at=datetime.now(timezone.utc))
    said = "Accepted" if new else "It was accepted before:"
    typer.echo(
        f"{said} {aside.entity} {aside.id} of company {aside.company} ({aside.reason}). The check"
        f" turns green when it runs: qb-assets check --select normalized/{of.table}"
    )


@app.command()
def retry(entity: Named = None, company: Company = None) -> None:
    """Read the records that are aside again from raw, after a change of the catalog.

    Makes their days of the normalized layer and the warehouse anew, without a call to QuickBooks;
    ends with 1 if a record is still aside.

    Example: qb-assets quarantine retry --entity Invoice
    """
    lake = _lake()
    chosen = entities_named(entity)
    before = [each for found in _looked(lake, chosen, company) for each in found.left()]
    if not before:
        typer.echo("Nothing waits in quarantine.")
        return
    clean = _rebuild(before)
    left = {
        (each.entity, each.company, each.version)
        for found in _looked(lake, chosen, company)
        for each in found.left()
    }
    for each in before:
        stays = (each.entity, each.company, each.version) in left
        what = f"still aside: {each.reason}" if stays else "landed"
        typer.echo(f"{each.entity} {each.id} of company {each.company}, {each.day}: {what}")
    raise typer.Exit(0 if clean and not left else 1)


def _rebuild(asides: Sequence[Aside]) -> bool:
    """Makes the days of records anew, one run a company; whether nothing but checks was red."""
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.automation.rebuild import rebuild
    from qb_assets.definitions import calendar_from_environment, defs

    clean = True
    for company in sorted({each.company for each in asides}):
        of_company = [each for each in asides if each.company == company]
        with open_instance() as instance, RunProgress(console()) as progress:
            outcome = rebuild(
                defs,
                instance,
                calendar_from_environment(),
                company,
                [entity_named(name) for name in sorted({each.entity for each in of_company})],
                [each.day for each in of_company],
                on_event=progress.on_event,
            )
        print_outcome(console(), outcome)
        clean = clean and outcome.success
    return clean


def _lake() -> Lake:
    from qb_assets.lake.resource import LakeResource

    return LakeResource().open()


def _looked(lake: Lake, entities: Sequence[Entity], company: str | None) -> Iterator[Waiting]:
    from qb_assets.normalized.quarantine import companies_aside, waiting

    for entity, of in companies_aside(lake, entities):
        if company in (None, of):
            yield waiting(lake, entity, of)


def _one(lake: Lake, entity: Entity, identity: str, company: str | None) -> Aside:
    """The version of a record that is aside. Raises ValueError where none or several are."""
    found = [
        each
        for looked in _looked(lake, [entity], company)
        for each in (*looked.left(), *looked.accepted())
        if each.id == identity
    ]
    if len(found) == 1:
        return found[0]
    if found:
        companies = ", ".join(each.company for each in found)
        raise ValueError(
            f"{entity.name} {identity} is in quarantine for several companies: add --company with"
            f" one of {companies}."
        )
    of = f" of company {company}" if company else ""
    raise ValueError(
        f"No {entity.name} {identity}{of} is in quarantine: qb-assets quarantine list --all"
    )


def _row(aside: Aside, state: str) -> tuple[str, ...]:
    return (
        aside.entity,
        aside.company,
        aside.id,
        aside.day.isoformat(),
        aside.reason,
        aside.extracted_at.isoformat(timespec="seconds"),
        state,
        aside.raw_object,
    )


def _user() -> str:
    """Who runs the command, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
