"""The commands `qb-assets attachments …`: the files of attachments, on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from qb_assets.terminal import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qb_assets.automation.headless import Outcome

app = typer.Typer(
    help="The files of attachments: fetched on request, kept by their content.",
    no_args_is_help=True,
)

_SHOWN = ("attachable_id", "version", "state", "size", "content_type", "path", "reason")


@app.command()
def fetch(
    company: Annotated[str, typer.Option(help="The company's realm Id.")],
    max_mb: Annotated[
        float | None, typer.Option(help="The largest file, in megabytes (25 by default).")
    ] = None,
    types: Annotated[
        str | None, typer.Option(help="Allowed extensions, as pdf,jpg (documents and images).")
    ] = None,
) -> None:
    """Fetch the files of a company's attachments that are missing or changed, and check them.

    The attachables themselves come with every sync: materialize raw/attachable first. A file costs
    one metered call.

    Example: qb-assets attachments fetch --company 9341452000000000 --max-mb 10
    """
    from qb_assets.attachments.assets import FetchFiles
    from qb_assets.automation.headless import fetch_attachments
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.definitions import defs

    asked = types.replace(",", " ").split() if types is not None else None
    config = FetchFiles(max_mb=max_mb, types=asked)
    config.limits()  # what makes no sense is said before a run begins
    terminal = console()
    with open_instance() as instance, RunProgress(terminal) as progress:
        outcome: Outcome = fetch_attachments(
            defs, instance, company, config, on_event=progress.on_event
        )
    print_outcome(terminal, outcome)
    raise typer.Exit(0 if outcome.clean else 1)


@app.command("list")
def list_(
    company: Annotated[str | None, typer.Option(help="The company's realm Id.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="kept, too_large, type_not_allowed, gone or failed. Repeatable."),
    ] = None,
) -> None:
    """List what became of the files of attachments; no names and no content.

    Example: qb-assets attachments list --state failed --state gone
    """
    from qb_assets.attachments.records import companies_held, latest_rows
    from qb_assets.lake.resource import LakeResource

    wanted = _states(state)
    lake = LakeResource().open()
    table = Table(title="Files of attachments", title_justify="left")
    for name in ("Company", *(each.replace("_", " ").capitalize() for each in _SHOWN)):
        table.add_column(name, overflow="fold")
    for each in [company] if company else companies_held(lake):
        for row in latest_rows(lake, each).values():
            if row["state"] in wanted:
                table.add_row(each, *(_shown(row[name]) for name in _SHOWN))
    if not table.rows:
        typer.echo("No files: fetch them with qb-assets attachments fetch --company REALM")
        return
    console().print(table)


def _states(asked: Sequence[str] | None) -> Sequence[str]:
    from qb_assets.attachments.records import STATES

    unknown = sorted(set(asked or ()) - set(STATES))
    if unknown:
        raise ValueError(f"--state {unknown[0]!r} is none of {', '.join(STATES)}.")
    return asked or STATES


def _shown(value: object) -> str:
    return "" if value is None else str(value)
