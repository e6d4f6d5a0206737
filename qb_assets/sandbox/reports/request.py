"""What a call for a report asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qb_assets.sandbox.faults import VALIDATION, QuickBooksError

from .periods import fiscal_year_start, macro

Basis = Literal["Accrual", "Cash"]


@dataclass(frozen=True)
class Request:
    """The parameters of a report, with QuickBooks' defaults where the call gives none.

    `columns` are the ColKeys asked for, empty for the report's own choice. `accounts` are the Ids
    to show, empty for all. `macro` is the name of the date range where one was given.
    """

    name: str
    start: date
    end: date
    macro: str
    basis: Basis
    report_date: date
    by_month: bool
    columns: tuple[str, ...]
    accounts: frozenset[str]
    aging_period: int
    num_periods: int


def read_request(
    name: str, asked: Mapping[str, str], *, today: date, first_month: int, basis: Basis
) -> Request:
    """The request in a call's query parameters.

    Without dates a report is of the fiscal year up to today; `basis` is the company's own. What
    is not known is passed over, as QuickBooks does. Raises QuickBooksError for a value that is
    none: a date that is no date, a range that ends before it starts.
    """
    start, end, named = _dates(asked, today, first_month)
    method = asked.get("accounting_method", "").strip().capitalize() or basis
    if method != "Cash" and method != "Accrual":
        raise _invalid("accounting_method", method, "Cash or Accrual")
    return Request(
        name=name,
        start=start,
        end=end,
        macro=named,
        basis=method,
        report_date=_date(asked, "report_date") or (end if "end_date" in asked else today),
        by_month=asked.get("summarize_column_by", "Total").strip().lower().startswith("month"),
        columns=tuple(_words(asked.get("columns", ""))),
        accounts=frozenset(_words(asked.get("account", ""))),
        aging_period=_count(asked, "aging_period", 30),
        num_periods=_count(asked, "num_periods", 4),
    )


def _dates(asked: Mapping[str, str], today: date, first_month: int) -> tuple[date, date, str]:
    start, end = _date(asked, "start_date"), _date(asked, "end_date")
    named = asked.get("date_macro", "").strip()
    if named and start is None and end is None:
        found = macro(named, today, first_month)
        if found is None:
            raise _invalid("date_macro", named, "a range such as Last Month")
        return *found, named
    end = end or today
    start = start or fiscal_year_start(end, first_month)
    if start > end:
        raise _invalid("start_date", start.isoformat(), f"no day after the end_date {end}")
    return start, end, ""


def _date(asked: Mapping[str, str], key: str) -> date | None:
    text = asked.get(key, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _invalid(key, text, "YYYY-MM-DD") from None


def _count(asked: Mapping[str, str], key: str, default: int) -> int:
    text = asked.get(key, "").strip() or str(default)
    if not text.isdecimal() or not int(text):
        raise _invalid(key, text, "a whole number from 1")
    return int(text)


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def _invalid(key: str, value: str, wanted: str) -> QuickBooksError:
    detail = f"Property Name: {key} specified is unsupported or invalid: {value}; use {wanted}"
    message = "Request has invalid or unsupported property"
    return QuickBooksError("2010", message, detail, 400, VALIDATION, element=key)
