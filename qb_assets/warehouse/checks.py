"""The warehouse against QuickBooks: rows, and money by currency, to the cent.

A run's check looks at the days that the run loaded, by the COUNT which the run's fetch ended with
and amounts that are asked anew; on demand, everything is compared with what QuickBooks says at
that moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import dagster as dg
import duckdb

from qb_assets.catalog import Entity, tables_of
from qb_assets.clock import utc_now
from qb_assets.faces import raw_key, warehouse_key
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings, Value
from qb_assets.partitions import Calendar, CompanyDays
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.query import Window
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.raw.plan import spans
from qb_assets.raw.survey import surveys
from qb_assets.raw.tags import charged
from qb_assets.remedy import Remedy
from qb_assets.scope import CheckWindow, asked_scopes, connected
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.compare import (
    EXACT,
    Amounts,
    doubled_ids,
    live_amounts,
    live_ids,
    source_amounts,
    totals,
)
from qb_assets.warehouse.resource import WarehouseResource

ROWS, AMOUNTS = "rows", "amounts"

NOT_THERE = "no such record"
"""What stands for the amount of a record on the side that does not have it."""


def checks_of(entity: Entity) -> list[str]:
    """The names of the checks on an entity's parent table."""
    return [ROWS, AMOUNTS] if entity.amounts else [ROWS]


