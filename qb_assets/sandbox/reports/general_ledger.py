"""GeneralLedger: every posting, account by account, with the balance before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from qb_assets.sandbox.generate.model import Account

from .cells import Cell, Row, data, linked, padded, section
from .chart import shown, sign
from .detail import FOR, FOREIGN, TOLD, Layout, Line
from .frame import Body, Frame
from .journal import Journal
from .pages import Page
from .view import Posted

_AMOUNTS = ("subt_nat_amount", "rbal_nat_amount")
_SIDES = ("debt_amt", "credit_amt")
_ALLOWED = (*TOLD, "split_acc", "account_name", *FOR, "quantity", *_SIDES, *_AMOUNTS, *FOREIGN)
_DEFAULT = (*TOLD, "split_acc", *_AMOUNTS)


def general_ledger(frame: Frame) -> Body:
    """The report. Sub-accounts are within their parent; a parent's own postings are in a section
    without a header. Balances of income and expense begin with the fiscal year that the first day
    is in, and go on where the range reaches into the next one.

    Transactions that only link credits to charges have no account for their money: they are told
    once more, with nothing, under "Not Specified".
    """
    ledger = _Ledger(frame)
    rows = [row for account in frame.chart.top for row in ledger.family(account).rows]
    if not frame.request.accounts:
        rows += ledger.not_specified()
    page, request = ledger.page, frame.request
    return Body(ledger.layout.columns, page.closed(rows), page.count, request.start, request.end)


class _Totals(NamedTuple):
    """Cents of a section, the amount with the sign of its accounts."""

    debit: int = 0
    credit: int = 0
    amount: int = 0


class _Family(NamedTuple):
    """The rows of an account: none where it has neither balance nor postings."""

    rows: list[Row]
    totals: _Totals


class _Ledger:
    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._say = frame.say
        self.layout = Layout(frame, _ALLOWED, _DEFAULT)
        self.page = Page(frame.limit)

    def family(self, account: Account) -> _Family:
        """The section of an account with those of its sub-accounts."""
        header = padded(linked(shown(account), account.id), self.layout.width)
        postings, own = self._own(account)
        families = [self.family(child) for child in self._frame.chart.children(account)]
        below = [row for family in families for row in family.rows]
        label = self._say("Total for {}", shown(account))
        if not below:
            rows = [section(postings, self._summary(label, own), header)] if postings else []
            return _Family(rows, own)
        within = [section(postings, self._summary(label, own))] if postings else []
        totals = _sum([own, *(family.totals for family in families)])
        label = self._say("Total for {} with sub-accounts", shown(account))
        return _Family([section([*within, *below], self._summary(label, totals), header)], totals)

    def not_specified(self) -> list[Row]:
        """The section of transactions that have a leg without an account."""
        request, label = self._frame.request, self._say("Not Specified")
        rows: list[Row] = []
        for journal in self._frame.view.between(request.start, request.end):
            if _links_only(journal) and self.page.takes(self.layout.width):
                line = Line(journal, journal.legs[0]._replace(account_id="", cents=0))
                rows.append(data(self.layout.cells(line)))
        if not rows:
            return []
        header = padded(linked(label, ""), self.layout.width)
        summary = self._summary(self._say("Total for {}", label), _Totals())
        return [section(rows, summary, header)]

    def _own(self, account: Account) -> tuple[list[Row], _Totals]:
        """An account's own rows, with a beginning balance where there is one."""
        request, view, nature = self._frame.request, self._frame.view, sign(account)
        if request.accounts and account.id not in request.accounts:
            return [], _Totals()
        balance = nature * view.opening(account.id, request.start)
        postings = view.history(account.id).between(request.start, request.end)
        rows: list[Row] = []
        if balance and self.page.takes(self.layout.width):
            label: Cell = {"value": self._say("Beginning Balance")}
            rows.append(data(self.layout.labelled(label, {"rbal_nat_amount": balance})))
        for journal, leg in postings:
            if not self.page.takes(self.layout.width):
                break
            balance += nature * leg.cents
            rows.append(data(self.layout.cells(Line(journal, leg, nature, balance))))
        return rows, _totals(postings, nature)

    def _summary(self, label: str, totals: _Totals) -> list[Cell]:
        # The header and the summary of a section are cells as well.
        self.page.spends(2 * self.layout.width)
        amounts = {
            "debt_amt": totals.debit,
            "credit_amt": totals.credit,
            "subt_nat_amount": totals.amount,
        }
        return self.layout.labelled({"value": label}, amounts)


def _links_only(journal: Journal) -> bool:
    return journal.kind == "Payment" and journal.legs[0].posting.role == "control"


def _totals(postings: Iterable[Posted], nature: int) -> _Totals:
    cents = [posted.leg.cents for posted in postings]
    debit = sum(amount for amount in cents if amount > 0)
    credit = debit - sum(cents)
    return _Totals(debit, credit, nature * (debit - credit))


def _sum(totals: Iterable[_Totals]) -> _Totals:
    return _Totals(*map(sum, zip(*totals, strict=True)))
