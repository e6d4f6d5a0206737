"""The command `qb-assets`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from qb_assets import (
    cli_attachments,
    cli_books,
    cli_compact,
    cli_doctor,
    cli_quarantine,
    cli_report,
    cli_schema,
    cli_webhooks,
    terminal,
)
from qb_assets.sandbox.__main__ import main as sandbox_command

if TYPE_CHECKING:
    from qb_assets.quickbooks.resource import QuickBooksResource

app = typer.Typer(
    help="QuickBooks Online into a lake and a warehouse, as Dagster assets that prove it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

FORMATS = ["%Y-%m-%d"]
Select = Annotated[
    list[str] | None,
    typer.Option(help="Assets, as in the UI: raw/invoice, group:raw, raw/bill+. Repeatable."),
]

app.command(
    "sandbox",
    help="Run a local QuickBooks Online to develop and test against.\n\n"
    "Example: qb-assets sandbox --port 8080 --invoices 500",
)(sandbox_command)
app.add_typer(cli_quarantine.app, name="quarantine")
app.add_typer(cli_schema.app, name="schema")
app.add_typer(cli_webhooks.app, name="webhooks")
app.add_typer(cli_attachments.app, name="attachments")
app.command("books")(cli_books.books)
app.command("report")(cli_report.report)
app.command("compact")(cli_compact.compact)
app.command("doctor")(cli_doctor.doctor)


@app.command()
def demo(
    invoices: Annotated[int, typer.Option(help="Invoices of the generated company.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the generated company.")] = 1,
    ui: Annotated[bool, typer.Option(help="Open the Dagster UI on the demo's data.")] = False,
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
) -> None:
    """Bring a generated company all the way, with every check, on this machine alone.

    Example: qb-assets demo --invoices 1000
    """
    from qb_assets.demo import open_ui, run_demo

    console = terminal.console()
    if ui:
        raise typer.Exit(open_ui(console, invoices=invoices, seed=seed, port=port))
    raise typer.Exit(0 if run_demo(console, invoices=invoices, seed=seed) else 1)


@app.command()
def connect(
    company: Annotated[str | None, typer.Option(help="The company's realm Id.")] = None,
    refresh_token: Annotated[
        str | None,
        typer.Option(
            metavar="-",
            help="A refresh token that is there already, read from the input, where no other "
            "program of this machine sees it.",
        ),
    ] = None,
) -> None:
    """Connect a company: in the browser, or with a refresh token.

    Example: qb-assets connect
    Example: qb-assets connect --company 9341452000000000 --refresh-token -
    """
    from qb_assets.automation.home import open_instance
    from qb_assets.partitions import COMPANY_DIMENSION
    from qb_assets.quickbooks.connect import connect_in_browser, connect_with_refresh_token
    from qb_assets.quickbooks.resource import QuickBooksResource

    resource = QuickBooksResource()
    settings, store = resource.settings(), resource.token_store()
    if refresh_token is None:
        connection = connect_in_browser(settings, store, company=company, announce=typer.echo)
    elif company is None:
        raise typer.BadParameter("--refresh-token needs --company")
    elif refresh_token.strip("-"):
        raise ValueError(
            "Programs of this machine can read the words of a command. Give the token on the input:"
            " qb-assets connect --company REALM --refresh-token - < FILE"
        )
    else:
        given = sys.stdin.readline().strip()
        connection = connect_with_refresh_token(settings, store, company, given)
    with open_instance() as instance:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, [connection.realm])
    typer.echo(
        f"Connected company {connection.realm} ({connection.name or 'no name'},"
        f" {connection.environment}). Next: qb-assets materialize --company {connection.realm}"
        " --from DATE --to DATE, or open the Dagster UI."
    )


@app.command()
def companies() -> None:
    """List the connected companies: how long each connection lasts, last sync, calls this month.

    Example: qb-assets companies
    """
    from qb_assets.automation.companies import companies_table, warnings
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.watch import last_fetch
    from qb_assets.quickbooks.resource import QuickBooksResource

    resource, now = QuickBooksResource(), datetime.now(timezone.utc)
    connections = resource.token_store().companies()
    if not connections:
        typer.echo("No company is connected. Connect one with: qb-assets connect")
        return
    calls, budget = _calls(resource)
    with open_instance() as instance:
        table = companies_table(
            connections, now=now, last_sync=partial(last_fetch, instance), calls=calls
        )
    terminal.console().print(table)
    for line in (*warnings(connections, now), budget):
        typer.echo(line)


@app.command()
def disconnect(
    company: Annotated[str, typer.Option(help="The company's realm Id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End a company's connection, at Intuit and here; its data and partitions stay.

    Example: qb-assets disconnect --company 9341452000000000
    """
    from qb_assets.quickbooks.connect import disconnect as end
    from qb_assets.quickbooks.resource import QuickBooksResource

    resource = QuickBooksResource()
    settings, store = resource.settings(), resource.token_store()
    name = store.load(company).name or "no name"
    if not yes:
        typer.confirm(f"Disconnect company {company} ({name})? Its data stays.", abort=True)
    revoked = end(settings, store, company)
    what = "was revoked at Intuit" if revoked else "had ended at Intuit already"
    typer.echo(
        f"Disconnected company {company} ({name}): the connection {what}, and its token is "
        "forgotten here. Its data and partitions are as they were. To connect it again: "
        f"qb-assets connect --company {company}"
    )


