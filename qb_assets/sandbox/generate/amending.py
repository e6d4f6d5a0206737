"""Edits of what was posted: another date, or another quantity, price, amount or account of a line.

The ledger's entry is changed, and the settlements and costs of stock that hang on it follow.
"""

from dataclasses import dataclass

from .costing import recost, stocked_items
from .currencies import converted
from .model import (
    HOME,
    Account,
    Banking,
    ItemLine,
    Posting,
    Sale,
    Spending,
    Txn,
    extend,
)
from .selling import sale_legs
from .settling import CHARGES, CREDITS, recompose, resize
from .world import World

_CONTROLS = ("Accounts Receivable", "Accounts Payable")
_AHEAD = 300
"""How many days after the last one a document can be dated."""


@dataclass(frozen=True)
class Amendment:
    """What is to be another; None stays.

    `line` counts the document's lines of items and accounts from 1, those of a bundle one by one.
    `quantity` is in hundredths, `price` in ten-millionths, `cents` in cents of the document's
    currency: quantity and price are of a line of an item, cents of a line to an account.
    """

    day: int | None = None
    line: int | None = None
    quantity: int | None = None
    price: int | None = None
    cents: int | None = None
    account: Account | None = None


def amend(world: World, txn: Txn, amendment: Amendment) -> None:
    """Edit a transaction. Raises ValueError, and changes nothing, for what cannot be edited so."""
    told = f"{txn.entity} {txn.id}"
    if txn.voided:
        raise ValueError(f"{told} is voided: it has no amounts to edit")
    day = amendment.day
    if day is not None and not 0 <= day <= world.calendar.last + _AHEAD:
        raise ValueError(
            f"{told} cannot be dated {world.calendar.date(day)}: the company's books begin on "
            f"{world.calendar.first} and end within {_AHEAD} days of "
            f"{world.calendar.date(world.calendar.last)}"
        )
    items = stocked_items(txn.entry)
    if amendment.line is not None:
        _amend_line(world, txn, amendment, told)
    if day is not None:
        txn.day, txn.entry.date = day, world.calendar.date(day)
        recompose(world, [txn])
    txn.token += 1
    txn.updated = world.now
    world.touch(txn.entry)
    if txn.party:
        world.touch_party(txn.party)
    if txn.entry.number:
        recost(world, items)


def amendable(txn: Txn) -> list[Posting]:
    """The postings of the lines that can be edited, in the order of the document's lines."""
    whole = isinstance(txn, Sale | Spending) or txn.entity in ("JournalEntry", "Deposit")
    if not whole or txn.entity == "BillPayment":
        return []
    return [
        leg
        for leg in txn.entry.postings
        if leg.line is not None and (leg.role == "line" or isinstance(txn, Spending))
    ]


def _amend_line(world: World, txn: Txn, amendment: Amendment, told: str) -> None:
    legs = amendable(txn)
    number = amendment.line or 0
    if not 1 <= number <= len(legs):
        raise ValueError(f"{told} has {len(legs)} lines that can be edited, and no line {number}")
    old = legs[number - 1]
    new = _amended(txn, old, amendment, told)
    stated = [_stated(new if leg is old else leg) for leg in legs]
    if new.stated != old.stated:
        _refuse_deposited(txn, told)
    if isinstance(txn, Sale):
        _rewrite_sale(world, txn, stated)
    elif txn.entity == "JournalEntry":
        _rewrite_journal(world, txn, legs, old, new, told)
    else:
        _rewrite(world, txn, old, new)


