"""Events of receiving money: payments, credits linked to charges, deposits."""

from functools import partial

from .model import HOME, Banking, CostLine, Party, Posting, Receipt, Sale, Txn
from .settling import compose, receipt_legs, settle
from .world import World

_LINKING_NOTE = "Created by QB Online to link credits to charges."
_CASH_BACK_EVERY = 6
_INTEREST_EVERY = 11


def _begin(world: World, customer: Party) -> Receipt:
    entry = world.ledger.draft(world.calendar.first, "Payment", None, [])
    return Receipt("Payment", world.next_id(), world.day, world.now, world.now, customer, entry)


def _receive(
    world: World, payment: Receipt, customer: Party, cents: int, *, banked: bool = False
) -> None:
    """Give a payment of money its entry and keep it, mostly in Undeposited Funds."""
    chance = world.chance
    held = chance.random() < 0.7 and not banked and customer.currency == HOME
    payment.total = cents
    payment.deposit_to = world.account("undeposited" if held else "checking")
    payment.method = chance.below(5) if chance.random() < 0.8 else -1
    if payment.method == 1:
        payment.reference = str(chance.between(1000, 99999))
    _book(world, payment, customer)
    world.touch_party(customer)
    if held:
        world.undeposited.append(payment)


def _book(world: World, payment: Receipt, customer: Party) -> None:
    legs = receipt_legs(payment, customer.control)
    payment.entry = world.entry("Payment", payment.id, legs, payment.day, customer)
    compose(world, payment)
    world.keep(payment)


def collect(world: World, charge: Txn, *, in_part: bool) -> None:
    """A customer pays an invoice, wholly or in part, and perhaps more of what is open."""
    customer = charge.party
    if customer is None or charge.open <= 0:
        return
    chance = world.chance
    payment = _begin(world, customer)
    if in_part and charge.open > 500:
        cents = charge.open * chance.between(2, 8) // 10
        settle(world, payment, charge, cents)
        _receive(world, payment, customer, cents)
        if chance.random() < 0.5:
            rest = partial(collect, world, charge, in_part=False)
            world.plan(world.day + chance.between(5, 40), rest)
        return
    charges = [charge]
    if chance.random() < 0.9:
        wanted = chance.between(1, 6)
        charges += [other for other in customer.open_charges if other is not charge][:wanted]
    due = sum(other.open for other in charges)
    for other in charges:
        settle(world, payment, other, other.open)
    for credit in customer.open_credits[:1]:
        if credit.open < due:
            due -= credit.open
            settle(world, payment, credit, credit.open)
    _receive(world, payment, customer, due)


def link_credit(world: World, credit: Sale) -> None:
    """Link a credit memo to a charge by a payment of zero, as QuickBooks does by itself."""
    customer = credit.party
    if customer is None or credit.open <= 0 or not customer.open_charges:
        return
    charge = customer.open_charges[0]
    payment = _begin(world, customer)
    cents = min(credit.open, charge.open)
    settle(world, payment, charge, cents)
    settle(world, payment, credit, cents)
    payment.note = _LINKING_NOTE
    _book(world, payment, customer)


def prepayment(world: World) -> None:
    """A customer pays before there is a charge: applied later, left unapplied, or voided."""
    chance = world.chance
    customer = world.customer()
    payment = _begin(world, customer)
    turn = world.turn("prepayment") % 3
    # What will be voided goes straight to the bank: no deposit is to hold a voided payment.
    cents = payment.open = chance.between(20, 400) * 500
    _receive(world, payment, customer, cents, banked=turn == 0)
    payment.note = "Prepayment"
    if turn == 0:
        world.plan(world.day + chance.between(1, 9), partial(world.void, payment))
    elif turn == 1:
        world.plan(world.day + chance.between(1, 20), partial(_apply, world, payment))


def _apply(world: World, payment: Receipt) -> None:
    """Apply an unapplied payment to the customer's oldest open charge."""
    customer = payment.party
    if customer is None or not customer.open_charges or payment.open <= 0:
        return
    charge = customer.open_charges[0]
    cents = min(payment.open, charge.open)
    settle(world, payment, charge, cents)
    payment.open -= cents
    compose(world, payment)
    payment.token += 1
    payment.updated = world.now


def deposit(world: World) -> None:
    """Bring the undeposited receipts to the bank, now and then taking cash back."""
    held = [txn for txn in world.undeposited if txn.total > 0]
    if not held:
        return
    world.undeposited = []
    number = len(world.documents["Deposit"])
    undeposited = world.account("undeposited")
    lines: list[Posting] = []
    for txn in held:
        ref = txn.party.ref if txn.party else None
        lines.append(Posting(undeposited, -txn.total, "line", ref))
    if number % _INTEREST_EVERY == 4:
        interest = CostLine("Interest")
        cents = world.chance.between(100, 2500)
        lines.append(Posting(world.account("interest"), -cents, "line", None, interest))
    total = -sum(leg.cents for leg in lines)
    back = min(20_000, total // 5) if number % _CASH_BACK_EVERY == 2 else 0
    back = back if world.profile.cash_back else 0
    banked = bank_deposit(world, lines, total - back, back, "")
    banked.items = [(txn, txn.total) for txn in held]
    for txn in held:
        txn.related.append(banked)


def bank_deposit(world: World, lines: list[Posting], total: int, back: int, note: str) -> Banking:
    """Keep a Deposit of `total` into Checking, with `back` cents of cash back to Savings."""
    doc_id = world.next_id()
    legs = [Posting(world.account("checking"), total, "control"), *lines]
    if back:
        legs.append(Posting(world.account("savings"), back, "back"))
    entry = world.entry("Deposit", doc_id, legs, world.day)
    banked = Banking("Deposit", doc_id, world.day, world.now, world.now, None, entry, total)
    banked.target = world.account("checking")
    banked.note = note
    world.keep(banked)
    return banked
