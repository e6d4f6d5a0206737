"""The command `qb-assets report`: a company's books as one page, to hand to an accountant."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import duckdb

_METHODS = {"accrual": "Accrual", "cash": "Cash"}


def report(
    company: Annotated[
        str | None, typer.Option(metavar="REALM", help="The company; needless where there is one.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The last day that counts; else the day on which the ledger was fetched.",
        ),
    ] = None,
    months: Annotated[
        int, typer.Option(min=1, max=12, help="Months side by side, up to that day.")
    ] = 12,
    method: Annotated[str, typer.Option(metavar="accrual|cash", help="The basis.")] = "accrual",
    output: Annotated[
        Path | None, typer.Option(help="The file; else report-REALM-DAY.html where you are.")
    ] = None,
) -> None:
    """Write the statements, agings and reconciliation of a company as one page of HTML.

    The page needs nothing else: open it in a browser, print it, or send it as it is.

    Example: qb-assets report --company 9341452000000000 --as-of 2026-05-31 --output may.html
    """
    from qb_assets.books.page import build_page
    from qb_assets.books.page.source import read_source
    from qb_assets.warehouse.errors import WarehouseError
    from qb_assets.warehouse.resource import WarehouseResource

    if method.lower() not in _METHODS:
        raise ValueError(f"There is no basis {method!r}: it is accrual or cash.")
    basis = _METHODS[method.lower()]
    resource = WarehouseResource()
    if not resource.path().exists():
        raise WarehouseError(
            f"There is no warehouse at {resource.path()}: check QB_WAREHOUSE_URL, or load a company"
            " first with `qb-assets materialize`."
        )
    day = as_of.date() if as_of else None
    with resource.get_connection() as connection:
        chosen = company or _only_company(connection)
        source = read_source(connection, chosen, as_of=day, months=months, method=basis)
        page = build_page(connection, chosen, as_of=source.as_of, months=months, method=basis)
    path = output or Path(f"report-{chosen}-{source.as_of}.html")
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"Written: {path}")


def _only_company(connection: duckdb.DuckDBPyConnection) -> str:
    """The one company there are books of. Raises WarehouseError or ValueError."""
    from qb_assets.books.page.source import companies

    every = companies(connection)
    if len(every) != 1:
        names = ", ".join(every) or "none: materialize the reports' months, then the job `books`"
        raise ValueError(f"Say which company with --company. There are books of {names}.")
    return every[0]