def _amended(txn: Txn, leg: Posting, amendment: Amendment, told: str) -> Posting:
    """A leg, in the document's currency, as it is to be."""
    line, cents = leg.line, leg.stated
    sized = amendment.quantity is not None or amendment.price is not None
    if isinstance(line, ItemLine):
        if amendment.cents is not None:
            raise ValueError(f"{told} has an item on this line: give a quantity or a unit price")
        quantity = line.quantity if amendment.quantity is None else amendment.quantity
        price = line.price if amendment.price is None else amendment.price
        if quantity <= 0 or price < 0:
            raise ValueError(f"{told} cannot have a line of quantity {quantity / 100}")
        line = line._replace(quantity=quantity, price=price)
        if sized:
            cents = extend(quantity, price) * (1 if cents > 0 else -1)
    elif sized:
        raise ValueError(f"{told} has no item on this line: give an amount")
    elif amendment.cents is not None:
        if amendment.cents < 0:
            raise ValueError(f"{told} cannot have a line of less than zero")
        cents = amendment.cents * (1 if cents >= 0 else -1)
    account_id = leg.account_id
    if amendment.account is not None:
        if amendment.account.kind in _CONTROLS:
            raise ValueError(f"{told} cannot have a line to account {amendment.account.name}")
        if isinstance(line, ItemLine) and txn.entity != "Invoice":
            raise ValueError(f"{told} takes this line's account from the item: edit no account")
        account_id = amendment.account.id
    return Posting(account_id, cents, leg.role, leg.name_ref, line)


def _stated(leg: Posting) -> Posting:
    return leg._replace(cents=leg.stated, foreign=None)


def _refuse_deposited(txn: Txn, told: str) -> None:
    deposits = [other.id for other in txn.related if isinstance(other, Banking)]
    if deposits:
        raise ValueError(f"{told} was deposited: first take it out of Deposit {deposits[0]}")


def _rewrite_sale(world: World, sale: Sale, legs: list[Posting]) -> None:
    if sale.party is None:
        return
    lines = [(leg.account_id, leg.line) for leg in legs if isinstance(leg.line, ItemLine)]
    before = sale.total
    anew = sale_legs(world, sale, sale.party, lines)
    costs: list[Posting] = []
    if sale.entry.number:
        for _, line in lines:
            if line.item.asset and line.item.expense and sale.entity in ("Invoice", "SalesReceipt"):
                costs.append(Posting(line.item.expense.id, 0, "cost", None, line))
                costs.append(Posting(line.item.asset.id, 0, "stock", None, line))
    _post(world, sale, anew, costs)
    _resize(world, sale, before)


def _rewrite_journal(
    world: World, txn: Txn, legs: list[Posting], old: Posting, new: Posting, told: str
) -> None:
    """A line of a journal entry, and where its amount changes the one line against it."""
    if new.cents == old.cents:
        against = {id(leg): leg for leg in legs}
    elif len(legs) == 2:
        against = {id(leg): leg._replace(cents=-new.cents) for leg in legs}
    else:
        raise ValueError(f"{told} has {len(legs)} lines: an amount is edited where there are two")
    postings = [new if leg is old else against.get(id(leg), leg) for leg in txn.entry.postings]
    world.ledger.change(txn.entry, postings)


def _rewrite(world: World, txn: Txn, old: Posting, new: Posting) -> None:
    """A bill, a purchase, a deposit: the header's account bears the difference."""
    off = new.cents - old.stated
    legs: list[Posting] = []
    for leg in txn.entry.postings:
        if leg is old:
            legs.append(new)
        elif leg.role != "exchange":
            legs.append(_stated(leg))
    at = next(place for place, leg in enumerate(legs) if leg.role == "control")
    control = legs[at]
    legs[at] = control._replace(cents=control.cents - off)
    more = off if control.cents <= 0 else -off
    before = txn.total
    txn.total += more
    _post(world, txn, legs, [])
    _resize(world, txn, before)


def _post(world: World, txn: Txn, legs: list[Posting], costs: list[Posting]) -> None:
    entry = txn.entry
    if entry.currency != HOME:
        legs = converted(legs, entry.rate, world.account("exchange"))
    world.ledger.change(entry, [*legs, *costs])


def _resize(world: World, txn: Txn, before: int) -> None:
    if txn.entity in (*CHARGES, *CREDITS) and txn.total != before:
        resize(world, txn, txn.total - before)
