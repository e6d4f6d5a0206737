"""Fetches a report, in as many parts as QuickBooks makes necessary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from qb_assets.catalog.reports import Method, Report
from qb_assets.quickbooks.faults import ReportTooLarge, ReportTooSlow

LONGEST_LATER_HALF = timedelta(days=3650)
"""A range that reaches back to the beginning of time is not halved in its middle: most of what it
has is in its last years."""


class ReportSource(Protocol):
    """What answers a report, as the client does."""

    def report(self, name: str, params: Mapping[str, str], *, divisible: bool = False) -> bytes:
        """The answer; see `QuickBooksClient.report`."""
        ...


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days, both included."""

    first: date
    last: date

    def halves(self) -> tuple[Period, Period] | None:
        """Two ranges that make it up; None for a single day."""
        length = self.last - self.first
        if not length:
            return None
        begin = self.last - min(length // 2, LONGEST_LATER_HALF)
        return Period(self.first, begin - timedelta(days=1)), Period(begin, self.last)


@dataclass(frozen=True, slots=True)
class Question:
    """What one call asks: a report on a basis, of a period, with some columns and accounts.

    `accounts` are Ids, None for all.
    """

    report: Report
    method: Method
    period: Period
    columns: tuple[str, ...]
    accounts: tuple[str, ...] | None = None

    def params(self) -> dict[str, str]:
        """The call's parameters."""
        params = dict(self.report.params)
        if self.report.period == "range":
            params["start_date"] = self.period.first.isoformat()
            params["end_date"] = self.period.last.isoformat()
        else:
            params["report_date"] = self.period.last.isoformat()
        if len(self.report.methods) > 1:
            params["accounting_method"] = self.method
        if self.columns:
            params["columns"] = ",".join(self.columns)
        if self.accounts is not None:
            params["account"] = ",".join(self.accounts)
        return params


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and the bytes it was answered with."""

    question: Question
    body: bytes


def keys_asked(report: Report, *, several_currencies: bool) -> tuple[str, ...]:
    """The ColKeys to ask for: those of home currency where the company has several currencies."""
    return tuple(
        column.home_key or column.key if several_currencies else column.key
        for column in report.asked
        if several_currencies or not column.foreign
    )


class ReportReader:
    """Reads reports of one company, dividing what is too much for one answer.

    `all_accounts` gives the Ids of all accounts; it is asked once at most, and only when one day of
    a report is too much.
    """

    def __init__(
        self,
        source: ReportSource,
        *,
        several_currencies: bool,
        all_accounts: Callable[[], Sequence[str]],
    ) -> None:
        self._source = source
        self._several = several_currencies
        self._all_accounts = all_accounts
        self._accounts: tuple[str, ...] | None = None

    def read(self, report: Report, method: Method, period: Period) -> Iterator[Answered]:
        """The parts of a report, in order of their days; one where that is enough.

        Raises QuickBooksError: ReportTooLarge or ReportTooSlow where the least that can be asked
        for is still too much.
        """
        keys = keys_asked(report, several_currencies=self._several)
        yield from self._ask(Question(report, method, period, keys))

    def _ask(self, question: Question) -> Iterator[Answered]:
        report = question.report
        divisible = report.divisible and (
            question.period.halves() is not None or report.by_account or _shed(question) is not None
        )
        try:
            body = self._source.report(report.name, question.params(), divisible=divisible)
        except (ReportTooLarge, ReportTooSlow):
            smaller = self._divided(question)
            if not smaller:
                raise
        else:
            yield Answered(question, body)
            return
        for each in smaller:
            yield from self._ask(each)

    def _divided(self, question: Question) -> list[Question]:
        """Questions whose answers together are this one's; none where it cannot be divided."""
        report = question.report
        if report.divisible:
            halves = question.period.halves()
            if halves is not None:
                return [replace(question, period=half) for half in halves]
            if report.by_account:
                accounts = self._known_accounts(question)
                middle = len(accounts) // 2
                parts = (accounts[:middle], accounts[middle:]) if middle else ()
                if parts:
                    return [replace(question, accounts=part) for part in parts]
        fewer = _shed(question)
        return [replace(question, columns=fewer)] if fewer else []

    def _known_accounts(self, question: Question) -> tuple[str, ...]:
        if question.accounts is not None:
            return question.accounts
        if self._accounts is None:
            self._accounts = tuple(self._all_accounts())
        return self._accounts


def _shed(question: Question) -> tuple[str, ...] | None:
    """The columns that the report must have, where more were asked for."""
    needed = {
        key
        for column in question.report.asked
        if column.name in question.report.required
        for key in column.keys
    }
    fewer = tuple(key for key in question.columns if key in needed)
    return fewer if 0 < len(fewer) < len(question.columns) else None
