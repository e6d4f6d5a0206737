"""Cash accounting: the ledger as if charges were made when they are paid.

The rule, in the one place where it is:

- A document with lines that is settled later (an invoice, a bill, a credit of either) is not
  there when it is made. When a payment settles part of it, that part of every line - income,
  expense, tax, stock and its cost - is posted with the payment, in the place of what the payment
  posts to accounts receivable or payable.
- The part is the share settled of the document's total. The lines' sums from the first on are
  shared and rounded down, so that the shares of a settlement's lines add up to it, and those of
  all settlements to each line.
- A payment that is earlier than the document keeps the amount on receivable or payable; the part
  is posted on the document's day, as the document's.
- What has no lines stays on receivable and payable: the part of a payment that settles nothing,
  and journal entries.
- A document whose total is zero has nothing to wait for and is there on its own day.
- Everything else is as in accrual accounting.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

from qb_assets.sandbox.generate.model import Txn

from .journal import Journal, Leg
from .settlements import DOCUMENTS, Settlement, Settlements


def cash_basis(journals: list[Journal], settlements: Settlements) -> list[Journal]:
    """The transactions of accrual accounting as cash accounting has them, in the same order."""
    recognised = _Recognised(settlements)
    documents = {
        journal: recognised.of_document(journal, journal.txn)
        for journal in journals
        if journal.txn is not None and journal.txn.entity in DOCUMENTS
    }
    # Only now is known what lines the payments bring.
    made = [documents.get(journal) or recognised.with_lines(journal) for journal in journals]
    return [journal for journal in made if journal.legs]


class _Recognised:
    """The shares of documents' lines that payments bring with them."""

    def __init__(self, settlements: Settlements) -> None:
        self._settlements = settlements
        self._brought: dict[Txn, list[Leg]] = {}

    def of_document(self, journal: Journal, txn: Txn) -> Journal:
        """What a document posts by itself; what it posts with payments is kept for them."""
        control = [leg for leg in journal.legs if leg.posting.role == "control"]
        lines = [leg for leg in journal.legs if leg.posting.role != "control"]
        total = sum(leg.cents for leg in control)
        if not total:
            return _copy(journal, lines)
        shares = _Shares(lines, total, txn.total)
        own: list[Leg] = []
        for settlement in self._settlements.of(txn):
            part = shares.next(settlement)
            settled = _control_share(control[0], settlement, total)
            if settlement.day == settlement.payment.entry.date:
                self._brought.setdefault(settlement.payment, []).extend([*part, settled])
            else:
                own += [settled, *part]
        return _copy(journal, own)

    def with_lines(self, journal: Journal) -> Journal:
        """A transaction with the lines it brings instead of what it posts to settle them."""
        brought = self._brought.get(journal.txn) if journal.txn else None
        if not brought:
            return journal
        control = [leg for leg in (*journal.legs, *brought) if leg.posting.role == "control"]
        legs = [leg for leg in (*journal.legs, *brought) if leg.posting.role != "control"]
        return _copy(journal, [*legs, *_rest(control)])


class _Shares:
    """Gives out a document's lines bit by bit. `total` and `stated` are what the document comes
    to, in home cents with its sign and in cents of its own currency."""

    def __init__(self, lines: list[Leg], total: int, stated: int) -> None:
        self._lines = lines
        self._total = abs(total)
        self._stated = stated
        self._home = 0
        self._own = 0

    def next(self, settlement: Settlement) -> list[Leg]:
        """The share of each line that a settlement pays; lines without one are left out."""
        if not self._home and settlement.home == self._total:
            return [leg for leg in self._lines if leg.cents or leg.foreign or leg.taxed]
        home, own = self._home + settlement.home, self._own + settlement.cents
        cents = _between([leg.cents for leg in self._lines], self._home, home, self._total)
        foreign = _between([leg.foreign or 0 for leg in self._lines], self._own, own, self._stated)
        taxed = _between([leg.taxed for leg in self._lines], self._home, home, self._total)
        self._home, self._own = home, own
        return [
            leg._replace(cents=part, foreign=None if leg.foreign is None else other, taxed=base)
            for leg, part, other, base in zip(self._lines, cents, foreign, taxed, strict=True)
            if part or other or base
        ]


def _between(amounts: list[int], settled: int, now: int, total: int) -> list[int]:
    """The shares of amounts that come when what is settled of a total grows."""

    def shares(upto: int) -> list[int]:
        sums = [part * upto // total for part in accumulate(amounts, initial=0)]
        return [after - before for before, after in pairwise(sums)]

    return [after - before for before, after in zip(shares(settled), shares(now), strict=True)]


def _control_share(control: Leg, settlement: Settlement, total: int) -> Leg:
    """What a settlement takes off the receivable or payable, as the document's side of it."""
    sign = 1 if total > 0 else -1
    foreign = None if control.foreign is None else sign * settlement.cents
    return control._replace(cents=sign * settlement.home, foreign=foreign)


def _rest(control: list[Leg]) -> list[Leg]:
    """What is left of legs on receivable and payable accounts, one for each account."""
    left: dict[str, Leg] = {}
    for leg in control:
        before = left.get(leg.account_id)
        if before is not None:
            foreign = None if leg.foreign is None else leg.foreign + (before.foreign or 0)
            leg = before._replace(cents=before.cents + leg.cents, foreign=foreign)
        left[leg.account_id] = leg
    return [leg for leg in left.values() if leg.cents]


def _copy(journal: Journal, legs: list[Leg]) -> Journal:
    return Journal(
        journal.day,
        journal.order,
        journal.kind,
        journal.id,
        journal.number,
        journal.txn,
        journal.currency,
        journal.rate,
        legs,
    )
