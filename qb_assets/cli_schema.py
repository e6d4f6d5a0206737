"""The commands `qb-assets schema …`: what the source has, the catalog says and the stores hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from qb_assets.terminal import console, entities_named, entity_named

if TYPE_CHECKING:
    from qb_assets.catalog import Entity
    from qb_assets.lake.store import Lake
    from qb_assets.normalized.stored import Stored
    from qb_assets.normalized.versions import Change

app = typer.Typer(
    help="The catalog's schema: what QuickBooks has beside it, and what was made by another one.",
    no_args_is_help=True,
)

Named = Annotated[
    list[str] | None, typer.Option("--entity", help="An entity, as Invoice. Repeatable.")
]


@app.command()
def diff(entity: Named = None) -> None:
    """Show what QuickBooks sends that the catalog lacks, and what was stored with another catalog.

    Example: qb-assets schema diff --entity Invoice
    """
    from qb_assets.normalized.stored import stored

    lake, chosen = _lake(), entities_named(entity)
    found = {each.name: stored(lake, each) for each in chosen}
    _print_drift(found)
    held = [
        (f"lake ({count:,} objects)", change)
        for each in found.values()
        for change, count in sorted(each.changes.items())
    ]
    in_warehouse, stale = _warehouse_changes(chosen), _warehouse_stale(chosen)
    _print_changes([*held, *(("warehouse", change) for change in in_warehouse)])
    outdated = sum(each.outdated for each in found.values())
    if outdated or stale or in_warehouse:
        drop = " --drop" if _losses(in_warehouse) else ""
        typer.echo(
            f"Made by another version of the schema: {outdated:,} objects of the lake, and in the"
            f" warehouse the tables of {', '.join(stale) or 'no entity'}. To make them anew from"
            f" raw, without a call to QuickBooks: qb-assets schema migrate{drop}"
        )
    elif not any(each.unmodeled for each in found.values()):
        typer.echo("QuickBooks, the catalog, the lake and the warehouse agree.")


@app.command()
def migrate(
    entity: Named = None,
    drop: Annotated[
        bool, typer.Option(help="Remove and retype columns of the warehouse, too.")
    ] = False,
) -> None:
    """Make normalized and warehouse tables anew from raw, without a call to QuickBooks.

    Columns that the catalog has gained are filled. Those that it has no more, or with another
    type, are only touched with --drop.

    Example: qb-assets schema migrate --entity Invoice --drop
    """
    from qb_assets.automation.rebuild import held_days

    lake, chosen = _lake(), entities_named(entity)
    losses = _losses(_warehouse_changes(chosen))
    if losses and not drop:
        _print_changes([("warehouse", change) for change in losses])
        typer.echo(
            "Columns would be removed or retyped: run it again with --drop if that is right."
        )
        raise typer.Exit(1)
    held = [each for each in chosen if held_days(lake, [each])]
    if not held:
        typer.echo("The lake holds nothing of it.")
        return
    if losses:
        _migrate_warehouse(held)
    failed = [c for c in sorted(held_days(lake, held)) if not _rebuild(lake, held, c)]
    if not failed:
        _stamp(held)
    raise typer.Exit(1 if failed else 0)


@app.command()
def promote(
    path: Annotated[str, typer.Argument(metavar="PATH", help="As in diff: Invoice.Foo.Bar")],
) -> None:
    """Declare a property that QuickBooks was seen to send, in the catalog's source.

    All below the path is declared, each value by the types it was seen with. Prints the change.

    Example: qb-assets schema promote Invoice.Line[].SalesItemLineDetail.Novelty
    """
    import qb_assets
    from qb_assets.catalog.promote import inferred
    from qb_assets.catalog.promote import promote as write
    from qb_assets.normalized.stored import stored

    name, _, rest = path.partition(".")
    of = entity_named(name)
    types: dict[str, set[str]] = {}
    for each in stored(_lake(), of).unmodeled:
        if each.path == rest or each.path.startswith((f"{rest}.", f"{rest}[]")):
            types.setdefault(f"{of.name}.{each.path}", set()).add(each.type)
    if not rest or not types:
        raise ValueError(f"Nothing that is undeclared was seen at {path}: qb-assets schema diff")
    seen = [inferred(each, found) for each, found in sorted(types.items())]
    tree = Path(qb_assets.__file__).resolve().parents[1]
    typer.echo(write(tree, of, seen))
    typer.echo(f"Next: qb-assets schema migrate --entity {of.name}")


@app.command()
def docs(
    write: Annotated[
        bool, typer.Option("--write", help="Make the pages anew; else they are only compared.")
    ] = False,
) -> None:
    """Compare the data dictionary in docs/data with the catalog, or write it.

    Without --write it ends with 1 if a page is not as the catalog says.

    Example: qb-assets schema docs --write
    """
    import qb_assets
    from qb_assets.definitions import defs
    from qb_assets.warehouse import dictionary

    folder = Path(qb_assets.__file__).resolve().parents[1] / "docs/data"
    if not folder.parent.is_dir():
        raise ValueError("The data dictionary is in the source tree: run this from a checkout.")
    wanted = dictionary.pages(defs.resolve_all_asset_specs())
    changed = (dictionary.write if write else dictionary.outdated)(folder, wanted)
    if changed:
        what = "Written" if write else "Not as the catalog says (qb-assets schema docs --write)"
        typer.echo(f"{what}: {', '.join(changed)}")
    else:
        typer.echo("The data dictionary is as the catalog says.")
    raise typer.Exit(1 if changed and not write else 0)


def _print_drift(found: dict[str, Stored]) -> None:
    table = Table(title="In QuickBooks, and not in the catalog", title_justify="left")
    for name in ("Path", "Type", "Count", "First seen", "Last seen", "Example"):
        table.add_column(name, overflow="fold", justify="right" if name == "Count" else "left")
    for entity, said in found.items():
        for each in said.unmodeled:
            times = [
                moment.isoformat(timespec="seconds") if moment else ""
                for moment in (each.first_seen, each.last_seen)
            ]
            path = f"{entity}.{each.path}"
            table.add_row(path, each.type, f"{each.count:,}", *times, each.example)
    if table.row_count:
        console().print(table)


def _print_changes(rows: Sequence[tuple[str, Change]]) -> None:
    table = Table(title="Stored with another catalog", title_justify="left")
    for name in ("Where", "Table", "Column", "Since", "Is", "Catalog"):
        table.add_column(name, overflow="fold")
    for where, each in rows:
        table.add_row(where, each.table, each.column, each.what, each.held, each.wanted)
    if rows:
        console().print(table)


def _losses(changes: Sequence[Change]) -> list[Change]:
    from qb_assets.normalized.versions import ADDED

    return [each for each in changes if each.what != ADDED]


def _lake() -> Lake:
    from qb_assets.lake.resource import LakeResource

    return LakeResource().open()


def _warehouse_changes(entities: Sequence[Entity]) -> list[Change]:
    """How the warehouse's columns differ; nothing where there is no warehouse yet."""
    from qb_assets.warehouse.resource import WarehouseResource
    from qb_assets.warehouse.versions import differences

    resource = WarehouseResource()
    if not resource.path().exists():
        return []
    with resource.get_connection() as connection:
        return [change for entity in entities for change in differences(connection, entity)]


