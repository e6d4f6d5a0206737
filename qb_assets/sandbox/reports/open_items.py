"""What customers owe and what is owed to vendors, document by document, as of any day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from qb_assets.sandbox.generate.model import NameRef, Sale, Spending, Txn
from qb_assets.sandbox.generate.offerings import TERMS

from .journal import Journal, Leg
from .settlements import CHARGES, DOCUMENTS, Settlement, Settlements


class OpenItem(NamedTuple):
    """A transaction that is not settled, in home cents.

    `amount` is what it came to and `open` what is left of it: what is owed is positive, what is
    held for the other side, such as a credit, negative. `leg` is on the account it is owed on.
    """

    journal: Journal
    leg: Leg
    name: NameRef | None
    due: date
    amount: int
    open: int


class Owed:
    """The open transactions of all receivable or all payable accounts.

    Whatever the day, they add up to the balance of those accounts: what a payment settles counts
    from the day when both it and what it settles are there.
    """

    def __init__(
        self,
        journals: Sequence[Journal],
        settlements: Settlements,
        accounts: frozenset[str],
        *,
        sign: int,
    ) -> None:
        self._settlements = settlements
        self._sign = sign
        self._legs = [
            (journal, leg)
            for journal in journals
            for leg in journal.legs
            if leg.account_id in accounts
        ]

    def items(self, day: date) -> list[OpenItem]:
        """What is open at the end of a day, in the order in which it came."""
        found: list[OpenItem] = []
        for journal, leg in self._legs:
            if journal.day > day:
                break
            left = leg.cents
            if journal.txn is not None and leg.posting.role == "control":
                left += self._settled(journal.txn, leg, day)
            if left:
                name = leg.posting.name_ref or journal.party
                due, sign = due_date(journal), self._sign
                found.append(OpenItem(journal, leg, name, due, sign * leg.cents, sign * left))
        return found

    def _settled(self, txn: Txn, leg: Leg, day: date) -> int:
        """What is to be added to a transaction's control leg for what is settled by a day."""
        if txn.entity in DOCUMENTS:
            sign = 1 if leg.cents > 0 else -1
            return -sign * sum(one.home for one in self._settlements.of(txn) if one.day <= day)
        settled = (one for one in self._settlements.by(txn) if one.day <= day)
        return self._sign * sum(_worth(one) for one in settled)


def _worth(settlement: Settlement) -> int:
    return settlement.home if settlement.document.entity in CHARGES else -settlement.home


def due_date(journal: Journal) -> date:
    """When a transaction is due: a charge after its term, everything else on its own day."""
    txn = journal.txn
    if txn is None or txn.entity not in CHARGES or not isinstance(txn, Sale | Spending):
        return journal.day
    return journal.day + timedelta(days=TERMS[txn.term][2])
