"""Fetches reports of one company, and keeps those that say something new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import pyarrow as pa

from qb_assets.catalog import ENTITIES
from qb_assets.catalog.reports import Method, Report
from qb_assets.lake.store import Lake
from qb_assets.pace import Pace, Say, nothing
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import FeatureUnavailable, QuickBooksError
from qb_assets.quickbooks.report_answer import ReportAnswer, read_report
from qb_assets.quickbooks.reports import ReportReader
from qb_assets.reports.closing import BookRules, book_rules
from qb_assets.reports.long import Origin, long_table, method_of, missing_columns
from qb_assets.reports.months import period_of
from qb_assets.reports.snapshots import (
    Part,
    Said,
    Snapshot,
    digest_of,
    packed,
    said_by,
    snapshots_of,
    write_snapshot,
)

T = TypeVar("T")

READERS = 4
"""Reports that are asked for at once; the company's throttle holds for all of them."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A report of a month on one basis, as it was found.

    `rows` are there where it is a new snapshot, which was written with so many bytes in so many
    parts; else `snapshot` is the one that still says the same.
    """

    snapshot: Snapshot
    seen_at: datetime
    closed_until: date | None
    rows: pa.Table | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report of a month on one basis."""

    report: Report
    month: date
    method: Method


def newest(
    held: Mapping[tuple[date, Method], Sequence[Snapshot]], wanted: Wanted
) -> Snapshot | None:
    """The last snapshot of a month, on any basis where none can be asked for."""
    found = [
        each
        for (month, method), snapshots in held.items()
        if month == wanted.month and (wanted.report.preferred_basis or method == wanted.method)
        for each in snapshots[-1:]
    ]
    return max(found, key=lambda each: each.name, default=None)


class Fetcher:
    """Fetches reports of one company, several at once."""

    def __init__(
        self,
        client: QuickBooksClient,
        lake: Lake,
        calendar: Calendar,
        extract: str,
        at: datetime,
        *,
        progress: Say = nothing,
    ) -> None:
        self._client = client
        self._lake = lake
        self._calendar = calendar
        self._extract = extract
        self._at = at
        self._progress = progress
        self._rules = BookRules()
        self._company = f"company {client.realm}"

    def fetch(
        self, reports: Sequence[Report], months: Sequence[date]
    ) -> tuple[list[Fetched], dict[str, str]]:
        """All reports of all months, and why those that the company has not are left out, by name.

        Raises QuickBooksError or LakeError; what was fetched before is kept.
        """
        self._rules = book_rules(self._client)
        reader = ReportReader(
            self._client,
            several_currencies=self._rules.several_currencies,
            all_accounts=self._accounts,
        )
        held = {report: snapshots_of(self._lake, report, self._client.realm) for report in reports}
        wanted = [
            Wanted(report, month, method)
            for month in months
            for report in reports
            for method in report.methods
        ]

        def one(each: Wanted) -> Fetched | tuple[str, str]:
            try:
                return self._one(reader, each, newest(held[each.report], each))
            except FeatureUnavailable as error:
                return each.report.name, str(error)
            except QuickBooksError as error:
                error.company = error.company or self._client.realm
                error.entity = error.entity or each.report.name
                raise

        found = self._gather(wanted, one)
        fetched = [each for each in found if isinstance(each, Fetched)]
        new = sum(each.rows is not None for each in fetched)
        self._progress(f"{self._company}: {len(fetched):,} reports fetched, {new:,} say news")
        return fetched, dict(each for each in found if not isinstance(each, Fetched))

    def _gather(self, wanted: Sequence[Wanted], one: Callable[[Wanted], T]) -> list[T]:
        """What `one` gives for each, of which several are asked for at once."""
        pace = Pace(self._progress, self._company, total=len(wanted), unit="reports")
        with ThreadPoolExecutor(READERS, thread_name_prefix="reports") as pool:
            futures = [pool.submit(one, each) for each in wanted]
            found: list[T] = []
            try:
                for each, future in zip(wanted, futures, strict=True):
                    found.append(future.result())
                    pace.advance(1, f"{each.report.name} of {each.month:%Y-%m}")
            finally:
                pool.shutdown(cancel_futures=True)
        return found

    def _one(self, reader: ReportReader, wanted: Wanted, before: Snapshot | None) -> Fetched:
        parts: list[Part] = []
        missing: dict[str, None] = {}
        report, month, method = wanted.report, wanted.month, wanted.method

        def answers() -> Iterator[tuple[date, ReportAnswer]]:
            for each in reader.read(report, wanted.method, period_of(month, self._calendar)):
                asked = each.question
                days = asked.period
                parts.append(packed(days.first, days.last, asked.params(), each.body))
                answer = read_report(each.body)
                missing.update(dict.fromkeys(missing_columns(report, answer)))
                yield days.first, answer

        told: Iterable[tuple[date, ReportAnswer]] = answers()
        if report.preferred_basis:
            told = list(told)
            method = method_of(report, method, told[0][1])
        name = f"{self._extract}-{method.lower()}"
        origin = Origin(self._client.realm, month, method, name, self._at)
        rows = long_table(report, told, origin)
        digest = digest_of(rows)
        until = self._rules.closed_until
        if before and before.method == method and said_by(self._lake, before).digest == digest:
            return Fetched(before, self._at, until)
        new = Snapshot(report, self._client.realm, month, method, self._extract, len(parts))
        said = Said(digest, self._at, until, tuple(missing))
        size = write_snapshot(self._lake, new, parts, said)
        return Fetched(new, self._at, until, rows, size)

    def _accounts(self) -> list[str]:
        pages = self._client.select(ENTITIES["Account"], ["Id"])
        return [row.id for page in pages for row in page]
