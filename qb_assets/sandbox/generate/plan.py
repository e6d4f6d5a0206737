"""What happens on which day, and how often, for a company of a given size."""

from collections.abc import Callable
from functools import partial

from . import buying, keeping, late, receiving, selling
from .days import AFTER_HOURS, DAY, Calendar
from .profile import Profile
from .world import World

Event = Callable[[World], None]

# The event, how many there are per invoice, and the fewest there are.
_FREQUENCIES: tuple[tuple[Event, float, int], ...] = (
    (selling.sales_receipt, 0.035, 4),
    (selling.credit_memo, 0.012, 6),
    (selling.refund_receipt, 0.003, 2),
    (selling.estimate, 0.015, 5),
    (receiving.prepayment, 0.004, 4),
    (buying.bill, 0.02, 9),
    (buying.vendor_credit, 0.002, 3),
    (buying.purchase, 0.03, 12),
    (buying.pay_bills, 0.01, 14),
    (buying.purchase_order, 0.001, 2),
    (keeping.work, 0.015, 7),
    (keeping.charge_on, 0.001, 3),
    (keeping.transfer, 0.0005, 2),
    (keeping.count_stock, 0.0003, 2),
    (keeping.accrue, 0.0005, 2),
    (keeping.pay_card, 0.0001, 2),
)
_RECENT_DAYS = 3
_SECOND_THOUGHTS = 24


def _working_days(calendar: Calendar) -> list[int]:
    """The days to draw from: a Saturday counts a fifth of a weekday, a Sunday a tenth."""
    weights = (10, 10, 10, 10, 10, 2, 1)
    return [day for day in range(calendar.days) for _ in range(weights[calendar.weekday(day)])]


def _invoice_days(world: World, drawn: list[int]) -> list[int]:
    """A day for each invoice; the last days of the books always have one."""
    last = world.calendar.last
    recent = [max(0, last - back) for back in range(min(_RECENT_DAYS, world.invoices))]
    rest = world.invoices - len(recent)
    return recent + [world.chance.pick(drawn) for _ in range(rest)]


def _plan_regular(world: World) -> None:
    """What the calendar asks for: payroll, deposits, month-ends."""
    calendar = world.calendar
    for day in range(calendar.days):
        weekday = calendar.weekday(day)
        if weekday < 5 and world.chance.random() < 0.4:
            world.plan(day, partial(receiving.deposit, world))
        if weekday == 4 and (day // 7) % 2 == 0:
            world.plan(day, partial(keeping.payroll, world))
        if calendar.ends_month(day):
            world.plan(day, partial(keeping.depreciate, world))
        if calendar.starts_month(day) and day:
            world.plan(day, partial(keeping.pay_sales_tax, world))
            world.plan(day, partial(keeping.pay_card, world))


def _plan(world: World) -> None:
    drawn = _working_days(world.calendar)
    for day in _invoice_days(world, drawn):
        world.plan(day, partial(selling.invoice, world))
    for event, rate, fewest in _FREQUENCIES:
        count = max(fewest, int(world.invoices * rate))
        for _ in range(count):
            world.plan(world.chance.pick(drawn), partial(event, world))
    _plan_regular(world)
    _plan_second_thoughts(world, drawn)


def _plan_second_thoughts(world: World, drawn: list[int]) -> None:
    count = max(_SECOND_THOUGHTS, world.invoices // 50)
    events = [(world.profile.late_edits, late.edit), (world.profile.deletes, late.delete)]
    for wanted, event in events:
        for _ in range(count if wanted else 0):
            world.plan(world.chance.pick(drawn), partial(event, world))


def _complete(world: World) -> None:
    """Close the last day with a receipt and a bill payment where short books had none yet."""
    world.now = world.calendar.last * DAY + AFTER_HOURS
    if not any(txn.total for txn in world.documents.get("Payment", ())):
        receiving.collect(world, world.documents["Invoice"][0], in_part=False)
        receiving.deposit(world)
    if "BillPayment" not in world.documents:
        buying.bill(world)
        buying.pay_bills(world)


def live(seed: int, invoices: int, calendar: Calendar, profile: Profile) -> World:
    """Live through all the days of a company and return it as it stands at the end."""
    world = World(seed, invoices, calendar, profile)
    keeping.open_books(world)
    keeping.set_up_recurring(world)
    _plan(world)
    for day in range(calendar.days):
        world.live(day)
    _complete(world)
    return world
