"""Events of keeping the books: opening, journal entries, banking, stock counts, time, payroll."""

from .buying import reimbursable, template_bill
from .days import OPENING
from .model import HOME, Banking, CostLine, Effort, ItemLine, Party, Posting, Txn
from .receiving import bank_deposit
from .selling import template_invoice, wait_for_invoice
from .world import World

_TRUCK = 13_495_00
_NOTE = 25_000_00


def _banking(world: World, entity: str, legs: list[Posting], total: int, note: str = "") -> Banking:
    doc_id = world.next_id()
    entry = world.entry(entity, doc_id, legs, world.day)
    txn = Banking(entity, doc_id, world.day, world.now, world.now, None, entry, total)
    txn.note = note
    world.keep(txn)
    return txn


def open_books(world: World) -> None:
    """The owner's money, the truck and the note on it, and the first stock."""
    world.day, world.now = 0, OPENING
    equity = world.account("opening")
    capital = (50_000 + 40 * world.invoices) * 100
    opening = CostLine("Opening Balance")
    bank_deposit(
        world, [Posting(equity, -capital, "line", None, opening)], capital, 0, "Opening Balance"
    )
    legs = [
        Posting(world.account("truck_cost"), _TRUCK, "line", None, opening),
        Posting(world.account("notes"), -_NOTE, "line", None, opening),
        Posting(equity, _NOTE - _TRUCK, "line", None, opening),
    ]
    _banking(world, "JournalEntry", legs, 0, "Opening Balance")
    for item in world.stocked:
        quantity = world.lot() * 100
        cents = item.cost * world.lot() // 100_000
        world.stock.receive(item, quantity, cents)
        line = ItemLine(item, quantity, item.cost, False)
        legs = [
            Posting(item.cost_account_id, cents, "stock", None, line),
            Posting(equity, -cents, "line"),
        ]
        _undocumented(world, "Inventory Starting Value", legs)


def set_up_recurring(world: World) -> None:
    """Templates of recurring transactions: a telephone bill and a monthly invoice."""
    world.day, world.now = 0, OPENING
    world.templates = [
        ("Telephone Bill", template_bill(world)),
        ('Monthly care, "gold" plan', template_invoice(world)),
    ]


def _undocumented(world: World, kind: str, legs: list[Posting]) -> None:
    """Post what QuickBooks shows in its ledger reports only, and no entity carries."""
    world.post(world.ledger.draft(world.calendar.date(world.day), kind, None, legs))


def payroll(world: World) -> None:
    """Wages of the active employees: only the ledger reports show them."""
    staff = sum(1 for party in world.employees if party.active)
    gross = staff * world.chance.between(900, 1400) * 100
    withheld = gross * 22 // 100
    legs = [
        Posting(world.account("payroll"), gross, "line"),
        Posting(world.account("checking"), withheld - gross, "line"),
        Posting(world.account("payroll_due"), -withheld, "line"),
    ]
    _undocumented(world, "Payroll Check", legs)


def pay_sales_tax(world: World) -> None:
    """Pay each agency what is owed: only the ledger reports show it."""
    for key in ("tax_ca", "tax_az"):
        owed = -world.balance(key)
        if owed > 0:
            legs = [
                Posting(world.account(key), owed, "line"),
                Posting(world.account("checking"), -owed, "line"),
            ]
            _undocumented(world, "Sales Tax Payment", legs)


def depreciate(world: World) -> None:
    """A month's wear of the truck."""
    cents = _TRUCK // 60
    note = CostLine("Truck, one month", None, None, 0 if world.profile.classes else -1)
    legs = [
        Posting(world.account("depreciation"), cents, "line", None, note),
        Posting(world.account("truck_depreciation"), -cents, "line", None, CostLine()),
    ]
    _banking(world, "JournalEntry", legs, 0)


def accrue(world: World) -> None:
    """An adjusting entry that names a customer and a class."""
    customer = world.customer()
    cents = world.chance.between(1000, 40_000)
    number = 1 if world.profile.classes else -1
    note = CostLine('Sprinkler heads damaged, 4 × ¾"', None, None, number)
    named = customer.ref if customer.currency == HOME else None
    legs = [
        Posting(world.account("prepaid"), cents, "line", None, note),
        Posting(world.account("insurance"), -cents, "line", named, note),
    ]
    _banking(world, "JournalEntry", legs, 0, "Adjustment")


def transfer(world: World) -> None:
    """Move money between Checking and Savings."""
    cents = world.chance.between(1, 40) * 2500
    keys = (
        ("checking", "savings") if world.balance("savings") < 500_000 else ("savings", "checking")
    )
    source, target = (world.account(key) for key in keys)
    legs = [Posting(target, cents, "line"), Posting(source, -cents, "line")]
    txn = _banking(world, "Transfer", legs, cents)
    txn.source, txn.target = source, target


def pay_card(world: World) -> None:
    """Pay off a credit card from Checking."""
    number = len(world.documents.get("CreditCardPayment", ()))
    key = "mastercard" if number % 2 == 0 else "visa"
    cents = max(-world.balance(key), 1000)
    source, target = world.account("checking"), world.account(key)
    legs = [Posting(target, cents, "line"), Posting(source, -cents, "line")]
    txn = _banking(world, "CreditCardPayment", legs, cents)
    txn.source, txn.target = source, target
    txn.note = "Monthly payment" if number % 2 else ""


def count_stock(world: World) -> None:
    """Write off what a count of the stock found missing."""
    if not world.stocked:
        return
    chance = world.chance
    legs: list[Posting] = []
    total = 0
    for item in world.stocked[: chance.between(1, 2)]:
        quantity = min(chance.between(1, 3) * 100, world.stock.on_hand(item))
        if item.asset and quantity:
            cents = world.stock.issue(item, quantity)
            total += cents
            line = ItemLine(item, -quantity, 0, False)
            legs.append(Posting(item.asset.id, -cents, "stock", None, line))
    legs.append(Posting(world.account("shrinkage"), total, "line"))
    txn = _banking(world, "InventoryAdjustment", legs, 0, "Stock count")
    txn.number = world.next_number("InventoryAdjustment", 26)
    txn.target = world.account("shrinkage")


def work(world: World) -> None:
    """An employee's or a vendor's time, mostly for a customer who is billed for it."""
    chance = world.chance
    count = len(world.documents.get("TimeActivity", ()))
    worker: Party = world.vendor() if count % 6 == 4 else world.worker()
    entry = world.ledger.draft(world.calendar.date(world.day), "TimeActivity", None, [])
    customer = world.customer()
    hourly = [item for item in world.services if item.kind == "Service" and not item.taxable]
    item = chance.pick(hourly)
    txn = Effort("TimeActivity", str(count + 1), world.day, world.now, world.now, customer, entry)
    txn.entry.currency, txn.entry.rate = customer.currency, world.rate(customer)
    txn.worker, txn.item, txn.minutes = worker, item, chance.between(2, 32) * 15
    txn.rate, txn.taxable = item.price, item.taxable
    world.keep(txn, posted=False)
    if chance.random() < 0.6:
        txn.billable = "Billable"
        wait_for_invoice(world, customer, txn)


def charge_on(world: World) -> None:
    """A cost paid for a customer, charged on with the next invoice or still to be."""
    customer = world.customer()
    charge: Txn = reimbursable(world, customer)
    if len(world.documents["ReimburseCharge"]) % 3:
        wait_for_invoice(world, customer, charge)
