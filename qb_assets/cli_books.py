"""The command `qb-assets books`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from qb_assets import terminal

MONTHS = ["%Y-%m", "%Y-%m-%d"]


def books(
    company: Annotated[
        str | None,
        typer.Option(help="The company whose reports are fetched first; without it none are."),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=MONTHS, help="First month of the reports; else all."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=MONTHS, help="Last month of the reports; else this one."),
    ] = None,
) -> None:
    """Fetch QuickBooks' own reports of a company, build the books and reconcile the two.

    The documents are taken as the warehouse has them: bring them with qb-assets materialize. Ends
    with 1 if a check is red.

    Example: qb-assets books --company 9341452000000000 --from 2026-01 --to 2026-03
    """
    from qb_assets.automation.headless import build_books, fetch_reports
    from qb_assets.automation.home import open_instance
    from qb_assets.automation.preflight import check_surroundings
    from qb_assets.automation.progress import RunProgress, print_outcome
    from qb_assets.definitions import defs, report_calendar_from_environment

    console = terminal.console()
    clean = True
    with open_instance() as instance:
        if company is not None:
            check_surroundings(company)
            calendar = report_calendar_from_environment()
            begin = first.date() if first else calendar.start
            end = last.date() if last else calendar.today()
            with RunProgress(console) as progress:
                fetched = fetch_reports(
                    defs, instance, calendar, company, begin, end, on_event=progress.on_event
                )
            print_outcome(console, fetched)
            clean = fetched.clean
        elif first or last:
            raise typer.BadParameter("--from and --to are about reports, and need --company")
        with RunProgress(console) as progress:
            built = build_books(defs, instance, on_event=progress.on_event)
        print_outcome(console, built)
    raise typer.Exit(0 if clean and built.clean else 1)
