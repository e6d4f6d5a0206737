"""What the warehouse holds of a window, to be set beside what QuickBooks says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation

import duckdb
import msgspec

from qb_assets.catalog import Entity, tables_of
from qb_assets.partitions import Calendar, CompanyDays
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.query import Window
from qb_assets.raw.plan import MAX_OBJECTS, pack
from qb_assets.warehouse.ddl import SCHEMA, quoted, relation
from qb_assets.warehouse.versions import is_there

CURRENCY = "CurrencyRef"

EXACT = Context(prec=100)
"""Python's own arithmetic rounds at 28 digits; a sum of amounts of 38 may have more."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one record: its currency and the amounts that the catalog names, in order."""

    currency: str | None
    values: tuple[Decimal, ...]
    day: date
    """The partition that the record is in, by its last update as the one side knows it."""


def has_table(connection: duckdb.DuckDBPyConnection, entity: Entity) -> bool:
    """Whether the entity's table was made yet."""
    return is_there(connection, SCHEMA, entity.table)


def live_ids(
    connection: duckdb.DuckDBPyConnection, entity: Entity, scope: CompanyDays | None, company: str
) -> dict[str, date]:
    """The keys of the rows that are not deleted, of the scope's days or all, and their days."""
    if not has_table(connection, entity):
        return {}
    parent = tables_of(entity)[0]
    key = " || '/' || ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in parent.key)
    where, values = _where(scope, company)
    rows = connection.execute(
        f"SELECT {key}, _updated_on FROM {relation(parent.name)} {where}", values
    )
    return dict(rows.fetchall())


def doubled_ids(
    connection: duckdb.DuckDBPyConnection, entity: Entity, scope: CompanyDays | None, company: str
) -> dict[str, date]:
    """The keys of which there is more than one row, and one of the scope's days, and that day."""
    if not has_table(connection, entity):
        return {}
    parent = tables_of(entity)[0]
    key = " || '/' || ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in parent.key)
    of_days = "TRUE" if scope is None else "list_contains(?, _updated_on)"
    values: list[object] = [company, *([] if scope is None else [list(scope.days)])]
    rows = connection.execute(
        f"""
        WITH asked AS (
            SELECT {key} AS key, _updated_on FROM {relation(parent.name)}
            WHERE _company = ? AND {of_days}
        )
        SELECT asked.key, min(asked._updated_on)
        FROM {relation(parent.name)} AS held JOIN asked ON {key} = asked.key
        WHERE held._company = ? GROUP BY asked.key HAVING count(DISTINCT held.rowid) > 1
        """,
        [*values, company],
    )
    return dict(rows.fetchall())


def live_amounts(
    connection: duckdb.DuckDBPyConnection, entity: Entity, scope: CompanyDays | None, company: str
) -> dict[str, Amounts]:
    """The amounts of the rows that are not deleted, by Id; a missing amount is 0."""
    if not has_table(connection, entity):
        return {}
    parent = tables_of(entity)[0]
    amounts = ", ".join(f"coalesce({quoted(name)}, 0)" for name in amount_columns(entity))
    currency = _currency_column(entity)
    where, values = _where(scope, company)
    rows = connection.execute(
        f"SELECT {quoted(parent.key[0])}, _updated_on, {currency}, {amounts}"
        f" FROM {relation(parent.name)} {where}",
        values,
    ).fetchall()
    return {row[0]: Amounts(row[2], tuple(row[3:]), row[1]) for row in rows}


def source_amounts(
    client: QuickBooksClient,
    entities: Sequence[Entity],
    counts: Mapping[str, int],
    window: Window,
    calendar: Calendar,
) -> dict[str, dict[str, Amounts]]:
    """The same of QuickBooks' records, asked anew, by entity name and Id.

    Small entities share batches; of large ones only the amounts are asked for. The JSON is read by
    another reader than the pipeline's.
    """
    by_name = {entity.name: entity for entity in entities}
    found: dict[str, dict[str, Amounts]] = {name: {} for name in by_name}
    batches, paged = pack({name: counts[name] for name in by_name})

    def take(name: str, rows: Iterable[Fetched]) -> None:
        held = (row for row in rows if window.holds(row.updated))
        found[name] |= {row.id: _amounts(by_name[name], row, calendar) for row in held}

    for batch in batches:
        answers = client.query_batch([(by_name[name], window) for name in batch])
        for name, rows in zip(batch, answers, strict=True):
            if len(rows) >= MAX_OBJECTS:  # grew since it was counted, and may be cut off
                paged.append(name)
            else:
                take(name, rows)
    for name in paged:
        entity = by_name[name]
        currency = [CURRENCY] if _currency_column(entity) != "NULL" else []
        for page in client.select(entity, [*entity.amounts, *currency], window):
            take(name, page)
    return found


def _amounts(entity: Entity, row: Fetched, calendar: Calendar) -> Amounts:
    record = msgspec.json.decode(row.body, type=dict[str, msgspec.Raw])
    values = tuple(_exact(record.get(name)) for name in entity.amounts)
    return Amounts(_currency(record), values, calendar.day_of(row.updated))


def amount_columns(entity: Entity) -> list[str]:
    """The columns of the amounts that the catalog names."""
    by_path = {column.path: column.name for column in tables_of(entity)[0].columns}
    return [by_path[(name,)] for name in entity.amounts]


def totals(amounts: Mapping[str, Amounts], width: int) -> dict[str, tuple[Decimal, ...]]:
    """The sums by currency; rows without one are under an empty name."""
    sums: dict[str, list[Decimal]] = {}
    for each in amounts.values():
        row = sums.setdefault(each.currency or "", [Decimal(0)] * width)
        for place, value in enumerate(each.values):
            row[place] = EXACT.add(row[place], value)
    return {currency: tuple(row) for currency, row in sums.items()}


def _where(scope: CompanyDays | None, company: str) -> tuple[str, list[object]]:
    if scope is None:
        return "WHERE _company = ? AND NOT _deleted", [company]
    days: Sequence[object] = list(scope.days)
    return "WHERE _company = ? AND NOT _deleted AND list_contains(?, _updated_on)", [company, days]


def _currency_column(entity: Entity) -> str:
    path = (CURRENCY, "value")
    columns = tables_of(entity)[0].columns
    return next((quoted(column.name) for column in columns if column.path == path), "NULL")


def _currency(record: Mapping[str, msgspec.Raw]) -> str | None:
    raw = record.get(CURRENCY)
    if raw is None:
        return None
    return msgspec.json.decode(raw, type=dict[str, str]).get("value")


def _exact(raw: msgspec.Raw | None) -> Decimal:
    text = bytes(raw).decode().strip('"') if raw is not None else ""
    try:
        return Decimal(text) if text not in ("", "null") else Decimal(0)
    except InvalidOperation:
        return Decimal("NaN")  # equals no amount, as what is none must not
