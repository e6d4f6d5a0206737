"""Columns of the reports that have a row for each posting or transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from qb_assets.sandbox.generate.model import CostLine, ItemLine

from .cells import BLANK, Cell, Column, Row, decimal, linked, money, text
from .frame import Frame
from .journal import Journal, Leg
from .names import NOBODY, Names


class Line(NamedTuple):
    """What a row tells of: a leg of a transaction.

    `sign` is 1 where a debit counts as positive, else -1. `balance` is the account's after the
    leg. `again` marks a row after a transaction's first where the report does not repeat itself.
    `due`, `past_due` (days) and `open` (cents) are an open document's.
    """

    journal: Journal
    leg: Leg
    sign: int = 1
    balance: int = 0
    again: bool = False
    due: date | None = None
    past_due: int = 0
    open: int = 0


_Getter = Callable[[Names, Line], Cell]


def _date(_: Names, line: Line) -> Cell:
    # QuickBooks' own way to leave out the date of a journal's further rows.
    return text("0-00-00" if line.again else line.journal.day.isoformat())


def _type(_: Names, line: Line) -> Cell:
    return linked("" if line.again else line.journal.kind, line.journal.id)


def _number(_: Names, line: Line) -> Cell:
    return BLANK if line.again else text(line.journal.number)


def _name(names: Names, line: Line) -> Cell:
    party = line.journal.party
    return names.person(party if line.again is False and party else line.leg.posting.name_ref)


def _memo(_: Names, line: Line) -> Cell:
    about = line.leg.posting.line
    said = ""
    if isinstance(about, CostLine):
        said = about.description
    elif isinstance(about, ItemLine):
        said = about.item.description
    return text(said or line.journal.note)


def _split(names: Names, line: Line) -> Cell:
    legs, leg = line.journal.legs, line.leg
    if len(legs) == 1:
        return NOBODY
    if leg is not legs[0]:
        return names.account(legs[0].account_id)
    return names.account(legs[1].account_id) if len(legs) == 2 else linked("-Split-", "")


def _person(entity: str) -> _Getter:
    def cell(names: Names, line: Line) -> Cell:
        about, party = line.leg.posting.line, line.journal.party
        if entity == "Customer" and isinstance(about, CostLine) and about.customer:
            return names.person(about.customer.ref)
        own = names.person(line.leg.posting.name_ref, entity)
        return names.person(party, entity) if own is NOBODY else own

    return cell


def _department(names: Names, line: Line) -> Cell:
    txn = line.journal.txn
    return names.department(txn.department if txn else -1)


def _quantity(_: Names, line: Line) -> Cell:
    about, role, cents = line.leg.posting.line, line.leg.posting.role, line.leg.cents
    if not isinstance(about, ItemLine) or role == "cost" or not cents:
        return BLANK
    return text(decimal(abs(about.quantity) if line.sign * cents > 0 else -abs(about.quantity)))


def _debit(_: Names, line: Line) -> Cell:
    return money(line.leg.cents) if line.leg.cents >= 0 else BLANK


def _credit(_: Names, line: Line) -> Cell:
    return money(-line.leg.cents) if line.leg.cents < 0 else BLANK


def _foreign(_: Names, line: Line) -> Cell:
    foreign = line.leg.foreign
    return BLANK if foreign is None else money(line.sign * foreign)


_COLUMNS: Mapping[str, tuple[str, _Getter]] = {
    "tx_date": ("Date", _date),
    "txn_type": ("Transaction Type", _type),
    "doc_num": ("Num", _number),
    "name": ("Name", _name),
    "memo": ("Memo/Description", _memo),
    "split_acc": ("Split", _split),
    "account_name": ("Account", lambda names, line: names.account(line.leg.account_id)),
    "cust_name": ("Customer", _person("Customer")),
    "vend_name": ("Vendor", _person("Vendor")),
    "emp_name": ("Employee", _person("Employee")),
    "item_name": ("Product/Service", lambda names, line: names.item(line.leg.posting.line)),
    "klass_name": ("Class", lambda names, line: names.klass(line.leg.posting.line)),
    "dept_name": ("Location", _department),
    "quantity": ("Qty", _quantity),
    "debt_amt": ("Debit", _debit),
    "credit_amt": ("Credit", _credit),
    "subt_nat_amount": ("Amount", lambda _, line: money(line.sign * line.leg.cents)),
    "rbal_nat_amount": ("Balance", lambda _, line: money(line.balance)),
    "due_date": ("Due Date", lambda _, line: text(line.due.isoformat() if line.due else "")),
    "past_due": ("Past Due", lambda _, line: text(str(line.past_due))),
    "subt_open_bal": ("Open Balance", lambda _, line: money(line.open)),
    "is_no_post": ("Posting", lambda _, line: text("Yes" if line.journal.order else "No")),
    "other_account": ("Split", _split),
}
_FOREIGN: Mapping[str, tuple[str, _Getter]] = {
    "currency": ("Currency", lambda _, line: text(line.journal.currency)),
    "exch_rate": ("Exchange Rate", lambda _, line: text(str(line.journal.rate))),
    "nat_foreign_amount": ("Foreign Amount", _foreign),
    "subt_open_home_bal": ("Open Balance", lambda _, line: money(line.open)),
}
_HOME = {
    "debt_amt": "debt_home_amt",
    "credit_amt": "credit_home_amt",
    "subt_nat_amount": "subt_nat_home_amount",
    "rbal_nat_amount": "rbal_nat_home_amount",
}
"""The keys that amounts have where there are several currencies."""
TOLD = ("tx_date", "txn_type", "doc_num", "name", "memo")
"""The ColKeys which tell of a transaction."""
FOR = ("cust_name", "vend_name", "emp_name", "item_name", "klass_name", "dept_name")
"""The ColKeys which tell what a posting is for."""
FOREIGN = ("currency", "exch_rate", "nat_foreign_amount")
"""The ColKeys which only a company with several currencies has."""
_AMOUNTS = frozenset({*_HOME, "nat_foreign_amount", "subt_open_bal", "subt_open_home_bal"})


class Layout:
    """The columns of a detail report and how its rows are filled.

    Columns asked for come in an order of the report's own, and those there are not are left out.
    The first is never one of an amount, for it is where rows and sections are named.
    """

    def __init__(self, frame: Frame, allowed: Iterable[str], default: Iterable[str]) -> None:
        self._names = frame.names
        columns = {**_COLUMNS, **(_FOREIGN if frame.several else {})}
        home = _HOME if frame.several else {}
        known = {home.get(key, key): key for key in allowed if key in columns}
        asked = [known[key] for key in dict.fromkeys(frame.request.columns) if key in known]
        self.keys = _text_first(frame.shuffled(asked)) if asked else list(default)
        self._getters = [columns[key][1] for key in self.keys]
        self.columns: list[Row] = [
            Column(home.get(key, key), frame.say(columns[key][0]), home.get(key, key)).json()
            for key in self.keys
        ]

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.keys)

    def cells(self, line: Line) -> list[Cell]:
        """The cells of a row."""
        names = self._names
        return [getter(names, line) for getter in self._getters]

    def labelled(self, label: Cell, amounts: Mapping[str, int | None]) -> list[Cell]:
        """The cells of a row which has a label, and amounts in cents by the plain ColKey."""
        cells = [money(amounts.get(key)) for key in self.keys]
        cells[0] = label
        return cells


def _text_first(keys: list[str]) -> list[str]:
    """The keys with one that is no amount in front, where there is one."""
    place = next((n for n, key in enumerate(keys) if key not in _AMOUNTS), 0)
    return [keys[place], *keys[:place], *keys[place + 1 :]]
