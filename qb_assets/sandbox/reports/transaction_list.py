"""TransactionList: every transaction in one row, also those that post nothing."""

from __future__ import annotations

from collections import Counter

from .cells import data
from .chart import sign
from .detail import FOR, FOREIGN, TOLD, Layout, Line
from .frame import Body, Frame
from .journal import Journal, in_order, journal_of, legs_of
from .open_items import due_date
from .pages import Page

_NOT_POSTING = ("Estimate", "PurchaseOrder")
_SPLIT = ("account_name", "other_account")
_DEFAULT = (*TOLD[:3], "is_no_post", *TOLD[3:], *_SPLIT, "subt_nat_amount")
_OPEN = ("due_date", "subt_open_bal", "subt_open_home_bal")
_ALLOWED = (*_DEFAULT, "split_acc", *FOR, *_OPEN, *FOREIGN)


def transaction_list(frame: Frame) -> Body:
    """The report. A row tells of a transaction's first leg, with the sign of its account's
    nature; the open balance is that at the end of the range."""
    layout, page, request = Layout(frame, _ALLOWED, _DEFAULT), Page(frame.limit), frame.request
    left: Counter[Journal] = Counter()
    for owed in (frame.receivable, frame.payable):
        for item in owed.items(request.end):
            left[item.journal] += item.open
    posted = frame.view.between(request.start, request.end)
    rows = [
        data(layout.cells(_line(frame, journal, left[journal])))
        for journal in in_order([*posted, *_not_posting(frame)])
        if _is_asked(frame, journal) and page.takes(layout.width)
    ]
    rows = page.closed(rows)
    return Body(layout.columns, rows, page.count, request.start, request.end, based=False)


def _not_posting(frame: Frame) -> list[Journal]:
    """Estimates and purchase orders of the range, which are in no ledger."""
    request = frame.request
    found: list[Journal] = []
    for entity in _NOT_POSTING:
        for txn in frame.world.documents.get(entity, []):
            if request.start <= txn.entry.date <= request.end:
                journal = journal_of(txn.entry, txn)
                journal.legs.extend(legs_of(txn.entry, txn))
                found.append(journal)
    return found


def _is_asked(frame: Frame, journal: Journal) -> bool:
    asked = frame.request.accounts
    return not asked or journal.legs[0].account_id in asked


def _line(frame: Frame, journal: Journal, left: int) -> Line:
    leg = journal.legs[0]
    nature = sign(frame.chart[leg.account_id])
    return Line(journal, leg, sign=nature, due=due_date(journal), open=left)
