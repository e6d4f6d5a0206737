"""Aged receivables and payables, by person and by document, and what each person's balance is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qb_assets.sandbox.generate.model import NameRef, Party

from .cells import Column, Row, data, linked, padded, section, text
from .detail import FOR, FOREIGN, Layout, Line
from .frame import Body, Frame
from .open_items import OpenItem
from .pages import Page
from .people import people_rows

_DEFAULT = ("tx_date", "txn_type", "doc_num", "name", "due_date", "past_due")
_AMOUNTS = ("subt_nat_amount", "subt_open_bal")
_ALLOWED = (*_DEFAULT, *_AMOUNTS, "memo", "account_name", *FOR, *FOREIGN, "subt_open_home_bal")


def aged_receivables(frame: Frame) -> Body:
    """AgedReceivables: what each customer owes, by how long it is overdue."""
    return _by_age(frame, frame.receivable.items(frame.request.report_date), _customers(frame))


def aged_payables(frame: Frame) -> Body:
    """AgedPayables: what is owed to each vendor, by how long it is overdue."""
    return _by_age(frame, frame.payable.items(frame.request.report_date), _vendors(frame))


def customer_balance(frame: Frame) -> Body:
    """CustomerBalance: what each customer owes."""
    return _balances(frame, frame.receivable.items(frame.request.report_date), _customers(frame))


def vendor_balance(frame: Frame) -> Body:
    """VendorBalance: what is owed to each vendor."""
    return _balances(frame, frame.payable.items(frame.request.report_date), _vendors(frame))


def aged_receivable_detail(frame: Frame) -> Body:
    """AgedReceivableDetail: every open transaction of customers, the longest overdue first."""
    return _detail(frame, frame.receivable.items(frame.request.report_date), 1)


def aged_payable_detail(frame: Frame) -> Body:
    """AgedPayableDetail: every open transaction of vendors, the longest overdue first."""
    return _detail(frame, frame.payable.items(frame.request.report_date), -1)


def _customers(frame: Frame) -> tuple[str, Sequence[Party]]:
    return "Customer", frame.world.customers


def _vendors(frame: Frame) -> tuple[str, Sequence[Party]]:
    return "Vendor", frame.world.vendors


def _bucket(frame: Frame, item: OpenItem) -> int:
    """0 for what is not overdue, else which of the periods it is overdue for."""
    overdue = (frame.request.report_date - item.due).days
    if overdue <= 0:
        return 0
    return min((overdue - 1) // frame.request.aging_period + 1, frame.request.num_periods)


def _bounds(frame: Frame, bucket: int) -> tuple[int, int]:
    """The first and the last day overdue of a bucket from 1 on; the last one is open."""
    period = frame.request.aging_period
    return (bucket - 1) * period + 1, bucket * period


def _by_age(frame: Frame, items: list[OpenItem], people: tuple[str, Sequence[Party]]) -> Body:
    say, periods = frame.say, frame.request.num_periods
    total = periods + 1

    def places(item: OpenItem) -> tuple[int, ...]:
        return _bucket(frame, item), total

    columns = [Column("current", say("Current"), "Money")]
    for bucket in range(1, periods + 1):
        first, last = _bounds(frame, bucket)
        title = f"{first} - {last}" if bucket < periods else say("{} and over", str(first))
        columns.append(Column(str(bucket - 1), title, "Money"))
    return _table(frame, items, people, columns, places)


def _balances(frame: Frame, items: list[OpenItem], people: tuple[str, Sequence[Party]]) -> Body:
    return _table(frame, items, people, [], lambda _: (0,))


def _table(
    frame: Frame,
    items: list[OpenItem],
    people: tuple[str, Sequence[Party]],
    columns: list[Column],
    places: Callable[[OpenItem], tuple[int, ...]],
) -> Body:
    """A table by person. An item counts in the columns at its places; the last is the total."""
    kind, parties = people
    columns = [*columns, Column("total", frame.say("Total"), "Money")]
    sums: dict[NameRef | None, list[int]] = {}
    for item in items:
        amounts = sums.setdefault(item.name, [0] * len(columns))
        for place in places(item):
            amounts[place] += item.open
    rows = people_rows(frame.say, parties, sums, len(columns))
    whole = [Column(kind.lower(), "", kind), *columns]
    return _as_of(frame, [column.json() for column in whole], rows, len(sums))


def _as_of(frame: Frame, columns: list[Row], rows: list[Row], count: int) -> Body:
    day = frame.request.report_date
    options = (("report_date", day.isoformat()),)
    return Body(columns, rows, count, day, day, based=False, options=options)


def _detail(frame: Frame, items: list[OpenItem], sign: int) -> Body:
    layout, page = Layout(frame, _ALLOWED, (*_DEFAULT, *_AMOUNTS)), Page(frame.limit)
    rows: list[Row] = []
    for bucket in range(frame.request.num_periods, -1, -1):
        within = [item for item in items if _bucket(frame, item) == bucket]
        made = [
            data(layout.cells(_line(frame, item, sign)))
            for item in within
            if page.takes(layout.width)
        ]
        if not made:
            continue
        label = _label(frame, bucket)
        header = padded(linked(label, ""), layout.width)
        page.spends(2 * layout.width)
        summary = layout.labelled(text(frame.say("Total for {}", label)), _totals(within))
        rows.append(section(made, summary, header))
    if rows:
        cells = layout.labelled(text(frame.say("TOTAL")), _totals(items))
        rows.append(section(None, cells, group="GrandTotal"))
    return _as_of(frame, layout.columns, page.closed(rows), page.count)


def _line(frame: Frame, item: OpenItem, sign: int) -> Line:
    overdue = (frame.request.report_date - item.due).days
    return Line(item.journal, item.leg, sign=sign, due=item.due, past_due=overdue, open=item.open)


def _label(frame: Frame, bucket: int) -> str:
    if not bucket:
        return frame.say("Current")
    first, last = _bounds(frame, bucket)
    if bucket == frame.request.num_periods:
        return frame.say("{} or more days past due", str(first))
    return frame.say("{} - {} days past due", str(first), str(last))


def _totals(items: list[OpenItem]) -> dict[str, int | None]:
    amount, left = sum(item.amount for item in items), sum(item.open for item in items)
    return {"subt_nat_amount": amount, "subt_open_bal": left, "subt_open_home_bal": left}
