"""The cost of what was sold, worked out anew after a change in the past.

QuickBooks recalculates the cost of every later sale when a purchase or a sale of an inventory
item is edited, deleted or moved to another date.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from .model import Entry, Item, ItemLine, Posting
from .world import World

_SALES = ("Invoice", "SalesReceipt")


class _Move(NamedTuple):
    """What one posting moves: in the order of dates, on a date first what comes in."""

    day: date
    issued: bool
    number: int
    place: int
    entry: Entry
    line: ItemLine
    cents: int


def stocked_items(entry: Entry) -> set[Item]:
    """The inventory items whose stock an entry moves."""
    lines = (leg.line for leg in entry.postings if leg.role == "stock")
    return {line.item for line in lines if isinstance(line, ItemLine)}


def recost(world: World, items: Iterable[Item]) -> None:
    """Issue all of these items anew, first in, first out, and post what each issue then costs.

    All that ever came in is there to be issued: a sale before its purchase gets the cost of that
    purchase, and one without any purchase the item's PurchaseCost.
    """
    wanted = set(items)
    if not wanted:
        return
    for item in wanted:
        world.stock.clear(item)
    moves = _moves(world, wanted)
    for move in moves:
        if not move.issued:
            world.stock.receive(move.line.item, move.line.quantity, move.cents)
    costs: dict[int, dict[int, int]] = {}
    entries: dict[int, Entry] = {}
    for move in moves:
        if move.issued:
            cost = world.stock.issue(move.line.item, abs(move.line.quantity))
            if cost != -move.cents:
                costs.setdefault(move.number, {})[move.place] = cost
                entries[move.number] = move.entry
    for number, by_place in costs.items():
        _post(world, entries[number], by_place)


def _moves(world: World, wanted: set[Item]) -> list[_Move]:
    moves: list[_Move] = []
    moving = world.ledger.moving
    entries = {
        number: entry for item in wanted for number, entry in moving.get(item.id, {}).items()
    }
    for entry in entries.values():
        for place, leg in enumerate(entry.postings if not entry.voided else ()):
            line = leg.line
            if leg.role == "stock" and isinstance(line, ItemLine) and line.item in wanted:
                issued = entry.doc_entity in _SALES or line.quantity < 0
                move = _Move(entry.date, issued, entry.number, place, entry, line, leg.cents)
                moves.append(move)
    return sorted(moves, key=lambda move: move[:4])


def _post(world: World, entry: Entry, costs: dict[int, int]) -> None:
    """Give an entry's stock legs at these places their cost, and the legs against them."""
    postings = list(entry.postings)
    for place, cost in costs.items():
        postings[place] = postings[place]._replace(cents=-cost)
        if entry.doc_entity in _SALES:
            postings[place - 1] = postings[place - 1]._replace(cents=cost)
    if entry.doc_entity not in _SALES:
        total = sum(leg.cents for leg in postings if leg.role == "stock")
        postings = [_against(leg, total) for leg in postings]
    world.ledger.change(entry, postings)


def _against(leg: Posting, total: int) -> Posting:
    return leg if leg.role == "stock" else leg._replace(cents=-total)
