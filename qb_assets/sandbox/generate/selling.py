"""Events of selling: invoices, sales receipts, credit memos, refunds, estimates."""

from functools import partial

from . import buying, receiving, words
from .model import HOME, Charge, Effort, Item, ItemLine, Party, Posting, Sale, Txn, extend
from .offerings import RATES, TAX_CODES, TERMS
from .world import World

# How many lines of items a sale has: about four, so that with its subtotal it has about five.
_LINE_COUNTS = (
    (1,) * 10 + (2,) * 14 + (3,) * 20 + (4,) * 20 + (5,) * 16 + (6,) * 11 + (7,) * 6 + (8,) * 3
)
_VOID_EVERY, _VOID_AT = 101, 17
_BUNDLE_EVERY, _BUNDLE_AT = 37, 5
_DISCOUNT_EVERY, _DISCOUNT_AT = 19, 3
_PARTIAL_EVERY, _PARTIAL_AT = 13, 6
_UNPAID_EVERY, _UNPAID_AT = 4, 3


def _line(
    world: World, item: Item, customer: Party, bundle: int = 0, quantity: int = 0
) -> ItemLine:
    chance = world.chance
    if not quantity:
        quantity = chance.between(1, 8) * 100 if item.taxable else chance.between(1, 24) * 25
    price = item.price if bundle else world.priced(item)
    service_day = world.day if chance.random() < 0.1 else -1
    return ItemLine(
        item,
        quantity,
        price,
        item.taxable and customer.taxable,
        world.class_number(),
        service_day,
        None,
        bundle,
    )


def _drawn(world: World, customer: Party, items: list[Item]) -> list[ItemLine]:
    chance = world.chance
    count = chance.pick(_LINE_COUNTS)
    return [_line(world, chance.pick(items), customer) for _ in range(count)]


def _bundled(world: World, customer: Party, number: int) -> list[ItemLine]:
    times = world.chance.between(1, 2)
    return [
        _line(world, item, customer, number, quantity * times)
        for item, quantity in world.bundle.parts
    ]


def price_up(sale: Sale, customer: Party, lines: list[ItemLine], world: World) -> None:
    """Give a sale its entry, with the cost of what it takes from the stock.

    An estimate is not posted and takes nothing.
    """
    legs = sale_legs(world, sale, customer, [(line.item.income_id, line) for line in lines])
    costs = [] if sale.entity == "Estimate" else _costs(world, lines)
    sale.entry = world.entry(sale.entity, sale.id, legs, sale.day, customer, costs)


