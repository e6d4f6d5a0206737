"""The command `qb-assets doctor`: what is wrong with a deployment, and how to put it right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from qb_assets.terminal import console

if TYPE_CHECKING:
    from rich.console import Console

    from qb_assets.doctor.finding import Finding, Level

_SIGNS: Mapping[Level, str] = {"green": "ok  ", "yellow": "look", "red": "BAD "}


def doctor(
    online: Annotated[
        bool, typer.Option(help="Make one call for each company; production meters it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the findings for programs.")] = False,
) -> None:
    """Look at everything that a run needs, and say what is wrong and how to put it right.

    Ends with 1 if anything is red. Without --online it costs no call to QuickBooks.

    Example: qb-assets doctor --online
    """
    from qb_assets.automation.home import open_instance
    from qb_assets.doctor.deployment import Deployment
    from qb_assets.doctor.examine import as_json, examine
    from qb_assets.doctor.finding import worst

    with open_instance() as instance:
        findings = examine(Deployment(instance, online=online))
    if json:
        typer.echo(as_json(findings))
    else:
        _print(console(), findings)
    raise typer.Exit(1 if worst(findings) == "red" else 0)


def _print(to: Console, findings: Sequence[Finding]) -> None:
    """A line for each finding, and one below for its fix; colours where a terminal has them."""
    for each in findings:
        company = f"company {each.company}: " if each.company else ""
        line = f"{_SIGNS[each.level]}  {each.check:<12}"
        to.print(line, style=each.level, end="", markup=False, highlight=False)
        to.print(f"{company}{each.message}", markup=False, highlight=False, soft_wrap=True)
        if each.fix:
            to.print(f"{'':18}→ {each.fix}", markup=False, highlight=False, soft_wrap=True)
    counts = {level: sum(each.level == level for each in findings) for level in _SIGNS}
    said = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
    to.print(f"{said}.", highlight=False)
