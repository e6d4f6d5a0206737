"""The parts of the bench: each runs its loads and gives a section of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial, reduce

from qb_assets_tests.bench.bench import CHECKS, Bench
from qb_assets_tests.bench.company import shape
from qb_assets_tests.bench.found import noted
from qb_assets_tests.bench.others import OTHERS
from qb_assets_tests.bench.ours import Home
from qb_assets_tests.bench.report import Measured, ratios, table, usages

EXTREMES = ("none", "every")
GROWTH = 4
DAYS = 365
SHARE = 1_000
REPEATS = 3
"""Of a short run; the one in the middle is told."""
MILLION = 625_000
"""Invoices of a company with a million records of the three entities."""


def load(bench: Bench) -> str:
    """The whole company in one run: ours, and the others beside us."""
    mine = [bench.ours(bench.invoices, checks) for checks in CHECKS]
    site = bench.site(bench.invoices)
    others = [other.load(site, bench.folder / name) for name, other in OTHERS.items()]
    return _section(
        f"{_company(bench.invoices)} into DuckDB", usages([*mine, *others]), ratios(mine, others)
    )


def ours(bench: Bench) -> str:
    """The same without the others."""
    mine = [bench.ours(bench.invoices, checks) for checks in CHECKS]
    return _section(f"{_company(bench.invoices)} into DuckDB", usages(mine))


def backfill(bench: Bench) -> str:
    """The same company as 365 daily partitions in one run, against one partition."""
    first = bench.today - timedelta(days=DAYS)
    rows: list[Measured] = []
    compared: list[Sequence[str]] = []
    for checks in EXTREMES:
        whole = bench.ours(bench.invoices, checks)
        home = bench.home(bench.invoices, f"days-{checks}", first)
        used = home.load(checks, first, bench.yesterday)
        name = f"{CHECKS[checks]}, {DAYS} days"
        spread = bench.measured(bench.invoices, name, used, home)
        home.remove()
        rows += [whole, spread]
        compared.append((f"{spread.name} ÷ one window", f"{spread.cpu / whole.cpu:.2f}"))
    ratio = table(("", "CPU besides start"), compared)
    return _section(f"A backfill of {DAYS} days in one run", usages(rows), ratio)


def growth(bench: Bench) -> str:
    """Four times the company: how much more memory it needs."""
    small = [bench.ours(bench.invoices, checks) for checks in CHECKS]
    large = [bench.ours(bench.invoices * GROWTH, checks) for checks in CHECKS]
    compared = [
        (one.name, f"{four.used.peak / one.used.peak - 1:+.0%}", f"{four.cpu / one.cpu:.2f}")
        for one, four in zip(small, large, strict=True)
    ]
    return _section(
        f"From {bench.invoices:,} to {bench.invoices * GROWTH:,} invoices",
        usages([*small, *large]),
        table(("", "peak memory", "times the CPU"), compared),
    )


def day(bench: Bench, invoices: int = 0) -> str:
    """A day on which one record in a thousand was changed, after the whole history, three times."""
    invoices = invoices or bench.invoices
    held = invoices + sum(shape(invoices)[1:])
    base = bench.home(invoices, "history")
    base.load("none", bench.yesterday, bench.yesterday)
    changed = bench.site(invoices).change(SHARE)
    rows: list[Measured] = []
    for checks in CHECKS:
        runs = [_of_day(bench, base, invoices, checks, changed) for _ in range(REPEATS)]
        middle = sorted(runs, key=lambda run: run.cpu)[REPEATS // 2]
        rows.append(reduce(lambda row, run: row.with_also(run.different), runs, middle))
    base.remove()
    bench.leave()
    return _section(
        f"A day with {changed:,} changes to a company of {held:,} records", usages(rows)
    )


def _of_day(bench: Bench, base: Home, invoices: int, checks: str, changed: int) -> Measured:
    home = base.copy(bench.folder / "day")
    used = home.load(checks, bench.today, bench.today)
    row = bench.measured(invoices, CHECKS[checks], used, home)
    less = noted(home.database) - changed
    home.remove()
    return row.with_also({"changed": Decimal(less)} if less else {})


def _company(invoices: int) -> str:
    lines, customers, payments = shape(invoices)
    return (
        f"{invoices:,} invoices ({lines:,} lines), {customers:,} customers, {payments:,} payments"
    )


def _section(title: str, *tables: str) -> str:
    return "\n\n".join([f"### {title}", *tables])


PARTS: Mapping[str, Callable[[Bench], str]] = {
    "load": load,
    "ours": ours,
    "backfill": backfill,
    "day": day,
    "growth": growth,
    "million": partial(day, invoices=MILLION),
}
DEFAULT = ("load", "day")
FULL = ("load", "backfill", "day", "growth", "million")
