"""Snapshots into the warehouse: the last one of each month, and what it restates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from qb_assets.catalog.reports import Method, Report
from qb_assets.lake.store import Lake
from qb_assets.reports.closing import is_closed
from qb_assets.reports.columns import RESTATEMENT, RESTATEMENT_SCHEMA, SNAPSHOT, SNAPSHOT_SCHEMA
from qb_assets.reports.ddl import ensure_tables, relation
from qb_assets.reports.long import Origin, long_table
from qb_assets.reports.restatements import restated
from qb_assets.reports.snapshots import Said, Snapshot, answers_of, said_by, snapshots_of
from qb_assets.warehouse.upkeep import transaction

arrow: Any = pa
_INCOMING = "incoming"
_KEY = "_company = ? AND report = ? AND month = ? AND accounting_method = ?"


@dataclass(frozen=True, slots=True)
class Seen:
    """When a report of a month was last fetched, and up to which day books were closed then."""

    snapshot: str
    at: datetime
    closed_until: date | None


@dataclass
class Loaded:
    """What a load of one report did: rows of each month, and accounts restated."""

    rows: dict[date, int] = field(default_factory=dict[date, int])
    replaced: int = 0
    """Months, of one basis each, that got other rows."""
    restated: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot that the warehouse has taken in."""

    name: str
    seen_at: datetime
    closed: bool
    rows: int
    current: bool


