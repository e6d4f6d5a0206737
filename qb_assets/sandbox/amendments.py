"""What /admin asks to edit of a posted document, in the terms of its JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import msgspec

if TYPE_CHECKING:
    from .generate.amending import Amendment
    from .generate.world import World

_QUANTITY, _PRICE, _AMOUNT = 2, 7, 2
"""Decimal places that QuickBooks keeps."""


class Amend(msgspec.Struct, forbid_unknown_fields=True):
    """An edit of a posted document at a moment, now when None.

    `line` counts the document's lines of items and accounts from 1, those of a bundle one by one;
    a line of an item takes a `quantity` and a `unit_price`, one to an account an `amount`, in the
    document's currency. `account` is an Id.
    """

    entity: str
    id: str
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    txn_date: date | None = None
    line: int | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    account: str | None = None

    def amendment(self, world: World) -> Amendment:
        """The same in the terms of the ledger; raises ValueError for what makes no sense."""
        from .generate.amending import Amendment

        what = f"{self.entity} {self.id}"
        of_line = (self.quantity, self.unit_price, self.amount, self.account)
        if self.line is None and any(value is not None for value in of_line):
            raise ValueError(f"{what}: say which line, counted from 1")
        if self.line is None and self.txn_date is None:
            raise ValueError(f"{what}: give a txn_date or a line to edit")
        if self.account is not None and self.account not in world.account_ids:
            raise ValueError(f"{what}: there is no account with Id {self.account}")
        return Amendment(
            day=None if self.txn_date is None else (self.txn_date - world.calendar.first).days,
            line=self.line,
            quantity=_units(self.quantity, _QUANTITY, what),
            price=_units(self.unit_price, _PRICE, what),
            cents=_units(self.amount, _AMOUNT, what),
            account=None if self.account is None else world.account_ids[self.account],
        )


def _units(value: Decimal | None, places: int, what: str) -> int | None:
    if value is None:
        return None
    units = value.scaleb(places)
    if units != int(units):
        raise ValueError(f"{what}: {value} has more than {places} decimal places")
    return int(units)
