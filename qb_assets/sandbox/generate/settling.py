"""Settlements: what payments settle of charges and credits, and how that is undone.

A payment's `open` is what it has not used: its total and the credits it took up, less the charges
it settled.
"""

from .currencies import converted, home_cents
from .model import HOME, Posting, Receipt, Spending, Txn
from .world import World

CHARGES = ("Invoice", "Bill")
CREDITS = ("CreditMemo", "VendorCredit")


def settle(world: World, payment: Txn, other: Txn, cents: int) -> None:
    """Record on both sides that `cents` of a charge or a credit are settled by a payment."""
    if isinstance(payment, Receipt):
        payment.before.append(other.open)
    payment.applied.append((other, cents))
    other.applied.append((payment, cents))
    other.open -= cents
    other.updated = world.now
    list_open(other)


def receipt_legs(payment: Receipt, control: str) -> list[Posting]:
    """The legs of a customer's payment: none of money where it only links credits to charges."""
    ref = payment.party.ref if payment.party else None
    legs = [Posting(payment.deposit_to, payment.total, "line", ref)] if payment.deposit_to else []
    return [*legs, Posting(control, -payment.total, "control", ref)]


def bill_payment_legs(payment: Spending, control: str) -> list[Posting]:
    """The legs of a payment of bills."""
    ref = payment.party.ref if payment.party else None
    return [
        Posting(payment.account, -payment.total, "line", ref),
        Posting(control, payment.total, "control", ref),
    ]


def compose(world: World, payment: Txn) -> None:
    """Give a payment in a foreign currency the postings that follow from what it settles.

    The control account moves by what the settled charges are worth on the books, each at its own
    rate, and the difference to the money paid, at the payment's rate, is an exchange gain or loss.
    """
    party, entry = payment.party, payment.entry
    if party is None or entry.currency == HOME or payment.voided:
        return
    receipt = isinstance(payment, Receipt)
    legs: list[Posting] = []
    if isinstance(payment, Receipt):
        legs = receipt_legs(payment, party.control)
    elif isinstance(payment, Spending):
        legs = bill_payment_legs(payment, party.control)
    moved = home_cents(payment.open, entry.rate)
    for other in dict.fromkeys(other for other, _ in payment.applied):
        worth = _settled_worth(other, payment)
        moved += -worth if other.entity in CREDITS else worth
    control = -moved if receipt else moved
    exchange = world.account("exchange")
    world.ledger.change(entry, converted(legs, entry.rate, exchange, control))


def release(world: World, gone: Txn) -> None:
    """Undo every settlement of a transaction that is voided or deleted.

    What a payment settled is open again. A payment of a charge that is gone keeps its money
    unapplied; what it took of a credit beyond its money is free again.
    """
    others = list(dict.fromkeys(other for other, _ in gone.applied))
    circle = _circle(gone)
    for other, cents in list(gone.applied):
        if is_payment(gone):
            _unsettle(world, gone, other, cents)
        else:
            _unsettle(world, other, gone, cents)
    if not is_payment(gone):
        for payment in others:
            _rebalance(world, payment)
    gone.open = 0
    list_open(gone)
    recompose(world, circle)


def resize(world: World, other: Txn, more: int) -> None:
    """Let what is open of a charge or a credit follow its total, and payments settle no more."""
    other.open += more
    circle = _circle(other)
    while other.open < 0:
        payment, cents = other.applied[-1]
        _reduce(world, payment, other, cents, min(cents, -other.open))
        _rebalance(world, payment)
    list_open(other)
    recompose(world, circle)


def recompose(world: World, changed: list[Txn]) -> None:
    """Compose the payments among these, and those that settle the charges among them.

    What one payment settles less of a charge changes what the others that settle it are worth.
    """
    near = dict.fromkeys(other for txn in changed for other in (txn, *_circle(txn)))
    for txn in near:
        if is_payment(txn):
            compose(world, txn)


def settle_again(world: World, back: Txn, pairs: list[tuple[Txn, int]]) -> None:
    """Settle what a transaction that is back was settled with, as far as that is still open.

    A credit that is back stays open.
    """
    if is_payment(back):
        back.open = back.total
        for other, cents in pairs:
            if left := min(cents, other.open):
                settle(world, back, other, left)
        _rebalance(world, back)
    elif back.entity in CHARGES:
        for payment, cents in pairs:
            if (left := min(cents, back.open, payment.open)) > 0:
                settle(world, payment, back, left)
                _rebalance(world, payment)
    recompose(world, [back, *(other for other, _ in pairs)])


def open_list(txn: Txn) -> list[Txn]:
    """The open charges of its person, or the open credits where it is a credit."""
    if txn.party is None:
        return []
    return txn.party.open_credits if txn.entity in CREDITS else txn.party.open_charges


def list_open(txn: Txn) -> None:
    """Have a charge or a credit among the open ones of its person while it is open."""
    rows = open_list(txn)
    if txn.open and txn not in rows:
        rows.append(txn)
    elif not txn.open and txn in rows:
        rows.remove(txn)


def is_payment(txn: Txn) -> bool:
    """Whether it settles charges and credits, of customers or of vendors."""
    return txn.entity in ("Payment", "BillPayment")


def _circle(txn: Txn) -> list[Txn]:
    """A transaction, those it is settled with, and those these are settled with."""
    others = [other for other, _ in txn.applied]
    further = [other for near in others for other, _ in near.applied]
    return list(dict.fromkeys((txn, *others, *further)))


def _settled_worth(charge: Txn, payment: Txn) -> int:
    """Home cents by which a payment lowers what a charge or a credit is worth on the books.

    Its payments count in the order of their dates, and then in which they were made.
    """
    rate, left, worth = charge.entry.rate, charge.total, 0
    for other, cents in sorted(charge.applied, key=lambda pair: (pair[0].day, int(pair[0].id))):
        if other is payment:
            worth += home_cents(left, rate) - home_cents(left - cents, rate)
        left -= cents
    return worth


def _unsettle(world: World, payment: Txn, other: Txn, cents: int) -> None:
    place = payment.applied.index((other, cents))
    del payment.applied[place]
    if isinstance(payment, Receipt):
        del payment.before[place]
    other.applied.remove((payment, cents))
    other.open += cents
    payment.updated = other.updated = world.now
    list_open(other)


def _reduce(world: World, payment: Txn, other: Txn, cents: int, less: int) -> None:
    _unsettle(world, payment, other, cents)
    if cents > less:
        settle(world, payment, other, cents - less)


def _rebalance(world: World, payment: Txn) -> None:
    """Work out what a payment has not used, and let it use no more than it has."""

    def last(*, credit: bool) -> tuple[Txn, int]:
        pairs = reversed(payment.applied)
        return next(pair for pair in pairs if (pair[0].entity in CREDITS) == credit)

    used = sum(-c if other.entity in CREDITS else c for other, c in payment.applied)
    payment.open = payment.total - used
    while payment.open > payment.total or payment.open < 0:
        credit = payment.open > payment.total
        over = payment.open - payment.total if credit else -payment.open
        other, cents = last(credit=credit)
        less = min(cents, over)
        _reduce(world, payment, other, cents, less)
        payment.open += -less if credit else less