class ReportLoader:
    """Loads one company's reports.

    `fresh` has the rows of snapshots that were fetched just now, by name; others are read from the
    lake. `seen` tells when reports were last fetched, by (report, month, basis).
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Lake,
        company: str,
        *,
        fresh: Mapping[tuple[str, date, str], pa.Table],
        seen: Mapping[tuple[str, date, Method], Seen],
    ) -> None:
        self._connection = connection
        self._lake = lake
        self._company = company
        self._fresh = fresh
        self._seen = seen

    def load(self, report: Report, months: Iterable[date]) -> Loaded:
        """Brings months of a report up to their last snapshots, all of them or none.

        A snapshot that was never loaded is compared with the one before, so a warehouse that is
        made anew finds every restatement again.

        Raises:
            WarehouseError: a table is there with other columns.
            LakeError: a snapshot could not be read.
        """
        loaded = Loaded()
        kept = snapshots_of(self._lake, report, self._company)
        with transaction(self._connection):
            ensure_tables(self._connection, [report])
            for month in months:
                loaded.rows[month] = 0
                methods = _methods(report, month, kept)
                for method in methods:
                    snapshots = kept.get((month, method), [])
                    loaded.rows[month] += self._load(report, month, method, snapshots, loaded)
                if report.preferred_basis:
                    self._drop_others(report, month, methods)
        return loaded

    def _load(
        self,
        report: Report,
        month: date,
        method: Method,
        snapshots: Sequence[Snapshot],
        loaded: Loaded,
    ) -> int:
        """One month on one basis; gives its number of rows."""
        key = [self._company, report.table, month, method]
        held = {each.name: each for each in self._held(key)}
        before = next((each for each in held.values() if each.current), None)
        rows = before.rows if before else 0
        last: pa.Table | None = None
        for snapshot in snapshots:
            if snapshot.name in held or (before is not None and snapshot.name < before.name):
                continue
            said = said_by(self._lake, snapshot)
            after = self._rows(snapshot, said)
            if before is not None and before.closed and report.restated:
                earlier = last if last is not None else self._current(report, key)
                loaded.restated += self._restate(key, report, earlier, after, before, said)
            before = self._keep(key, snapshot, said, after.num_rows)
            last, rows = after, after.num_rows
        if last is not None:
            self._replace(report, key, last)
            loaded.replaced += 1
        seen = self._seen.get((report.name, month, method))
        if seen is not None:
            self._confirm(key, month, seen)
        return rows

    def _held(self, key: Sequence[object]) -> list[_Held]:
        found = self._connection.execute(
            "SELECT _snapshot, seen_at, closed, rows, current"
            f" FROM {relation(SNAPSHOT)} WHERE {_KEY} ORDER BY _snapshot",
            key,
        ).fetchall()
        return [_Held(*row) for row in found]

    def _rows(self, snapshot: Snapshot, said: Said) -> pa.Table:
        fresh = self._fresh.get((snapshot.report.name, snapshot.month, snapshot.name))
        if fresh is not None:
            return fresh
        origin = Origin(
            self._company, snapshot.month, snapshot.method, snapshot.name, said.fetched_at
        )
        return long_table(snapshot.report, answers_of(self._lake, snapshot), origin)

    def _current(self, report: Report, key: Sequence[object]) -> pa.Table:
        company, _, month, method = key
        return self._connection.execute(
            f"SELECT * FROM {relation(report.table)}"
            " WHERE _company = ? AND month = ? AND accounting_method = ?",
            [company, month, method],
        ).to_arrow_table()

    def _keep(self, key: Sequence[Any], snapshot: Snapshot, said: Said, rows: int) -> _Held:
        company, report, month, method = key
        closed = is_closed(month, at=said.fetched_at, closed_until=said.closed_until)
        self._connection.execute(
            f"UPDATE {relation(SNAPSHOT)} SET current = false WHERE {_KEY}", key
        )
        row = {
            "_company": company,
            "report": report,
            "accounting_method": method,
            "month": month,
            "_snapshot": snapshot.name,
            "_fetched_at": said.fetched_at,
            "seen_at": said.fetched_at,
            "closed": closed,
            "rows": rows,
            "missing_columns": ", ".join(said.missing) or None,
            "current": True,
        }
        self._insert(SNAPSHOT, arrow.Table.from_pylist([row], schema=SNAPSHOT_SCHEMA))
        return _Held(snapshot.name, said.fetched_at, closed, rows, current=True)

    def _restate(
        self,
        key: Sequence[Any],
        report: Report,
        earlier: pa.Table,
        after: pa.Table,
        before: _Held,
        said: Said,
    ) -> int:
        company, table, month, method = key
        of = {"_company": company, "report": table, "month": month, "accounting_method": method}
        rows = [
            {**of, **change, "found_at": said.fetched_at, "since": before.seen_at}
            for change in restated(report, earlier, after)
        ]
        if rows:
            table = arrow.Table.from_pylist(rows, schema=RESTATEMENT_SCHEMA)
            self._insert(RESTATEMENT, table)
        return len(rows)

    def _replace(self, report: Report, key: Sequence[object], rows: pa.Table) -> None:
        company, _, month, method = key
        self._connection.execute(
            f"DELETE FROM {relation(report.table)}"
            " WHERE _company = ? AND month = ? AND accounting_method = ?",
            [company, month, method],
        )
        self._insert(report.table, rows)

    def _drop_others(self, report: Report, month: date, methods: Sequence[Method]) -> None:
        """Takes away what a month was on another basis, before the company preferred this one."""
        of = "_company = ? AND month = ? AND NOT list_contains(?, accounting_method)"
        key = [self._company, month, list(methods)]
        self._connection.execute(f"DELETE FROM {relation(report.table)} WHERE {of}", key)
        self._connection.execute(
            f"UPDATE {relation(SNAPSHOT)} SET current = false WHERE {of} AND report = ?",
            [*key, report.table],
        )

    def _confirm(self, key: Sequence[object], month: date, seen: Seen) -> None:
        """Notes that the report still says the same."""
        closed = is_closed(month, at=seen.at, closed_until=seen.closed_until)
        self._connection.execute(
            f"UPDATE {relation(SNAPSHOT)} SET seen_at = ?, closed = ? WHERE {_KEY}"
            " AND _snapshot = ? AND seen_at < ?",
            [seen.at, closed, *key, seen.snapshot, seen.at],
        )

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._connection.register(_INCOMING, rows)
        try:
            self._connection.execute(
                f"INSERT INTO {relation(table)} BY NAME SELECT * FROM {_INCOMING}"
            )
        finally:
            self._connection.unregister(_INCOMING)


def _methods(
    report: Report, month: date, kept: Mapping[tuple[date, Method], Sequence[Snapshot]]
) -> Sequence[Method]:
    """The bases of a month: the one of its last snapshot, where none can be asked for."""
    if not report.preferred_basis:
        return report.methods
    last = [each for (of, _), found in kept.items() if of == month for each in found[-1:]]
    return [each.method for each in sorted(last, key=lambda each: each.name)[-1:]]
