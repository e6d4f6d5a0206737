"""Makes corruptions in a copy of a company, and lets the pipeline go on from there."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from qb_assets.books.build import build_models
from qb_assets.books.model import SCHEMA
from qb_assets.books.registry import models
from qb_assets.catalog import Entity
from qb_assets.normalized.build import build
from qb_assets.partitions import CompanyDays
from qb_assets.reports.columns import SNAPSHOT
from qb_assets.reports.ddl import relation
from qb_assets.warehouse.load import load
from qb_assets_tests.mutations.answers import corrupt_snapshot
from qb_assets_tests.mutations.base import HELD, Base, load_report
from qb_assets_tests.mutations.corruption import (
    LAKE,
    Corruption,
    Place,
    draw,
    report_of,
    table_of,
)
from qb_assets_tests.mutations.findings import Findings, findings, naming
from qb_assets_tests.mutations.records import corrupt_normalized, corrupt_raw

_POSTINGS = ("books.posting", "books.general_ledger")
_MONEY = (
    *_POSTINGS,
    "books.trial_balance",
    "books.profit_and_loss",
    "books.balance_sheet",
    "books.cash_flow",
    "books.ar_aging",
    "books.ap_aging",
    "books.inventory_movements",
    "books.cash_position",
    "books.open_documents",
)


@dataclass(frozen=True, slots=True)
class Untouched:
    """What the checks find in the company as it is, and what its books say of money."""

    findings: Findings
    money: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One corruption, and what came of it."""

    number: int
    corruption: Corruption
    red: frozenset[str]
    """The checks that are red, whatever they name."""
    naming: frozenset[str]
    """Those of them that name what was corrupted."""
    moved_nothing: int
    """Corruptions that were drawn before it and changed no figure at all."""
    seconds: float


def look(base: Base, folder: Path) -> Untouched:
    """Looks at a copy of the company as it is."""
    with base.copied(folder).opened() as connection:
        return Untouched(findings(connection, base, HELD), money(connection))


def trial(base: Base, untouched: Untouched, home: Path, seed: int, number: int) -> Trial:
    """Makes the corruption of a number: in the lake where it is odd.

    One that moves no money and turns no check red, such as another day of the same month in a
    document that is paid, is drawn anew.
    """
    started = time.process_time()
    dice = random.Random(f"{seed} {number}")
    places: Sequence[Place] = LAKE if number % 2 else ["warehouse"]
    for again in range(100):
        with base.opened(read_only=True) as connection:
            corruption = draw(connection, dice, places)
        found, after = corrupted(base, home / f"trial{number}", [corruption])
        new = found - untouched.findings
        if new or corruption.target.must_move or after != untouched.money:
            return Trial(
                number,
                corruption,
                frozenset(each.check for each in new),
                frozenset(each.check for each in naming(corruption, new)),
                again,
                time.process_time() - started,
            )
    raise RuntimeError(f"nothing of number {number} moves any money")


def corrupted(base: Base, folder: Path, corruptions: Sequence[Corruption]) -> tuple[Findings, str]:
    """What the checks find in a copy with some corruptions, and the copy's `money`.

    A corrupted object of the lake is what the layers above it are made of anew: a raw one is
    normalized and loaded, a normalized one loaded, a snapshot loaded into a warehouse that has not
    taken it in. The books are made anew of corrupted records and reports; where rows of the books
    themselves are corrupted, all corruptions must be, as nothing would be left of it.
    """
    layers = {each.target.layer for each in corruptions}
    assert SCHEMA not in layers or len(layers) == 1
    copy = base.copied(folder)
    try:
        with copy.opened() as connection:
            for place in LAKE:
                for each in _in(corruptions, place):
                    _corrupt(connection, copy, each)
            for each in _in(corruptions, "warehouse"):
                each.make(connection)
            if any(_is_read(each.target.table) for each in corruptions):
                build_models(connection)
            return findings(connection, copy, _entities(corruptions)), money(connection)
    finally:
        shutil.rmtree(folder)


def _in(corruptions: Iterable[Corruption], place: Place) -> list[Corruption]:
    return [each for each in corruptions if each.place == place]


def _corrupt(connection: duckdb.DuckDBPyConnection, copy: Base, corruption: Corruption) -> None:
    """Rewrites an object of the lake, and makes anew what stands on it."""
    if corruption.place == "snapshot":
        corrupt_snapshot(copy.lake, corruption)
        _load_snapshot(connection, copy, corruption)
        return
    entity, _ = table_of(corruption.target)
    scope = CompanyDays(corruption.company, (corruption.key["_updated_on"],))
    if corruption.place == "raw":
        corrupt_raw(copy.lake, corruption)
        build(copy.lake, entity, scope)
    else:
        corrupt_normalized(copy.lake, corruption)
    load(connection, copy.lake, entity, scope)


def _load_snapshot(
    connection: duckdb.DuckDBPyConnection, copy: Base, corruption: Corruption
) -> None:
    """Loads a snapshot again, as a warehouse that is made anew does."""
    report, month = report_of(corruption.target), corruption.key["month"]
    of = [corruption.company, month, corruption.key["accounting_method"]]
    where = "_company = ? AND month = ? AND accounting_method = ?"
    connection.execute(f"DELETE FROM {relation(report.table)} WHERE {where}", of)
    connection.execute(
        f"DELETE FROM {relation(SNAPSHOT)} WHERE {where} AND report = ?", [*of, report.table]
    )
    load_report(connection, copy, report, [month])


def money(connection: duckdb.DuckDBPyConnection) -> str:
    """All that the books say of money, as one number; postings of nothing say nothing."""
    rows = [
        connection.execute(
            f"SELECT count(*), sum(hash(t)) FROM {table} AS t"
            + (" WHERE t.amount <> 0" if table in _POSTINGS else "")
        ).fetchone()
        for table in _MONEY
    ]
    return str(rows)


def _entities(corruptions: Iterable[Corruption]) -> list[Entity]:
    """The entities whose records are corrupted."""
    found = [each.target for each in corruptions if each.target.layer == "quickbooks"]
    return list(dict.fromkeys(table_of(target)[0] for target in found))


def _is_read(table: str) -> bool:
    """Whether the books are made of a table, directly or through a view."""
    return table.startswith("quickbooks.") or any(
        str(each) == table
        for model in models().values()
        for each in model.inputs
        if each.schema != SCHEMA
    )