@app.command()
def materialize(
    first: Annotated[datetime, typer.Option("--from", formats=FORMATS, help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=FORMATS, help="Last day.")],
    company: Annotated[str | None, typer.Option(help="The company's realm Id.")] = None,
    all_companies: Annotated[
        bool, typer.Option("--all-companies", help="Each connected company, one after another.")
    ] = False,
    select: Select = None,
    sweep: Annotated[
        bool, typer.Option(help="Compare all Ids with QuickBooks, to find deletes of any age.")
    ] = False,
) -> None:
    """Materialize days of a company in one run, with the checks; ends with 1 if one is red.

    The first partition (QB_START_DATE) also holds everything older, so an earlier --from stands
    for it. A run that was stopped leaves nothing half done: the same command brings the rest.

    Example: qb-assets materialize --company 9341452000000000 --from 2026-01-01 --to 2026-01-31
    Example: qb-assets materialize --all-companies --from 2026-01-01 --to 2026-01-31
    """
    from qb_assets.automation.headless import materialize as run
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.preflight import check_surroundings
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.definitions import calendar_from_environment, defs

    console = terminal.console()
    clean = True
    for name in _asked_companies(company, all_companies=all_companies):
        check_surroundings(name)
        with open_instance() as instance, RunProgress(console) as progress:
            outcome = run(
                defs,
                instance,
                calendar_from_environment(),
                name,
                first.date(),
                last.date(),
                select=select or [],
                sweep=sweep,
                on_event=progress.on_event,
            )
        print_outcome(console, outcome)
        clean = clean and outcome.clean
    raise typer.Exit(0 if clean else 1)


def _asked_companies(company: str | None, *, all_companies: bool) -> list[str]:
    """The company that is named, or all connected ones."""
    from qb_assets.quickbooks.resource import QuickBooksResource

    if all_companies == (company is not None):
        raise typer.BadParameter("give either --company REALM or --all-companies")
    if company is not None:
        return [company]
    found = sorted(each.realm for each in QuickBooksResource().token_store().companies())
    if not found:
        raise ValueError("No company is connected. Connect one with: qb-assets connect")
    return found


@app.command()
def check(
    company: Annotated[str | None, typer.Option(help="The company's realm Id.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=FORMATS, help="First day.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=FORMATS, help="Last day.")
    ] = None,
    select: Select = None,
) -> None:
    """Run checks by themselves, of everything or of a window; ends with 1 if one is red.

    Example: qb-assets check --select warehouse/invoice
    """
    from qb_assets.automation.headless import run_checks
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.definitions import defs

    console = terminal.console()
    window = {
        "company": company,
        "first_day": _day(first),
        "last_day": _day(last),
    }
    given = {name: value for name, value in window.items() if value is not None}
    with open_instance() as instance, RunProgress(console) as progress:
        outcome = run_checks(
            defs, instance, select=select or [], window=given, on_event=progress.on_event
        )
    print_outcome(console, outcome)
    raise typer.Exit(0 if outcome.clean else 1)


def _calls(resource: QuickBooksResource) -> tuple[Mapping[str, int] | None, str]:
    """The calls of this month by company, and a line on their sum; without the app's keys, none."""
    from qb_assets.quickbooks.budget import budget_state, calls_this_month
    from qb_assets.quickbooks.faults import ConfigurationError

    try:
        settings = resource.settings()
    except ConfigurationError as error:
        return None, f"The calls are not known: {error}"
    return calls_this_month(settings), f"Used: {budget_state(settings)}."


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def main() -> None:
    """Runs the command; an expected error is one line and exit code 1, of a stopped run 130."""
    from qb_assets.failures import EXPECTED, Cancelled

    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    # Modules and definitions are many objects that stay: to look for garbage among them as often as
    # Python does by itself was measured to take a quarter of a command's start.
    gc.set_threshold(50_000, 20, 20)
    try:
        app()
    except (*EXPECTED, ValueError) as error:
        typer.secho(f"qb-assets: {error}", fg=typer.colors.RED, err=True)
        sys.exit(130 if isinstance(error, Cancelled) else 1)
