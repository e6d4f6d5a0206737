"""One accounting method's transactions, indexed by account and day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from .chart import Chart
from .journal import Journal, Leg
from .periods import fiscal_year_start


class Posted(NamedTuple):
    """A leg with the transaction it is of."""

    journal: Journal
    leg: Leg


class History:
    """What was posted to an account, by day."""

    def __init__(self, postings: list[Posted]) -> None:
        self._postings = postings
        self._days = [posted.journal.day for posted in postings]
        self._sums = list(accumulate((posted.leg.cents for posted in postings), initial=0))

    def before(self, day: date) -> int:
        """Cents posted before a day."""
        return self._sums[bisect_left(self._days, day)]

    def upto(self, day: date) -> int:
        """Cents posted on a day and before it."""
        return self._sums[bisect_right(self._days, day)]

    def between(self, start: date, end: date) -> list[Posted]:
        """The postings from a day to another, both included."""
        return self._postings[bisect_left(self._days, start) : bisect_right(self._days, end)]

    def moves(self, start: date, end: date) -> bool:
        """Whether anything was posted from a day to another."""
        return bisect_left(self._days, start) < bisect_right(self._days, end)


_NOTHING = History([])


class View:
    """The transactions of accrual or cash accounting, and balances as of any day.

    Accounts of income and expense begin each fiscal year with nothing: what they came to in the
    years before is added to the retained earnings, as QuickBooks does without an entry.
    """

    def __init__(self, journals: list[Journal], chart: Chart, first_month: int) -> None:
        self.journals = journals
        self.chart = chart
        self._first_month = first_month
        self._days = [journal.day for journal in journals]
        by_account: dict[str, list[Posted]] = {}
        for journal in journals:
            for leg in journal.legs:
                by_account.setdefault(leg.account_id, []).append(Posted(journal, leg))
        self._histories = {key: History(postings) for key, postings in by_account.items()}
        self._nominal = [row.id for row in chart.all if not row.on_balance_sheet]

    def history(self, account_id: str) -> History:
        """What was posted to an account."""
        return self._histories.get(account_id, _NOTHING)

    def between(self, start: date, end: date) -> list[Journal]:
        """The transactions from a day to another, both included."""
        return self.journals[bisect_left(self._days, start) : bisect_right(self._days, end)]

    def movement(self, account_id: str, start: date, end: date) -> int:
        """Cents posted to an account from a day to another, both included."""
        history = self.history(account_id)
        return history.upto(end) - history.before(start)

    def fiscal_start(self, day: date) -> date:
        """The first day of the fiscal year that a day is in."""
        return fiscal_year_start(day, self._first_month)

    def profit(self, start: date, end: date) -> int:
        """The net income in cents, a profit positive."""
        return -sum(self.movement(account_id, start, end) for account_id in self._nominal)

    def balance(self, account_id: str, day: date) -> int:
        """An account's balance in cents at the end of a day, a debit positive."""
        return self._carried(account_id, day, self.history(account_id).upto(day))

    def opening(self, account_id: str, day: date) -> int:
        """An account's balance in cents at the beginning of a day."""
        return self._carried(account_id, day, self.history(account_id).before(day))

    def _carried(self, account_id: str, day: date, posted: int) -> int:
        year = self.fiscal_start(day)
        account = self.chart[account_id]
        if not account.on_balance_sheet:
            return posted - self.history(account_id).before(year)
        if account_id == self.chart.retained.id:
            return posted + sum(self.history(key).before(year) for key in self._nominal)
        return posted


def total(postings: Iterable[Posted]) -> int:
    """The sum in cents of some postings."""
    return sum(posted.leg.cents for posted in postings)
