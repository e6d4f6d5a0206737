"""What a company's preferences say that its reports depend on, and when a month is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.reports.months import last_day

SETTLED_AFTER_DAYS = 10
"""Days after its end at which a month counts as closed, where the company closes no books."""


class _Accounting(msgspec.Struct):
    BookCloseDate: str = ""


class _Currency(msgspec.Struct):
    MultiCurrencyEnabled: bool = False


class _Preferences(msgspec.Struct):
    AccountingInfoPrefs: _Accounting = msgspec.field(default_factory=_Accounting)
    CurrencyPrefs: _Currency = msgspec.field(default_factory=_Currency)


@dataclass(frozen=True, slots=True)
class BookRules:
    """Whether a company has several currencies, and the day up to which its books are closed."""

    several_currencies: bool = False
    closed_until: date | None = None


def book_rules(client: QuickBooksClient) -> BookRules:
    """What the company's Preferences say. One metered call."""
    (rows,) = client.query_batch([(ENTITIES["Preferences"], None)])
    if not rows:
        return BookRules()
    found = msgspec.json.decode(rows[0].body, type=_Preferences)
    closing = found.AccountingInfoPrefs.BookCloseDate[:10]
    return BookRules(
        found.CurrencyPrefs.MultiCurrencyEnabled, date.fromisoformat(closing) if closing else None
    )


def is_closed(month: date, *, at: datetime, closed_until: date | None) -> bool:
    """Whether a month's figures stood firm at a moment.

    They do when the company has closed its books for the whole month; in a company that never
    closes its books, some days after the month's end.
    """
    if closed_until is not None:
        return last_day(month) <= closed_until
    return at.date() > last_day(month) + timedelta(days=SETTLED_AFTER_DAYS)
