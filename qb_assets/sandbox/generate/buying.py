"""Events of buying: bills and their payment, credits, purchases, orders, stock."""

from functools import partial

from . import words
from .chart import EXPENSES
from .costing import recost
from .model import Charge, CostLine, ItemLine, Line, Party, Posting, Spending, extend
from .settling import bill_payment_legs, compose, settle
from .world import World

_PURCHASES = (
    ("Check", "checking", False),
    ("CreditCard", "mastercard", False),
    ("Cash", "checking", False),
    ("CreditCard", "visa", False),
    ("Check", "checking", False),
    ("CreditCard", "mastercard", True),
)
_VOID_EVERY = 40
_VOID_AT = 6


def _amount(line: Line, cents: int) -> int:
    return extend(line.quantity, line.price) if isinstance(line, ItemLine) else cents


def _account_line(world: World) -> tuple[str, int, Line]:
    chance = world.chance
    account = world.account(chance.pick(EXPENSES))
    note = chance.pick(words.EXPENSE_NOTES)
    cents = chance.between(800, 90_000)
    return account, cents, CostLine(note, None, None, world.class_number())


def _item_line(world: World) -> tuple[str, int, Line]:
    chance = world.chance
    item = chance.pick(world.bought)
    line = ItemLine(item, chance.between(2, 40) * 100, item.cost, False, world.class_number())
    return item.cost_account_id, 0, line


def _costs(world: World) -> list[tuple[str, int, Line]]:
    chance = world.chance
    count = 1 + chance.below(3) * chance.below(2)
    return [
        _item_line(world) if chance.random() < 0.25 else _account_line(world) for _ in range(count)
    ]


def _draft(
    world: World,
    entity: str,
    vendor: Party,
    control: str,
    costs: list[tuple[str, int, Line]],
    *,
    credit: bool = False,
) -> Spending:
    """A spending document and its entry: cost accounts against `control`, or the reverse."""
    sign = -1 if credit or entity == "VendorCredit" else 1
    legs: list[Posting] = []
    total = 0
    for account, cents, line in costs:
        amount = _amount(line, cents)
        total += amount
        role = "stock" if isinstance(line, ItemLine) and line.item.asset else "line"
        legs.append(Posting(account, sign * amount, role, vendor.ref, line))
    legs.insert(0, Posting(control, -sign * total, "control", vendor.ref))
    doc_id = world.next_id()
    entry = world.entry(entity, doc_id, legs, world.day, vendor)
    txn = Spending(entity, doc_id, world.day, world.now, world.now, vendor, entry, total)
    txn.account, txn.credit = control, credit
    return txn


def _on_account(
    world: World, entity: str, vendor: Party, costs: list[tuple[str, int, Line]]
) -> Spending:
    """A Bill or VendorCredit on accounts payable, kept, posted and open."""
    txn = _draft(world, entity, vendor, vendor.control, costs)
    txn.open = txn.total
    world.keep(txn)
    world.touch_party(vendor)
    return txn


def _order(
    world: World, vendor: Party, costs: list[tuple[str, int, Line]], status: str
) -> Spending:
    txn = _draft(world, "PurchaseOrder", vendor, vendor.control, costs)
    txn.status = status
    txn.number = world.next_number("PurchaseOrder", 1001)
    world.keep(txn, posted=False)
    return txn


def template_bill(world: World) -> Spending:
    """What a recurring bill is made from; it is not posted."""
    line = CostLine("Monthly Phone Bill")
    costs: list[tuple[str, int, Line]] = [(world.account("telephone"), 7436, line)]
    vendor = world.vendor()
    txn = _draft(world, "Bill", vendor, vendor.control, costs)
    txn.open = txn.total
    return txn


def _owe(world: World, bill: Spending, vendor: Party) -> None:
    bill.term = world.chance.below(4)
    vendor.open_charges.append(bill)
    world.payable.append(bill)


def bill(world: World) -> None:
    """A vendor's bill for one to three costs; one in forty turns out wrong and is voided."""
    vendor = world.vendor()
    index = world.turn("bill")
    txn = _on_account(world, "Bill", vendor, _costs(world))
    if index % 3 == 1:
        txn.number = str(world.chance.between(100, 99_999))
    if index % _VOID_EVERY == _VOID_AT:
        world.plan(world.day + 1, partial(world.void, txn))
    else:
        _owe(world, txn, vendor)


