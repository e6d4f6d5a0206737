"""What payments settle of charges and credits, and from which day on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from qb_assets.sandbox.generate.currencies import home_cents
from qb_assets.sandbox.generate.model import Txn

CHARGES = frozenset({"Invoice", "Bill"})
"""Documents which are due some day."""
DOCUMENTS = CHARGES | {"CreditMemo", "VendorCredit"}
"""Documents with lines that are settled later than they are made."""


class Settlement(NamedTuple):
    """`cents` of a document, in its own currency, settled by a payment.

    `home` is what they are worth in the home currency at the document's rate, and `day` the later
    day of the two: neither can be settled before it is there.
    """

    document: Txn
    payment: Txn
    day: date
    cents: int
    home: int


def settlements_of(document: Txn) -> list[Settlement]:
    """What was settled of a document, by day.

    The worth of each is what the rest of the document is then worth less, so that in the end
    nothing is left of a total that was rounded once. They count in the order of the payments'
    dates, and then in which these were made, as what the payments post does.
    """
    rate, left = document.entry.rate, document.total
    found: list[Settlement] = []
    for payment, cents in sorted(document.applied, key=_by_payment):
        home = home_cents(left, rate) - home_cents(left - cents, rate)
        left -= cents
        day = max(document.entry.date, payment.entry.date)
        found.append(Settlement(document, payment, day, cents, home))
    return sorted(found, key=lambda one: (one.day, one.payment.entry.number))


def _by_payment(applied: tuple[Txn, int]) -> tuple[date, int]:
    payment, _ = applied
    return payment.entry.date, int(payment.id)


class Settlements:
    """All settlements, by the document and by the payment."""

    def __init__(self, documents: Iterable[Txn]) -> None:
        self._of: dict[Txn, list[Settlement]] = {}
        self._by: dict[Txn, list[Settlement]] = {}
        for document in documents:
            for settlement in settlements_of(document):
                self._of.setdefault(document, []).append(settlement)
                self._by.setdefault(settlement.payment, []).append(settlement)

    def of(self, document: Txn) -> list[Settlement]:
        """What was settled of a charge or a credit, by day."""
        return self._of.get(document, [])

    def by(self, payment: Txn) -> list[Settlement]:
        """What a payment settled."""
        return self._by.get(payment, [])
