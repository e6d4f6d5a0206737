"""Made-up records whose versions go through raw objects and the normalized layer to a warehouse."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import duckdb

from qb_assets.catalog import Entity, tables_of
from qb_assets.catalog.fields import array, decimal, flag, text
from qb_assets.catalog.parts import INTUIT_ENTITY
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.partitions import Calendar, CompanyDays, days_between
from qb_assets.quickbooks.envelope import fetched
from qb_assets.raw.records import by_day, raw_table
from qb_assets.warehouse.load import Loaded, load

COMPANY = "7"
CALENDAR = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
DAYS = days_between(date(2026, 5, 1), date(2026, 5, 3))
FIRST = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
FETCHED = datetime(2026, 5, 9, tzinfo=timezone.utc)

SLIP = Entity(
    name="Slip",
    description="One document, which can be voided and deleted.",
    kind="transaction",
    fields=(
        *INTUIT_ENTITY,
        text("PrivateNote"),
        decimal("TotalAmt"),
        array("Line", decimal("Amount"), array("LinkedTxn", text("TxnId"))),
    ),
    delete="hard",
    amounts=("TotalAmt",),
)
PARTNER = Entity(
    name="Partner",
    description="One record of a list, which can be made inactive and merged into another.",
    kind="list",
    fields=(*INTUIT_ENTITY, text("Name"), flag("Active"), array("Line", decimal("Amount"))),
    active_filter=True,
    delete="soft",
)
ENDED = {"Slip": "voided", "Partner": "inactive"}
GONE = {"Slip": "deleted", "Partner": "merged"}

Rows: TypeAlias = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Event:
    """A version of a record, or the notice that it is gone, as one fetch found it."""

    hour: int
    """When it happened, in hours from `FIRST`."""
    what: str = "live"
    """live, ended (voided or inactive) or gone."""
    value: int = 1
    lines: int = 1

    @property
    def changed_at(self) -> datetime:
        return FIRST + timedelta(hours=self.hour)

    def body(self, entity: Entity, identity: str) -> bytes:
        """The JSON that QuickBooks would answer."""
        record: dict[str, Any] = {"Id": identity}
        record["MetaData"] = {"LastUpdatedTime": self.changed_at.isoformat()}
        if self.what == "gone":
            return json.dumps({**record, "domain": "QBO", "status": "Deleted"}).encode()
        line: dict[str, Any] = {}
        if entity is SLIP:
            record |= {"PrivateNote": self.note, "TotalAmt": self.total}
            line = {"LinkedTxn": [{"TxnId": str(self.value)}]}
        else:
            record |= {"Name": str(self.value), "Active": self.what == "live"}
        record["Line"] = [{"Amount": self.value + n, **line} for n in range(self.lines)]
        return json.dumps(record).encode()

    @property
    def note(self) -> str:
        return "Voided - by hand" if self.what == "ended" else "not Voided"

    @property
    def total(self) -> int:
        return 0 if self.what == "ended" else self.value


Books: TypeAlias = Mapping[str, Sequence[Event]]
"""What happened to each record, by Id, in the order in which fetches found it."""


def made(folder: Path, entity: Entity, books: Books) -> Lake:
    """A lake that holds it all, raw and normalized."""
    lake = Lake.open(str(folder))
    write(lake, entity, books)
    build(lake, entity, CompanyDays(COMPANY, tuple(DAYS)))
    return lake


def write(lake: Lake, entity: Entity, books: Books) -> None:
    """Makes the raw objects of some fetches, each of which finds the next event of every record."""
    for fetch in range(max(map(len, books.values()))):
        found = {identity: events[fetch] for identity, events in books.items() if events[fetch:]}
        rows = raw_table(
            [fetched(event.body(entity, identity), entity) for identity, event in found.items()],
            source="cdc",
            extracted_at=fetched_at(fetch),
            gone=GONE[entity.name],
        )
        for day, of_day in by_day(rows, CALENDAR, DAYS).items():
            path = layout.raw_object(entity.table, COMPANY, day, f"fetch{fetch:04}")
            lake.create(path, parquet.encode(of_day))


def fetched_at(fetch: int) -> datetime:
    return FETCHED + timedelta(seconds=fetch)


def merge_days(
    connection: duckdb.DuckDBPyConnection, lake: Lake, entity: Entity, days: Iterable[date] = DAYS
) -> Loaded:
    """Loads days one by one; gives what the last of them did."""
    connection.execute("SET TimeZone = 'UTC'")
    return [load(connection, lake, entity, CompanyDays(COMPANY, (day,))) for day in days][-1]


def content(connection: duckdb.DuckDBPyConnection, entity: Entity) -> Rows:
    """All rows of the entity's tables in order of their keys, less the columns that are empty."""
    whole: Rows = {}
    for table in tables_of(entity):
        own = [*table.parent_keys, "position"] if table.parent else list(table.key)
        found = connection.execute(
            f"SELECT * FROM quickbooks.{table.name} ORDER BY {', '.join(own)}"
        )
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        whole[table.name] = [{n: v for n, v in row.items() if v is not None} for row in rows]
    return whole


def expected(entity: Entity, books: Books) -> Rows:
    """The same as it should be: the newest event says the state, the newest version the values."""
    whole: Rows = {table.name: [] for table in tables_of(entity)}
    for identity, events in sorted(books.items()):
        known = [(event.changed_at, fetched_at(n), event) for n, event in enumerate(events)]
        known.sort(key=lambda each: each[:2])
        _expect(whole, entity, identity, known)
    return whole


def _expect(
    whole: Rows, entity: Entity, identity: str, known: list[tuple[datetime, datetime, Event]]
) -> None:
    parents, children, *below = whole.values()
    changed_at, extracted_at, newest = known[-1]
    states = {"live": "live", "ended": ENDED[entity.name], "gone": GONE[entity.name]}
    lineage = {
        "_company": COMPANY,
        "_updated_on": CALENDAR.day_of(changed_at),
        "_changed_at": changed_at,
        "_extracted_at": extracted_at,
        "_deleted": newest.what == "gone",
        "_state": states[newest.what],
    }
    parent = {"id": identity, **lineage}
    parents.append(parent)
    versions = [each for each in known if each[2].what != "gone"]
    if not versions:
        return
    changed_at, extracted_at, event = versions[-1]
    parent |= {"_values_changed_at": changed_at, "_values_extracted_at": extracted_at}
    parent["meta_data_last_updated_time"] = changed_at
    if entity is SLIP:
        parent |= {"private_note": event.note, "total_amt": Decimal(event.total)}
    else:
        parent |= {"name": str(event.value), "active": event.what == "live"}
    owner = {f"{entity.table}_id": identity}
    for n in range(event.lines):
        children.append({**owner, "position": n, "amount": Decimal(event.value + n), **lineage})
        for rows in below:
            place = {"line_position": n, "position": 0}
            rows.append({**owner, **place, "txn_id": str(event.value), **lineage})