def _warehouse_stale(entities: Sequence[Entity]) -> list[str]:
    """The entities whose tables in the warehouse are not known to be by today's version."""
    from qb_assets.normalized.versions import schema_version
    from qb_assets.warehouse.ddl import SCHEMA
    from qb_assets.warehouse.resource import WarehouseResource
    from qb_assets.warehouse.versions import columns_held, version_held

    resource = WarehouseResource()
    if not resource.path().exists():
        return []
    with resource.get_connection() as connection:
        return [
            entity.name
            for entity in entities
            if columns_held(connection, SCHEMA, [entity.table])
            and version_held(connection, entity) != schema_version(entity)
        ]


def _migrate_warehouse(entities: Sequence[Entity]) -> None:
    from qb_assets.warehouse.resource import WarehouseResource
    from qb_assets.warehouse.upkeep import transaction
    from qb_assets.warehouse.versions import migrate as migrate_tables

    with WarehouseResource().get_connection() as connection:
        for entity in entities:
            with transaction(connection):
                for each in migrate_tables(connection, entity):
                    typer.echo(f"warehouse: {each.table}.{each.column} was {each.what}")


def _stamp(entities: Sequence[Entity]) -> None:
    from qb_assets.warehouse.resource import WarehouseResource
    from qb_assets.warehouse.versions import stamp

    with WarehouseResource().get_connection() as connection:
        for entity in entities:
            stamp(connection, entity)


def _rebuild(lake: Lake, entities: Sequence[Entity], company: str) -> bool:
    """Makes all held days of a company anew, in one run; whether its steps succeeded."""
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.automation.rebuild import held_days, rebuild
    from qb_assets.definitions import calendar_from_environment, defs

    with open_instance() as instance, RunProgress(console()) as progress:
        outcome = rebuild(
            defs,
            instance,
            calendar_from_environment(),
            company,
            entities,
            held_days(lake, entities)[company],
            on_event=progress.on_event,
        )
    print_outcome(console(), outcome)
    return outcome.success
