"""Shows a run on the terminal while it goes on, and what its checks found at the end."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType

import dagster as dg
from dagster._core.events.log import EventLogEntry
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from qb_assets.automation.headless import Outcome
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.faces import ROW_COUNT, ROWS_OF_THE_RUN

SHOWN_KEYS = 5


class RunProgress:
    """A progress bar over the steps of a run, and the lines that the steps log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed} steps"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> RunProgress:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def on_event(self, entry: EventLogEntry) -> None:
        """Takes in one event of the run."""
        event = entry.dagster_event
        if event is None:
            if int(entry.level) >= logging.INFO and entry.step_key and not _is_noise(entry):
                self._console.print(entry.user_message, style="dim", markup=False, highlight=False)
        elif event.is_step_start:
            self._progress.update(self._task, description=event.step_key or "")
        elif event.is_step_success or event.is_step_failure:
            self._progress.advance(self._task)


def _is_noise(entry: EventLogEntry) -> bool:
    """Dagster's word on each step that waited for a failed one; the failure is told already."""
    return entry.user_message.startswith("Dependencies for step")


def print_outcome(console: Console, outcome: Outcome) -> None:
    """What failed, what each red check says, and a line with the sums."""
    for failure in outcome.failures:
        console.print(f"FAILED  {failure}", style="bold red", markup=False, highlight=False)
    for check in outcome.checks:
        if not check.passed:
            _print_check(console, check)
    passed = sum(check.passed for check in outcome.checks)
    warned = len(outcome.checks) - passed - len(outcome.red)
    layers = Counter(m.asset_key.path[0] for m in outcome.materializations)
    made = ", ".join(f"{count:,} {layer}" for layer, count in sorted(layers.items())) or "nothing"
    style = "bold green" if outcome.clean else "bold red"
    console.print(
        f"Materialized (asset × day): {made}. Checks: {passed} passed, {len(outcome.red)} failed,"
        f" {warned} warned.",
        style=style,
        markup=False,
        highlight=False,
    )


def _print_check(console: Console, check: dg.AssetCheckEvaluation) -> None:
    red = check.severity == dg.AssetCheckSeverity.ERROR
    name = f"{check.asset_key.to_user_string()}:{check.check_name}"
    console.print(
        f"{'RED ' if red else 'WARN'}  {name}  {check.description or ''}",
        style="red" if red else "yellow",
        markup=False,
        highlight=False,
    )
    keys = check.metadata.get("keys")
    if isinstance(keys, dg.TableMetadataValue):
        for record in keys.records[:SHOWN_KEYS]:
            facts = ", ".join(f"{name} {value}" for name, value in record.data.items())
            console.print(f"      {facts}", markup=False, highlight=False)


def summary_table(outcome: Outcome) -> Table:
    """Entities with their rows, totals and checks, as the demo prints them."""
    fetched = _figures(outcome, "raw")
    held = _figures(outcome, "warehouse")
    table = Table(title="What arrived", title_justify="left")
    for name in ("Entity", "QuickBooks", "Raw", "Warehouse", "Child rows", "Totals", "Checks"):
        table.add_column(name, justify="left" if name in ("Entity", "Totals") else "right")
    for entity in ENTITIES.values():
        names = {entity.table, *(each.name for each in tables_of(entity))}
        checks = [c for c in outcome.checks if c.asset_key.path[-1] in names]
        children = sum(held.get(each.name, 0) for each in tables_of(entity)[1:])
        passed = sum(check.passed for check in checks)
        table.add_row(
            entity.name,
            _counted(checks),
            f"{fetched.get(entity.table, 0):,}",
            f"{held[entity.table]:,}" if entity.table in held else "raw only",
            f"{children:,}" if len(names) > 1 else "",
            _totals(checks),
            f"{passed}/{len(checks)}",
            style=None if passed == len(checks) else "red",
        )
    return table


def tie_out_table(outcome: Outcome) -> Table:
    """The checks of the books: how many figures each compared, and what it says."""
    table = Table(title="What ties out", title_justify="left")
    table.add_column("Check")
    table.add_column("Figures", justify="right")
    table.add_column("Says")
    for check in outcome.checks:
        looked_at = check.metadata.get("looked_at")
        figures = looked_at.value if isinstance(looked_at, dg.IntMetadataValue) else 0
        table.add_row(
            f"{check.asset_key.path[-1]}: {check.check_name}",
            f"{figures or 0:,}",
            check.description,
            style=None if check.passed else "red",
        )
    return table


def _figures(outcome: Outcome, layer: str) -> dict[str, int]:
    """The rows by table, from the materializations: a table's own, or the sum of the run's."""
    found: dict[str, int] = {}
    for each in outcome.materializations:
        value = each.metadata.get(ROWS_OF_THE_RUN) or each.metadata.get(ROW_COUNT)
        if each.asset_key.path[0] == layer and isinstance(value, dg.IntMetadataValue):
            found[each.asset_key.path[-1]] = value.value or 0
    return found


def _total(figure: Mapping[str, object]) -> str:
    amount = Decimal(str(figure["warehouse"]))
    return f"{figure['amount']} {amount:,.2f} {figure['currency']}".strip()


def fetch_calls(outcome: Outcome) -> int:
    """The metered calls that the fetch used, by the raw assets' own figures."""
    for each in outcome.materializations:
        value = each.metadata.get("calls_of_the_run")
        if isinstance(value, dg.IntMetadataValue):
            return value.value or 0
    return 0


def _counted(checks: list[dg.AssetCheckEvaluation]) -> str:
    counts = [
        sum(int(str(record.data["quickbooks"])) for record in windows.records)
        for check in checks
        if check.check_name == "complete"
        and isinstance(windows := check.metadata.get("windows"), dg.TableMetadataValue)
    ]
    return f"{sum(counts):,}" if counts else "0"


def _totals(checks: list[dg.AssetCheckEvaluation]) -> str:
    for check in checks:
        figures = check.metadata.get("figures")
        if check.check_name == "amounts" and isinstance(figures, dg.TableMetadataValue):
            first = figures.records[0].data["amount"] if figures.records else None
            rows = [record.data for record in figures.records if record.data["amount"] == first]
            return "; ".join(map(_total, rows))
    return ""
