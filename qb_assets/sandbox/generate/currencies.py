"""Foreign currencies of a generated company: their names, their daily rates, home amounts."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .chance import Chance
from .model import HOME, Posting

NAMES = {
    HOME: "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "CAD": "Canadian Dollar",
}
FOREIGN = ("EUR", "GBP", "CAD")
_AT_FIRST = {"EUR": 1_084_300, "GBP": 1_262_700, "CAD": 736_900}
_STEP = 6_000
"""Millionths that a rate moves in a day at most."""


def home_cents(cents: int, rate: Decimal) -> int:
    """Cents of a currency at its rate in cents of the home currency, half a cent rounded away
    from zero."""
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_UP))


class Rates:
    """The price of each currency in the home currency, by day."""

    def __init__(self, seed: int, first: date, days: int) -> None:
        self.first = first
        self._rates: dict[str, list[Decimal]] = {}
        for place, code in enumerate(FOREIGN):
            # Apart from the chance of the books, which are the same with and without currencies.
            chance = Chance(seed * 31 + place)
            millionths, rates = _AT_FIRST[code], list[Decimal]()
            for _ in range(days):
                millionths += chance.between(-_STEP, _STEP)
                rates.append(Decimal(millionths).scaleb(-6))
            self._rates[code] = rates

    def at(self, code: str, day: int) -> Decimal:
        """The rate of a currency on a day; 1 for the home currency."""
        return Decimal(1) if code == HOME else self._rates[code][day]

    def listed(self) -> list[tuple[str, date, int, Decimal]]:
        """(Currency, date, day, rate) for every rate, in the order of the days."""
        count = len(self._rates[FOREIGN[0]])
        return [
            (code, self.first + timedelta(days=day), day, self._rates[code][day])
            for day in range(count)
            for code in FOREIGN
        ]


def converted(
    legs: list[Posting], rate: Decimal, exchange: str, control: int | None = None
) -> list[Posting]:
    """Legs in cents of a foreign currency as postings with home cents.

    `control` is the home value of the control leg where that is not its cents at `rate`: a
    payment moves what the settled charges are worth on the books. What the postings then lack to
    balance, the gain or loss and a rounding, is posted to the account `exchange`.
    """
    postings: list[Posting] = []
    for leg in legs:
        cents = home_cents(leg.cents, rate)
        if leg.role == "control" and control is not None:
            cents = control
        postings.append(leg._replace(cents=cents, foreign=leg.cents))
    off = sum(posting.cents for posting in postings)
    if off:
        postings.append(Posting(exchange, -off, "exchange", foreign=0))
    return postings
