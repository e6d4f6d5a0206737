"""Query statements and windows of time (Intuit, "Query operations and syntax")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Protocol

MAX_RESULTS = 1000
"""Rows a query answers at most (Intuit, "Query operations and syntax": code 4001 above it)."""

LAST_UPDATED = "MetaData.LastUpdatedTime"


class Queryable(Protocol):
    """What a query has to know of an entity; `qb_assets.catalog.Entity` has it."""

    @property
    def name(self) -> str:
        """Its name in the catalog and in change data capture, such as `Invoice`."""
        ...

    @property
    def query_name(self) -> str | None:
        """Its name in a statement, where that is another one."""
        ...

    @property
    def json_key(self) -> str:
        """The key under which answers hold it, such as `CreditCardPaymentTxn`; empty: its name."""
        ...

    @property
    def select_extra(self) -> Sequence[str]:
        """Properties that `SELECT *` leaves out, such as Item's `Sku`."""
        ...

    @property
    def active_filter(self) -> bool:
        """Whether inactive rows come only when they are asked for."""
        ...

    @property
    def singleton(self) -> bool:
        """Whether a company has exactly one."""
        ...

    @property
    def cdc(self) -> bool:
        """Whether change data capture tells of it."""
        ...

    @property
    def cursor(self) -> str | None:
        """`MetaData.LastUpdatedTime`, or None where it cannot be filtered by update time."""
        ...

    @property
    def wrapped(self) -> bool:
        """Whether a row is an object with one key, its type, around the record."""
        ...

    @property
    def key(self) -> Sequence[str]:
        """The properties that identify a row, such as `Id`."""
        ...

    @property
    def volatile(self) -> Sequence[str]:
        """The properties that differ at every read, which is no change of the row."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Instants of update from `start` (None: since the beginning) to before `end`.

    Both must carry a time zone; they are kept in UTC and in whole seconds, as LastUpdatedTime is,
    so that windows which share a bound share no row and miss none. Raises ValueError otherwise.
    """

    start: datetime | None
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", _whole(self.end))
        if self.start is not None:
            object.__setattr__(self, "start", _whole(self.start))
            if self.start > self.end:
                raise ValueError(f"the window starts at {self.start}, after its end {self.end}")

    def holds(self, updated: datetime | None) -> bool:
        """Whether a row updated then is in it; one never updated is where there is no start."""
        if updated is None:
            return self.start is None
        return (self.start is None or updated >= self.start) and updated < self.end

    def is_before(self, updated: datetime | None) -> bool:
        """Whether the window ends before a row that was updated then."""
        return updated is not None and updated >= self.end


@dataclass(frozen=True, slots=True)
class Span:
    """Which rows of an entity a statement asks for: updated from `since` to before `until`.

    None is unbounded; a bound leaves out rows that have no LastUpdatedTime.
    """

    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Span()


def literal(text: str) -> str:
    r"""A text as a quoted literal; a quote is escaped as `\'` (doubling it is a parse error)."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def instant(moment: datetime) -> str:
    """A moment as QuickBooks reads it: ISO 8601 in UTC, with Z."""
    if moment.tzinfo is None:
        raise ValueError(f"the moment {moment} has no time zone")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def count_statement(entity: Queryable, span: Span = EVERYTHING) -> str:
    """`SELECT COUNT(*)` of the rows in the span."""
    return " ".join(["SELECT COUNT(*)", *_from(entity, span)])


def page_statement(
    entity: Queryable,
    span: Span = EVERYTHING,
    *,
    start: int = 1,
    limit: int = MAX_RESULTS,
    properties: Sequence[str] = (),
) -> str:
    """The statement for rows of the span from position `start` (from 1), in order of update.

    `properties` are all that is wanted of a row (none: everything).
    """
    chosen = ", ".join(properties or ("*", *entity.select_extra))
    order = [f"ORDERBY {entity.cursor}"] if entity.cursor else []
    place = [f"STARTPOSITION {start}", f"MAXRESULTS {limit}"]
    return " ".join([f"SELECT {chosen}", *_from(entity, span), *order, *place])


def ids_statement(entity: Queryable, ids: Sequence[str], *, properties: Sequence[str] = ()) -> str:
    """The statement for the records with these Ids, at most 1,000, as far as there are any."""
    chosen = ", ".join(properties or ("*", *entity.select_extra))
    wanted = ", ".join(map(literal, ids))
    terms = [*_of_all(entity), f"Id IN ({wanted})"]
    source = f"FROM {entity.query_name or entity.name} WHERE {' AND '.join(terms)}"
    return f"SELECT {chosen} {source} MAXRESULTS {MAX_RESULTS}"


def _of_all(entity: Queryable) -> list[str]:
    return ["Active IN (true, false)"] if entity.active_filter else []


def _from(entity: Queryable, span: Span) -> list[str]:
    terms = _of_all(entity)
    if entity.cursor and span.since is not None:
        terms.append(f"{entity.cursor} >= {literal(instant(span.since))}")
    if entity.cursor and span.until is not None:
        terms.append(f"{entity.cursor} < {literal(instant(span.until))}")
    where = [f"WHERE {' AND '.join(terms)}"] if terms else []
    return [f"FROM {entity.query_name or entity.name}", *where]


def _whole(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"the moment {moment} has no time zone")
    return moment.astimezone(timezone.utc).replace(microsecond=0)
