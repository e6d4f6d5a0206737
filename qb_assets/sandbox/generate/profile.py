"""What kind of company is generated, besides its size."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import msgspec

from .chance import Chance

DRAWN = "drawn"
"""The word for a profile that is drawn from the seed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The features of a company; the defaults are a US company with sales tax and inventory.

    `multi_currency`: customers and vendors in euros, pounds and Canadian dollars, each currency
    with its receivable and payable account. `fiscal_year_start`: the month, 1 to 12.
    `several_controls`: two receivable and two payable accounts in the home currency. `classes` and
    `departments`: the share of lines with a class, of documents with a department; from
    `departments` above 0.1 on, spending and receipts have them too. `inventory`: some items are
    counted and have a cost. `tax`: sales tax is charged. `late_edits`: posted documents are edited
    later, into earlier months too. `deletes`: some are deleted. `cash_back`: now and then a
    deposit keeps cash back. `report_basis`: what reports are made by where none is asked for.
    """

    multi_currency: bool = False
    fiscal_year_start: int = 1
    several_controls: bool = False
    classes: float = 0.15
    departments: float = 0.1
    inventory: bool = True
    tax: bool = True
    late_edits: bool = False
    deletes: bool = False
    cash_back: bool = True
    report_basis: Literal["Accrual", "Cash"] = "Accrual"

    def __post_init__(self) -> None:
        """Raises ValueError for a month or a share that is none."""
        month = self.fiscal_year_start
        if not 1 <= month <= 12:
            raise ValueError(f"fiscal_year_start is a month from 1 to 12, not {month}")
        for name in ("classes", "departments"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {getattr(self, name)}")

    @classmethod
    def of(cls, seed: int) -> Profile:
        """The profile that a seed draws: each feature is there in about half of the seeds."""
        chance = Chance(seed * 7919 + 17)
        return cls(
            multi_currency=chance.hit(0.5),
            fiscal_year_start=chance.pick((1, 1, 4, 7, 10, 2)),
            several_controls=chance.hit(0.4),
            classes=chance.pick((0.0, 0.15, 0.6, 0.9)),
            departments=chance.pick((0.0, 0.1, 0.7, 0.9)),
            inventory=chance.hit(0.7),
            tax=chance.hit(0.7),
            late_edits=chance.hit(0.6),
            deletes=chance.hit(0.6),
            cash_back=chance.hit(0.7),
            report_basis="Accrual" if chance.hit(0.5) else "Cash",
        )

    @classmethod
    def parse(cls, text: str, seed: int) -> Profile:
        """The profile of a text such as `multi_currency=true,fiscal_year_start=4`, or `drawn`.

        Raises ValueError, naming the features there are, for another text.
        """
        if text == DRAWN:
            return cls.of(seed)
        pairs = [pair.partition("=") for pair in text.split(",") if pair]
        known = {field.name for field in fields(cls)}
        unknown = [name for name, _, _ in pairs if name not in known]
        if unknown:
            raise ValueError(
                f"a profile has no {unknown[0]}: write {DRAWN}, or feature=value for some of "
                f"{', '.join(sorted(known))}"
            )
        try:
            return msgspec.convert({name: value for name, _, value in pairs}, cls, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"profile {text!r} cannot be read: {error}") from error

    def text(self) -> str:
        """What `parse` reads: the features that are not as by default."""
        plain = Profile()
        return ",".join(
            f"{field.name}={getattr(self, field.name)}".lower()
            if field.name != "report_basis"
            else f"{field.name}={self.report_basis}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(plain, field.name)
        )