def build_warehouse_checks(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """One step for all entities, since their counts fit in one or two metered calls."""
    typed = [entity for entity in entities if tables_of(entity)]
    if not typed:
        return []
    by_key = {
        dg.AssetCheckKey(warehouse_key(tables_of(entity)[0]), check): (entity, check)
        for entity in typed
        for check in checks_of(entity)
    }

    @dg.multi_asset_check(
        name="warehouse_checks",
        specs=[
            dg.AssetCheckSpec(key.name, asset=key.asset_key, description=_doc(entity, check))
            for key, (entity, check) in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
    )
    def warehouse_checks(
        context: dg.AssetCheckExecutionContext,
        config: CheckWindow,
        quickbooks: QuickBooksResource,
        warehouse: WarehouseResource,
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key: by_key[key] for key in by_key if key in context.selected_asset_check_keys}
        comparison = Comparison(
            context.run.run_id,
            calendar,
            [entity for entity, check in asked.values() if check == ROWS],
            [entity for entity, check in asked.values() if check == AMOUNTS],
        )
        with plain_failures(), warehouse.get_connection() as connection:
            for view in _views(context, config, calendar):
                client = quickbooks.client(view.company)
                with charged(context, client.usage):
                    comparison.compare(client, connection, view)
        for entity, check in asked.values():
            yield comparison.result(entity, check)

    return [warehouse_checks]


@dataclass(frozen=True, slots=True)
class View:
    """What is compared: a window of a company, or everything of it (no scope)."""

    company: str
    window: Window
    scope: CompanyDays | None


def _views(
    context: dg.AssetCheckExecutionContext, config: CheckWindow, calendar: Calendar
) -> Iterator[View]:
    now = utc_now()
    scopes = asked_scopes(context, config, calendar)
    if scopes is None:
        for company in connected(context.instance):
            yield View(company, Window(None, now), None)
        return
    for scope in scopes:
        for span in spans(scope, calendar, now):
            days = tuple(day for day in scope.days if span.first <= day <= span.last)
            window = surveys.window_of_run(context.run.run_id, scope.company, span.window)
            yield View(scope.company, window, CompanyDays(scope.company, days))


@dataclass
class _Of:
    findings: Findings = field(default_factory=Findings)
    rows: list[Mapping[str, Value]] = field(default_factory=list[Mapping[str, Value]])
    remedy: Remedy = field(default_factory=Remedy)


class Comparison:
    """Compares some entities' rows, and some entities' amounts."""

    def __init__(
        self, run_id: str, calendar: Calendar, rows: Sequence[Entity], amounts: Sequence[Entity]
    ) -> None:
        self._run_id = run_id
        self._calendar = calendar
        self._rows = {entity.name: entity for entity in rows}
        self._amounts = {entity.name: entity for entity in amounts}
        self._found = {(name, ROWS): _Of() for name in self._rows}
        self._found |= {(name, AMOUNTS): _Of() for name in self._amounts}

    def compare(
        self, client: QuickBooksClient, connection: duckdb.DuckDBPyConnection, view: View
    ) -> None:
        """Looks at one view."""
        entities = {**self._rows, **self._amounts}
        known = surveys.of_run(self._run_id, client, list(entities.values()), view.window)
        counts = known.counts
        for name, reason in known.unavailable.items():
            for check in (ROWS, AMOUNTS):
                if (name, check) in self._found:
                    self._found[name, check].findings.notes["not_offered"] = str(reason)
        held = {
            name: live_ids(connection, entity, view.scope, view.company)
            for name, entity in self._rows.items()
            if name in counts
        }
        asked = [e for e in entities.values() if self._must_ask(e, view, counts, held)]
        source = source_amounts(client, asked, counts, view.window, self._calendar)
        for name, ids in held.items():
            self._compare_rows(self._rows[name], view, counts[name], ids, source.get(name))
            self._add_doubled(self._rows[name], view, connection)
        for name, entity in self._amounts.items():
            if name in source:
                ours = live_amounts(connection, entity, view.scope, view.company)
                self._compare_amounts(entity, view, source[name], ours)

    def _must_ask(
        self,
        entity: Entity,
        view: View,
        counts: Mapping[str, int],
        held: Mapping[str, Mapping[str, date]],
    ) -> bool:
        """Whether the count alone does not say everything."""
        if entity.name not in counts:
            return False
        there, ours = counts[entity.name], len(held.get(entity.name, {}))
        if view.scope is None:
            return there > 0 or ours > 0
        return there != ours or (there > 0 and entity.name in self._amounts)

    def _compare_rows(
        self,
        entity: Entity,
        view: View,
        counted: int,
        held: Mapping[str, date],
        source: Mapping[str, Amounts] | None,
    ) -> None:
        """Compares the Ids where they were asked for, since one missing may hide one too many."""
        of = self._found[entity.name, ROWS]
        of.findings.looked_at += counted
        moved_on = 0
        if source is not None:
            missing = {each: source[each].day for each in source.keys() - held.keys()}
            extra = {each: held[each] for each in held.keys() - source.keys()}
            of.findings.add_all(_keys(view, missing, "not in the warehouse"))
            if missing:
                of.remedy.days[view.company] |= {*missing.values()}
            if view.scope is not None:
                moved_on = len(extra)
            elif extra:
                of.findings.add_all(_keys(view, extra, "not in QuickBooks"))
                of.remedy.swept.add(view.company)
        of.rows.append(
            {
                "company": view.company,
                "quickbooks": counted,
                "warehouse": len(held),
                "difference": len(held) - counted,
                "changed_or_deleted_since": moved_on,
            }
        )

    def _add_doubled(
        self, entity: Entity, view: View, connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Adds the records that have more than one row, which nothing else in the table forbids."""
        of = self._found[entity.name, ROWS]
        if doubled := doubled_ids(connection, entity, view.scope, view.company):
            of.findings.add_all(_keys(view, doubled, "more than once in the warehouse"))
            of.remedy.days[view.company] |= {*doubled.values()}

    def _compare_amounts(
        self,
        entity: Entity,
        view: View,
        there: Mapping[str, Amounts],
        ours: Mapping[str, Amounts],
    ) -> None:
        of = self._found[entity.name, AMOUNTS]
        held = ours
        if view.scope is not None:  # a record that has changed since belongs to a later day now
            held = {identity: ours[identity] for identity in ours if identity in there}
        of.findings.looked_at += len(there)
        for identity in sorted(there.keys() | held.keys()):
            expected, found = there.get(identity), held.get(identity)
            if expected is None or found is None or expected.values != found.values:
                of.findings.add_all(_differences(view, entity, identity, expected, found))
                if expected is None:
                    of.remedy.swept.add(view.company)
                else:
                    of.remedy.days[view.company].add(expected.day)
        of.rows += _totals(view, entity, there, held)

    def result(self, entity: Entity, check: str) -> dg.AssetCheckResult:
        """One check's result."""
        of = self._found[entity.name, check]
        if check == ROWS:
            right = f"QuickBooks and the warehouse have the same {entity.name} records."
            wrong = f"{entity.name} records that differ from QuickBooks: {of.findings.wrong}."
        else:
            right = f"{_amounts(entity)} of {entity.name} agree with QuickBooks."
            wrong = f"Amounts of {entity.name} that differ from QuickBooks: {of.findings.wrong}."
        to_do = of.remedy.shown(raw_key(entity), self._calendar.today()) if of.remedy else None
        return of.findings.result(
            warehouse_key(tables_of(entity)[0]),
            check,
            right=right,
            wrong=f"{wrong} {of.remedy.said()}",
            tables={"figures": of.rows},
            to_do=to_do,
        )


def _differences(
    view: View, entity: Entity, identity: str, there: Amounts | None, held: Amounts | None
) -> Iterator[dict[str, Value]]:
    """The amounts of a record that differ; all of one that only one side has."""
    missing = (None,) * len(entity.amounts)
    source = there.values if there else missing
    ours = held.values if held else missing
    known = there or held
    for name, expected, found in zip(entity.amounts, source, ours, strict=True):
        if expected != found:
            yield {
                "company": view.company,
                "day": known.day.isoformat() if known else None,
                "id": identity,
                "amount": name,
                "quickbooks": _text(expected),
                "warehouse": _text(found),
            }


def _totals(
    view: View, entity: Entity, there: Mapping[str, Amounts], held: Mapping[str, Amounts]
) -> Iterator[Mapping[str, Value]]:
    width = len(entity.amounts)
    source, ours = totals(there, width), totals(held, width)
    zero = (Decimal(0),) * width
    for currency in sorted(source.keys() | ours.keys()):
        rows = zip(
            entity.amounts, source.get(currency, zero), ours.get(currency, zero), strict=True
        )
        for name, expected, found in rows:
            yield {
                "company": view.company,
                "currency": currency,
                "amount": name,
                "quickbooks": _text(expected),
                "warehouse": _text(found),
                "difference": _text(EXACT.subtract(found, expected)),
            }


def _keys(view: View, days: Mapping[str, date], problem: str) -> Iterator[dict[str, Value]]:
    for identity, day in sorted(days.items()):
        yield {
            "company": view.company,
            "day": day.isoformat(),
            "id": identity,
            "problem": problem,
        }


def _text(amount: Decimal | None) -> str:
    return NOT_THERE if amount is None else f"{EXACT.normalize(amount):f}"


def _doc(entity: Entity, check: str) -> str:
    if check == ROWS:
        return f"The rows of {entity.name} are those that QuickBooks counts."
    return (
        f"{_amounts(entity)} of each record, and their totals by currency, equal QuickBooks',"
        " asked anew, to the cent."
    )


def _amounts(entity: Entity) -> str:
    *others, last = entity.amounts
    return f"{', '.join(others)} and {last}" if others else last
