"""What the product's checks find wrong, and whether that names what was corrupted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb

from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import run_check
from qb_assets.catalog import Entity
from qb_assets.catalog.reports import REPORTS
from qb_assets.normalized.checks import DRIFT, examine
from qb_assets.normalized.read import slices
from qb_assets.reports.arithmetic import differences
from qb_assets.reports.checks import check_shape
from qb_assets.warehouse.children import child_counts
from qb_assets.warehouse.compare import live_amounts
from qb_assets_tests.mutations.base import HELD, Base
from qb_assets_tests.mutations.corruption import Corruption


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that a check says is wrong."""

    check: str
    company: str
    text: str
    """Its subject and the documents to look at."""
    figures: str
    warns: bool = False
    """Whether the check only warns."""

    def names(self, company: str, name: str) -> bool:
        """Whether it says that something is to be looked at."""
        return self.company == company and bool(
            re.search(rf"(?<![\w:]){re.escape(name)}(?![\w])", self.text)
        )


Findings = frozenset[Finding]


def findings(
    connection: duckdb.DuckDBPyConnection, base: Base, entities: Iterable[Entity]
) -> Findings:
    """All that the checks of the books, of the reports and of the amounts say is wrong, and of some
    entities those of the normalized layer and of the warehouse against it."""
    return frozenset(
        [
            *_of_books(connection),
            *_of_reports(connection, base),
            *_of_amounts(connection, base),
            *(each for entity in entities for each in _of_records(connection, base, entity)),
        ]
    )


def seen(corruption: Corruption, new: Findings) -> bool:
    """Whether one of the findings names what was corrupted."""
    return bool(naming(corruption, new))


def naming(corruption: Corruption, new: Findings) -> Findings:
    """The findings that name what was corrupted.

    A warning is enough for a quantity or a price alone: what was sold is unchanged.
    """
    return frozenset(
        each
        for each in new
        if (corruption.target.kind == "price" or not each.warns)
        and any(each.names(corruption.company, name) for name in corruption.names)
    )


def _of_books(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for key, check in checks().items():
        for each in run_check(connection, check).mismatches:
            text = f"{each.subject}; {each.txn_ids or ''}"
            figures = f"{each.ours} {each.theirs}"
            yield Finding(f"books/{key}", each.company, text, figures, check.severity == "WARN")


def _of_reports(connection: duckdb.DuckDBPyConnection, base: Base) -> Iterator[Finding]:
    (months,) = connection.execute("SELECT list(DISTINCT month) FROM reports.snapshot").fetchall()
    for report in REPORTS.values():
        for each in differences(connection, report, base.company, *months):
            text = f"{report.table} {each['month']}; {each['subject']}"
            figures = f"{each['expected']} {each['report']}"
            yield Finding(f"reports/{report.table}.arithmetic", base.company, text, figures)
        result = check_shape(connection, report, [(base.company, *months)])
        for each in _keys(result):
            text = f"{report.table} {each['month']}; {each['problem']}"
            yield Finding(f"reports/{report.table}.shape", base.company, text, "")


def _of_records(
    connection: duckdb.DuckDBPyConnection, base: Base, entity: Entity
) -> Iterator[Finding]:
    """What the checks that ask QuickBooks nothing say of an entity's records."""
    for (table, check), found in examine(
        entity, slices(base.lake, entity, [base.scope])
    ).findings.items():
        for key in found.keys:
            identity = key.get("id") or key.get(f"{entity.table}_id")
            text = f"{entity.name}:{identity}; {entity.table} {identity}"
            name = f"normalized/{table}.{check}"
            yield Finding(name, base.company, text, str(key), check == DRIFT)
    for counts in child_counts(connection, base.lake, entity, base.scope):
        for each in counts.wrong:
            text = f"{entity.name}:{each.id}"
            figures = str(each)
            yield Finding(f"warehouse/{each.table}.complete", base.company, text, figures)


def _of_amounts(connection: duckdb.DuckDBPyConnection, base: Base) -> Iterator[Finding]:
    """The amounts that the warehouse's check holds against QuickBooks: all are told, and those
    that are as before are told of the whole company, too."""
    for entity in HELD:
        if not entity.amounts:
            continue
        for identity, amounts in live_amounts(connection, entity, None, base.company).items():
            text = f"{entity.name}:{identity}; {entity.table} {identity}"
            yield Finding(f"warehouse/{entity.table}.amounts", base.company, text, str(amounts))


def _keys(result: dg.AssetCheckResult) -> Iterator[Mapping[str, Any]]:
    """What a check lists."""
    keys = result.metadata.get("keys")
    if isinstance(keys, dg.TableMetadataValue):
        yield from (record.data for record in keys.records)