def sale_legs(
    world: World, sale: Sale, customer: Party, lines: list[tuple[str, ItemLine]]
) -> list[Posting]:
    """Work out a sale from its lines, each with its account: total, discount, taxes; its legs.

    An invoice debits A/R (`deposit_to` is empty) and a sales receipt the account of the money;
    a credit memo and a refund are the same with the sides swapped.
    """
    sign = -1 if sale.entity in ("CreditMemo", "RefundReceipt") else 1
    ref = customer.ref
    legs: list[Posting] = []
    subtotal = taxable = 0
    for account_id, line in lines:
        cents = extend(line.quantity, line.price)
        subtotal += cents
        if line.taxable:
            taxable += cents
        legs.append(Posting(account_id, -sign * cents, "line", ref, line))
    total = subtotal
    if sale.discount_percent:
        percent = sale.discount_percent
        discount = (subtotal * percent + 50) // 100
        total -= discount
        legs.append(Posting(world.account("discounts"), sign * discount, "discount", ref))
        if sale.tax_after_discount:
            taxable -= (taxable * percent + 50) // 100
    sale.tax_code, sale.taxes = "", ()
    if taxable:
        sale.tax_code = customer.tax_code
        rates = [RATES[rate_id] for rate_id in TAX_CODES[customer.tax_code][1]]
        taxes = [(rate, (taxable * rate.thousandths + 50_000) // 100_000) for rate in rates]
        sale.taxes = tuple((rate.id, rate.thousandths, taxable, tax) for rate, tax in taxes)
        for rate, tax in taxes:
            total += tax
            legs.append(Posting(world.account(rate.payable), -sign * tax, "tax", ref))
    sale.total = total
    control = sale.deposit_to or customer.control
    legs.insert(0, Posting(control, sign * total, "control", ref))
    return legs


def _costs(world: World, lines: list[ItemLine]) -> list[Posting]:
    legs: list[Posting] = []
    for line in lines:
        item = line.item
        if item.asset and item.expense:
            cost = world.stock.issue(item, line.quantity)
            legs.append(Posting(item.expense.id, cost, "cost", None, line))
            legs.append(Posting(item.asset.id, -cost, "stock", None, line))
    return legs


def _begin(world: World, entity: str, customer: Party, start: int, day: int) -> Sale:
    chance = world.chance
    entry = world.ledger.draft(world.calendar.first, entity, None, [])
    sale = Sale(entity, world.next_id(), day, world.now, world.now, customer, entry)
    sale.number = world.next_number(entity, start)
    sale.memo = words.MEMOS[0] if chance.random() < 0.8 else chance.pick(words.MEMOS)
    if chance.random() < world.profile.departments:
        sale.department = chance.below(3)
    if customer.email and chance.random() < 0.3:
        sale.emailed = "NeedToSend" if chance.random() < 0.4 else "EmailSent"
    return sale


def _taken_up(world: World, customer: Party, invoice: Sale) -> list[ItemLine]:
    """The lines for what waits to be invoiced, each marked with where it comes from."""
    lines: list[ItemLine] = []
    for source in customer.waiting:
        lines += _lines_of(world, source, customer)
        invoice.related.append(source)
        source.related.append(invoice)
        source.updated = world.now
        if isinstance(source, Sale):
            source.status = "Closed"
        elif isinstance(source, Effort):
            source.billable = "HasBeenBilled"
        elif isinstance(source, Charge):
            source.invoiced = True
            for bill in source.related:
                if bill.entity == "Bill":
                    bill.updated = world.now
    customer.waiting = []
    return lines


def _lines_of(world: World, source: Txn, customer: Party) -> list[ItemLine]:
    if isinstance(source, Sale):
        lines = [leg.line for leg in source.entry.postings if isinstance(leg.line, ItemLine)]
        return [line._replace(source=source) for line in lines]
    if isinstance(source, Effort) and source.item:
        quantity = source.minutes * 100 // 60
        taxable = source.taxable and customer.taxable
        return [ItemLine(source.item, quantity, source.rate, taxable, -1, source.day, source)]
    item = world.items[0]
    return [ItemLine(item, 100, source.total * 100_000, False, -1, source.day, source)]


def invoice(world: World) -> None:
    """Invoice a customer, and plan what becomes of it: paid, paid in part, unpaid, voided."""
    chance = world.chance
    index = len(world.documents.get("Invoice", ()))
    voided = index % _VOID_EVERY == _VOID_AT
    customer = world.ready.popleft() if world.ready and not voided else world.customer()
    backdated = chance.random() < 0.08
    day = max(0, world.day - chance.between(1, 3)) if backdated else world.day
    sale = _begin(world, "Invoice", customer, 1001, day)
    if index % _DISCOUNT_EVERY == _DISCOUNT_AT:
        sale.discount_percent = chance.pick((5, 10, 15))
        sale.tax_after_discount = chance.random() < 0.5
    taken = _taken_up(world, customer, sale) if customer.waiting and not voided else []
    # Stock leaves at the cost of the oldest layer on the day of the sale, so what is entered
    # late, and what will be voided, sells services only.
    goods = world.services if backdated or voided else world.goods
    lines = taken or _drawn(world, customer, goods)
    if index % _BUNDLE_EVERY == _BUNDLE_AT and goods is world.goods:
        lines += _bundled(world, customer, 1 + max(line.bundle for line in lines))
    if taken:
        sale.day = world.day
    if any(line.item.asset for line in lines):
        sale.day = world.day
        buying.ensure_stock(world, lines)
    sale.term = 2 if chance.random() < 0.8 else chance.below(len(TERMS))
    price_up(sale, customer, lines, world)
    sale.open = sale.total
    world.keep(sale)
    world.touch_party(customer)
    if chance.random() < 0.1:
        sale.token = 1
        sale.updated += chance.between(60, 1500)
    if voided:
        world.plan(world.day + chance.between(1, 4), partial(world.void, sale))
    else:
        customer.open_charges.append(sale)
        _plan_payment(world, sale, index)


def _plan_payment(world: World, sale: Sale, index: int) -> None:
    if index % _UNPAID_EVERY == _UNPAID_AT:
        return
    chance = world.chance
    days = 1 + min(chance.between(0, 35), chance.between(0, 70))
    in_part = index % _PARTIAL_EVERY == _PARTIAL_AT
    world.plan(world.day + days, partial(receiving.collect, world, sale, in_part=in_part))


def template_invoice(world: World) -> Sale:
    """What a recurring invoice is made from; it is not posted."""
    customer = world.customer()
    sale = _begin(world, "Invoice", customer, 0, world.day)
    sale.number = ""
    price_up(sale, customer, [_line(world, world.services[0], customer)], world)
    sale.open = sale.total
    return sale


def sales_receipt(world: World) -> None:
    """Sell for money at once, mostly into Undeposited Funds."""
    chance = world.chance
    customer = world.customer()
    sale = _begin(world, "SalesReceipt", customer, 5001, world.day)
    sale.method = chance.below(5)
    sale.reference = str(chance.between(1000, 99999)) if sale.method == 1 else ""
    held = chance.random() < 0.75 and customer.currency == HOME
    sale.deposit_to = world.account("undeposited" if held else "checking")
    if chance.random() < 0.1:
        sale.discount_percent = 10
    lines = _drawn(world, customer, world.goods)
    buying.ensure_stock(world, lines)
    price_up(sale, customer, lines, world)
    world.keep(sale)
    if held:
        world.undeposited.append(sale)


def credit_memo(world: World) -> None:
    """Credit a customer; most credits are linked to a charge later, some stay open."""
    chance = world.chance
    customer = _owing_customer(world)
    sale = _begin(world, "CreditMemo", customer, 7001, world.day)
    lines = [_line(world, chance.pick(world.services), customer)]
    price_up(sale, customer, lines, world)
    sale.open = sale.total
    world.keep(sale)
    world.touch_party(customer)
    customer.open_credits.append(sale)
    if len(world.documents["CreditMemo"]) % 3:
        days = chance.between(0, 5)
        action = partial(receiving.link_credit, world, sale)
        if days:
            world.plan(world.day + days, action)
        else:
            action()


def _owing_customer(world: World) -> Party:
    """A customer with an open invoice, where a few tries find one."""
    customer = world.customer()
    for _ in range(12):
        if customer.open_charges:
            break
        customer = world.customer()
    return customer


def refund_receipt(world: World) -> None:
    """Pay a customer back from the bank account."""
    chance = world.chance
    customer = world.customer()
    sale = _begin(world, "RefundReceipt", customer, 8001, world.day)
    sale.method = chance.below(2)
    sale.deposit_to = world.account("checking")
    price_up(sale, customer, [_line(world, chance.pick(world.services), customer)], world)
    world.keep(sale)


def estimate(world: World) -> None:
    """Offer work; an accepted offer is invoiced line by line."""
    chance = world.chance
    customer = world.customer()
    sale = _begin(world, "Estimate", customer, 3001, world.day)
    lines = _drawn(world, customer, world.goods)
    price_up(sale, customer, lines, world)
    world.keep(sale, posted=False)
    draw = chance.random()
    if draw < 0.55:
        sale.status = "Accepted"
        wait_for_invoice(world, customer, sale)
    else:
        sale.status = "Pending" if draw < 0.9 else "Rejected"


def wait_for_invoice(world: World, customer: Party, source: Txn) -> None:
    """Let the customer's next invoice take up an estimate, time or a charge."""
    customer.waiting.append(source)
    world.ready.append(customer)
