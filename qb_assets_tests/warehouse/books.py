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
    token: str | None = None
    """Its SyncToken, of which a version may say nothing."""

    @property
    def changed_at(self) -> datetime:
        return FIRST + timedelta(hours=self.hour)

    def body(self, entity: Entity, identity: str) -> bytes:
        """The JSON that QuickBooks would answer."""
        record: dict[str, Any] = {"Id": identity}
        record["MetaData"] = {"LastUpdatedTime": self.changed_at.isoformat()}
        if self.what == "gone":
            return json.dumps({**record, "domain": "QBO", "status": "Deleted"}).encode()
        if self.token is not None:
            record["SyncToken"] = self.token
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


def content(
    connection: duckdb.DuckDBPyConnection, entity: Entity, of: str = "", then: str = ""
) -> Rows:
    """All rows of the entity's tables in order of their keys, less the columns that are empty.

    `of` is put after each table's name, `then` after the columns of its key.
    """
    whole: Rows = {}
    for table in tables_of(entity):
        own = [*table.parent_keys, "position"] if table.parent else list(table.key)
        found = connection.execute(
            f"SELECT * FROM quickbooks.{table.name}{of} ORDER BY {', '.join(own)}{then}"
        )
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        whole[table.name] = [{n: v for n, v in row.items() if v is not None} for row in rows]
    return whole


def expected(entity: Entity, books: Books) -> Rows:
    """The same as it should be: the newest event says the state, the newest version the values."""
    whole: Rows = {table.name: [] for table in tables_of(entity)}
    for identity, events in sorted(books.items()):
        _expect(whole, entity, identity, known_of(events))
    return whole


def expected_history(entity: Entity, books: Books) -> Rows:
    """Every version with the time for which it held, as it should be."""
    whole: Rows = {table.name: [] for table in tables_of(entity)}
    for identity, events in sorted(books.items()):
        known = known_of(events)
        after = [*known[1:], (None, None, None)]
        for (changed_at, extracted_at, event), (valid_to, *_) in zip(known, after, strict=True):
            if event.what == "gone":
                continue
            validity = {"valid_from": changed_at, "is_current": valid_to is None}
            if valid_to is not None:
                validity["valid_to"] = valid_to
            lineage = lineage_of(entity, changed_at, extracted_at, event) | validity
            for name, rows in rows_of(entity, identity, event, lineage).items():
                whole[name] += rows
    return whole


def known_of(events: Sequence[Event]) -> list[tuple[datetime, datetime, Event]]:
    """What happened to a record in order, with the times of the change and of the fetch."""
    known = [(event.changed_at, fetched_at(n), event) for n, event in enumerate(events)]
    return sorted(known, key=lambda each: each[:2])


def lineage_of(
    entity: Entity, changed_at: datetime, extracted_at: datetime, event: Event
) -> dict[str, Any]:
    """What each row says of an event."""
    states = {"live": "live", "ended": ENDED[entity.name], "gone": GONE[entity.name]}
    return {
        "_company": COMPANY,
        "_updated_on": CALENDAR.day_of(changed_at),
        "_changed_at": changed_at,
        "_extracted_at": extracted_at,
        "_deleted": event.what == "gone",
        "_state": states[event.what],
    }


def rows_of(entity: Entity, identity: str, event: Event, lineage: dict[str, Any]) -> Rows:
    """The rows of a version by table, with what they say besides."""
    parent = {"id": identity, "meta_data_last_updated_time": event.changed_at, **lineage}
    if entity is SLIP:
        parent |= {"private_note": event.note, "total_amt": Decimal(event.total)}
    else:
        parent |= {"name": str(event.value), "active": event.what == "live"}
    if event.token is not None:
        parent["sync_token"] = event.token
    tables = tables_of(entity)
    rows: Rows = {table.name: [] for table in tables}
    rows[tables[0].name].append(parent)
    owner = {f"{entity.table}_id": identity}
    for n in range(event.lines):
        amount = Decimal(event.value + n)
        rows[tables[1].name].append({**owner, "position": n, "amount": amount, **lineage})
        for table in tables[2:]:
            link = {"line_position": n, "position": 0, "txn_id": str(event.value)}
            rows[table.name].append({**owner, **link, **lineage})
    return rows


def _expect(
    whole: Rows, entity: Entity, identity: str, known: list[tuple[datetime, datetime, Event]]
) -> None:
    lineage = lineage_of(entity, *known[-1])
    versions = [each for each in known if each[2].what != "gone"]
    if not versions:
        whole[entity.table].append({"id": identity, **lineage})
        return
    changed_at, extracted_at, event = versions[-1]
    rows = rows_of(entity, identity, event, lineage)
    [parent] = rows[entity.table]
    parent |= {"_values_changed_at": changed_at, "_values_extracted_at": extracted_at}
    for name, found in rows.items():
        whole[name] += found
