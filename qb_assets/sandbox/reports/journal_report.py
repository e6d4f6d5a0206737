"""JournalReport: every transaction with its debits and credits."""

from __future__ import annotations

from .cells import BLANK, Cell, Row, data, section
from .detail import FOR, FOREIGN, TOLD, Layout, Line
from .frame import Body, Frame
from .journal import Journal
from .pages import Page

_DEFAULT = (*TOLD, "account_name", "debt_amt", "credit_amt")
_ALLOWED = (*_DEFAULT, *FOR, "quantity", *FOREIGN)


def journal_report(frame: Frame) -> Body:
    """The report: a row for each leg, a summary and an empty row after each transaction.

    The rows after a transaction's first have the date "0-00-00" and no name of its type.
    """
    layout, page, request = Layout(frame, _ALLOWED, _DEFAULT), Page(frame.limit), frame.request
    rows: list[Row] = []
    for journal in frame.view.between(request.start, request.end):
        for place, leg in enumerate(journal.legs):
            if page.takes(layout.width):
                rows.append(data(layout.cells(Line(journal, leg, again=place > 0))))
        if page.full:
            break
        page.spends(2 * layout.width)
        rows += [section(None, _summary(layout, journal)), data([BLANK] * layout.width)]
    body = Body(layout.columns, page.closed(rows), page.count, request.start, request.end)
    body.based = False
    return body


def _summary(layout: Layout, journal: Journal) -> list[Cell]:
    debit = sum(leg.cents for leg in journal.legs if leg.cents > 0)
    amounts = {"debt_amt": debit, "credit_amt": debit}
    return layout.labelled(BLANK, amounts)