def vendor_credit(world: World) -> None:
    """A vendor credits something; the next payment to that vendor uses it."""
    vendor = world.payable[-1].party if world.payable else None
    vendor = vendor or world.vendor()
    costs = [_account_line(world)]
    costs = [(account, 500 + cents // 10, line) for account, cents, line in costs]
    txn = _on_account(world, "VendorCredit", vendor, costs)
    vendor.open_credits.append(txn)


def purchase(world: World) -> None:
    """Spend at once by check, cash or card; a card also takes refunds."""
    index = world.turn("purchase")
    pay_type, account, credit = _PURCHASES[index % len(_PURCHASES)]
    costs = _costs(world)
    txn = _draft(world, "Purchase", world.vendor(), world.account(account), costs, credit=credit)
    world.keep(txn)
    txn.pay_type = pay_type
    if pay_type == "Check":
        txn.number = str(101 + index)
    if index % _VOID_EVERY == _VOID_AT:
        world.plan(world.day + 1, partial(world.void, txn))


def pay_bills(world: World) -> None:
    """Pay the vendor of the oldest open bill, several bills at once, using up a credit."""
    while world.payable and world.payable[0].open == 0:
        world.payable.popleft()
    if not world.payable:
        return
    vendor = world.payable[0].party
    if vendor is None:
        return
    chance = world.chance
    by_card = world.turn("bill payment") % 3 == 1
    source = world.account("mastercard" if by_card else "checking")
    bills = vendor.open_charges[: chance.between(1, 5)]
    settled = [(txn, txn.open) for txn in bills]
    if len(settled) == 1 and settled[0][1] > 5000 and chance.random() < 0.15:
        settled = [(bills[0], settled[0][1] // 2)]
    total = sum(cents for _, cents in settled)
    for credit in vendor.open_credits[:1]:
        if credit.open < total:
            total -= credit.open
            settled.append((credit, credit.open))
    doc_id = world.next_id()
    draft = world.ledger.draft(world.calendar.first, "BillPayment", None, [])
    txn = Spending("BillPayment", doc_id, world.day, world.now, world.now, vendor, draft, total)
    txn.account = source
    legs = bill_payment_legs(txn, vendor.control)
    txn.entry = world.entry("BillPayment", doc_id, legs, world.day, vendor)
    txn.pay_type = "CreditCard" if by_card else "Check"
    if not by_card:
        txn.number = world.next_number("BillPayment", 5001)
    world.keep(txn)
    world.touch_party(vendor)
    for other, cents in settled:
        settle(world, txn, other, cents)
    compose(world, txn)


def purchase_order(world: World) -> None:
    """Order something that stays open."""
    _order(world, world.vendor(), [_item_line(world)], "Open")


def ensure_stock(world: World, lines: list[ItemLine]) -> None:
    """Buy what the lines take and the stock lacks: an order and the bill that closes it."""
    wanted: dict[str, int] = {}
    for line in lines:
        item = line.item
        if not item.asset:
            continue
        wanted[item.id] = wanted.get(item.id, 0) + line.quantity
        if world.stock.on_hand(item) < wanted[item.id]:
            quantity = world.lot() * 100 + wanted[item.id]
            price = item.cost * world.chance.between(18, 23) // 20 // 1000 * 1000
            _restock(world, ItemLine(item, quantity, price, False))


def _restock(world: World, line: ItemLine) -> None:
    vendor = world.vendor()
    costs: list[tuple[str, int, Line]] = [(line.item.cost_account_id, 0, line)]
    order = _order(world, vendor, costs, "Closed")
    receipt = _on_account(world, "Bill", vendor, costs)
    _owe(world, receipt, vendor)
    order.related.append(receipt)
    receipt.related.append(order)
    [cost] = [leg.cents for leg in receipt.entry.postings if leg.role == "stock"]
    short = world.stock.is_short(line.item)
    world.stock.receive(line.item, line.quantity, cost)
    if short:
        # What was issued before it came in now has this purchase's cost.
        recost(world, [line.item])


def reimbursable(world: World, customer: Party) -> Charge:
    """A bill for a customer's job, and the charge that passes it on with a markup."""
    chance = world.chance
    vendor = world.vendor()
    cents = chance.between(20, 300) * 100
    markup = chance.pick((0, 10, 25))
    total = cents + (cents * markup + 50) // 100
    charge_entry = world.ledger.draft(world.calendar.date(world.day), "ReimburseCharge", None, [])
    charge = Charge(
        "ReimburseCharge", "", world.day, world.now, world.now, customer, charge_entry, total
    )
    charge_entry.currency, charge_entry.rate = customer.currency, world.rate(customer)
    charge.cost, charge.markup, charge.description = cents, markup, "Lumber"
    line = CostLine("Lumber", customer, charge)
    txn = _on_account(world, "Bill", vendor, [(world.account("decks"), cents, line)])
    _owe(world, txn, vendor)
    charge.id = world.next_id()
    charge.related.append(txn)
    txn.related.append(charge)
    world.keep(charge, posted=False)
    return charge
