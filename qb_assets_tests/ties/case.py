"""The companies of the proof: each is made from its seed alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from qb_assets.sandbox.generate import Profile
from qb_assets.sandbox.generate.chance import Chance

LAST = date(2026, 6, 1)
"""No company's books go on after this day."""

_DOCUMENTS_BESIDES = 70
"""What a company has besides its invoices and what comes of them; each day brings a little more."""
_DOCUMENTS_A_DAY = 0.4
_DOCUMENTS_AN_INVOICE = 1.6


@dataclass(frozen=True)
class Case:
    """A company: how it is made, what is done to it afterwards, and how its reports are fetched.

    `today` is the day after the last one of its books. `edits` are voids, deletes, un-deletes and
    back-dated edits of posted documents. `months` is how many months are fetched one by one, the
    first of which reaches back to the beginning. `cells` is how many a report's answer may have,
    beyond which it comes in parts.
    """

    seed: int
    invoices: int
    days: int
    profile: Profile
    today: date = LAST
    edits: int = 0
    months: int = 120
    cells: int = 400_000

    @classmethod
    def of(cls, seed: int, least: int, most: int) -> Case:
        """The company of a seed, of about so many documents; small ones are likelier."""
        chance = Chance(seed * 104_729 + 5)
        documents = int(math.exp(math.log(least) + chance.random() ** 2 * math.log(most / least)))
        days = chance.pick((25, 75, 200, 365, 365, 500, 800))
        besides = _DOCUMENTS_BESIDES + _DOCUMENTS_A_DAY * days
        return cls(
            seed,
            max(1, int((documents - besides) / _DOCUMENTS_AN_INVOICE)),
            days,
            Profile.of(seed),
            today=LAST - timedelta(days=chance.below(40)),
            edits=chance.pick((0, 0, 8, 30)),
            months=chance.pick((120, 120, 120, 3)),
            cells=chance.pick((400_000, 400_000, 8_000)),
        )

    @property
    def documents(self) -> int:
        """About how many documents it has."""
        besides = _DOCUMENTS_BESIDES + _DOCUMENTS_A_DAY * self.days
        return int(besides + _DOCUMENTS_AN_INVOICE * self.invoices)

    def simpler(self) -> Iterator[Case]:
        """Companies with less of one thing, the greatest steps first."""
        plain = Case(self.seed, 1, 20, Profile())
        for name, least in (("invoices", 1), ("days", 20), ("edits", 0), ("months", 1)):
            value: int = getattr(self, name)
            for less in dict.fromkeys((least, value // 4, value // 2, value * 7 // 8, value - 1)):
                if least <= less < value:
                    yield _with(self, name, less)
        for name in ("cells", "today"):
            if getattr(self, name) != getattr(plain, name):
                yield _with(self, name, getattr(plain, name))
        for field in fields(Profile):
            value = getattr(plain.profile, field.name)
            if getattr(self.profile, field.name) != value:
                yield replace(self, profile=_changed(self.profile, field.name, value))

    def text(self) -> str:
        """Everything it is made from, in a line."""
        return (
            f"seed {self.seed}: invoices={self.invoices} days={self.days} today={self.today}"
            f" edits={self.edits} months={self.months} cells={self.cells}"
            f" profile={self.profile.text() or 'plain'}"
        )


def _with(case: Case, name: str, value: object) -> Case:
    changed: dict[str, object] = {name: value}
    return replace(case, **changed)  # pyright: ignore[reportArgumentType]


def _changed(profile: Profile, name: str, value: object) -> Profile:
    changed: dict[str, object] = {name: value}
    return replace(profile, **changed)  # pyright: ignore[reportArgumentType]
