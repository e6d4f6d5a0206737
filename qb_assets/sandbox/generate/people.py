"""Customers with their jobs, vendors and employees: they share one counter of Ids."""

from . import words
from .chance import Chance
from .days import DAY
from .model import Address, NameRef, Party

_JOB_EVERY = 7
_INACTIVE_EVERY = 41
_UNUSUAL_FROM = 4


def _address(chance: Chance) -> Address:
    city, state, postal_code, lat, long = chance.pick(words.PLACES)
    street = f"{chance.between(10, 9999)} {chance.pick(words.STREETS)}"
    return Address(street, city, state, postal_code, lat, long)


def _phone(chance: Chance) -> str:
    area = chance.pick(("650", "415", "408", "520"))
    return f"({area}) 555-{chance.below(10_000):04d}"


def _unique(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken: QuickBooks allows a display name once."""
    number = 1
    unique = name
    while unique.lower() in taken:
        number += 1
        unique = f"{name} {number}"
    taken.add(unique.lower())
    return unique


def _party(chance: Chance, entity: str, number: int, display: str, company: str) -> Party:
    given, family = chance.pick(words.GIVEN), chance.pick(words.FAMILY)
    return Party(
        ref=NameRef(entity, str(number)),
        display=display or f"{given} {family}",
        given=given,
        family=family,
        company=company,
        email=f"contact{number}@example.com" if chance.hit(0.9) else "",
        phone=_phone(chance) if chance.hit(0.9) else "",
        address=_address(chance),
    )


def _customer(chance: Chance, number: int, parent: Party | None) -> Party:
    unusual = number - _UNUSUAL_FROM - number // _JOB_EVERY
    if parent is not None:
        display = f"{chance.between(1, 9999)} {chance.pick(words.STREETS)}"
        if chance.hit(0.2):
            display = "Kitchen \u201cgarden\u201d & patio"
        party = _party(chance, "Customer", number, display, parent.company)
        party.parent = parent
        party.taxable, party.tax_code = parent.taxable, parent.tax_code
        return party
    if 0 <= unusual < len(words.UNUSUAL_CUSTOMERS):
        name = words.UNUSUAL_CUSTOMERS[unusual]
        party = _party(chance, "Customer", number, name, name)
    elif chance.hit(0.5):
        name = f"{chance.pick(words.FAMILY)}'s {chance.pick(words.TRADES)}"
        party = _party(chance, "Customer", number, name, name)
    else:
        party = _party(chance, "Customer", number, "", "")
    party.taxable = chance.hit(0.6)
    party.tax_code = "3" if party.address.state == "AZ" else "2"
    return party


def customers(chance: Chance, count: int) -> list[Party]:
    """`count` customers, every seventh a job of the one before it, a few inactive."""
    parties: list[Party] = []
    taken: set[str] = set()
    for number in range(1, count + 1):
        is_job = number % _JOB_EVERY == 0
        parent = parties[-1] if is_job else None
        party = _customer(chance, number, parent)
        party.display = _unique(party.display, taken)
        party.active = is_job or number % _INACTIVE_EVERY != 3
        parties.append(party)
    return parties


def vendors(chance: Chance, count: int, after: int) -> list[Party]:
    """`count` vendors with Ids from `after` + 1, a few inactive."""
    parties: list[Party] = []
    taken: set[str] = set()
    for number in range(after + 1, after + count + 1):
        name = f"{chance.pick(words.FAMILY)} {chance.pick(words.SUPPLY_TRADES)}"
        party = _party(chance, "Vendor", number, _unique(name, taken), name)
        party.active = (number - after) % 17 != 5
        parties.append(party)
    return parties


def employees(chance: Chance, count: int, after: int) -> list[Party]:
    """`count` employees with Ids from `after` + 1, the second of them inactive."""
    parties: list[Party] = []
    taken: set[str] = set()
    for number in range(after + 1, after + count + 1):
        party = _party(chance, "Employee", number, "", "")
        party.display = _unique(party.display, taken)
        party.active = number != after + 2
        parties.append(party)
    return parties


def arrivals(parties: list[Party], last_day: int) -> None:
    """Spread the creation of customers: three in five on the first day, the rest over the days.

    The order of Ids is the order of creation. They come an hour before the office opens, so that
    a customer exists before the first document of the day names it.
    """
    early = max(1, len(parties) * 3 // 5)
    late = len(parties) - early
    for place, party in enumerate(parties):
        day = 0 if place < early else (place - early + 1) * last_day // late
        party.created = party.updated = day * DAY + 7 * 3600 + (place * 7) % 3600
