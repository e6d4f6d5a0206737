"""Pieces of JSON text as QuickBooks writes them; records are put together from these.

Numbers come in the mixed forms of the real API: `10`, `10.5`, and `1201.0` in some documents.
"""

import json
from decimal import Decimal

from .currencies import NAMES, home_cents
from .model import Address, NameRef, Party, Txn
from .offerings import CLASSES, DEPARTMENTS, Sorting
from .world import World

_EDITOR = '"LastModifiedByRef":{"value":"9341457021722234"},'


Row = tuple[str, bytes, int]
"""A record of a list: its Id, its JSON and its moment of update."""


def flag(value: bool) -> str:
    """A JSON boolean."""
    return "true" if value else "false"


def shown(name: str, active: bool) -> str:
    """A name as a JSON string; QuickBooks marks the names of inactive rows."""
    return quote(name if active else f"{name} (deleted)")


def quote(text: str) -> str:
    """A JSON string; what is not ASCII stays as it is."""
    return json.dumps(text, ensure_ascii=False)


def reference(value: str, name: str) -> str:
    """A reference object: `{"value":"35","name":"Checking"}`."""
    return f'{{"value":"{value}","name":{quote(name)}}}'


def money(cents: int, point: bool = False) -> str:
    """Cents as dollars: `10`, `10.5`, `10.25`; a whole amount is `10.0` where `point`."""
    if cents < 0:
        return f"-{money(-cents, point)}"
    whole, part = divmod(cents, 100)
    if not part:
        return f"{whole}.0" if point else str(whole)
    if part % 10:
        return f"{whole}.{part:02d}"
    return f"{whole}.{part // 10}"


def pointed(txn: Txn) -> bool:
    """Whether a document writes whole amounts with a point: one in four does."""
    return int(txn.id) % 4 == 1


def decimal(units: int, places: int) -> str:
    """A number of units of ten to the minus `places`, without trailing zeros."""
    if units < 0:
        return f"-{decimal(-units, places)}"
    whole, part = divmod(units, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0") if part else str(whole)


def rate_text(rate: Decimal) -> str:
    """An exchange rate without trailing zeros: `1.0843`, `1`."""
    return f"{rate.normalize():f}"


def price(units: int) -> str:
    """A unit price: up to seven decimals."""
    return decimal(units, 7) if units % 100_000 else money(units // 100_000)


def assemble(parts: list[str], turn: int) -> bytes:
    """A record from its fields; the order of keys differs between records, as it does at Intuit."""
    if turn % 8 == 5:
        middle = len(parts) // 2
        parts = parts[middle:] + parts[:middle]
    return f"{{{','.join(parts)}}}".encode()


def address(place: Address, address_id: str) -> str:
    """A structured address, as lists and ShipAddr have it."""
    return (
        f'{{"Id":"{address_id}","Line1":{quote(place.street)},"City":{quote(place.city)},'
        f'"CountrySubDivisionCode":"{place.state}","PostalCode":"{place.postal_code}",'
        f'"Lat":"{place.lat}","Long":"{place.long}"}}'
    )


def _letterhead(party: Party) -> str:
    """The lines of an address as documents print it, without its Id."""
    place = party.address
    lines = [f"{party.given} {party.family}"]
    if party.company:
        lines.append(party.company)
    lines += [place.street, f"{place.city}, {place.state}  {place.postal_code}"]
    numbered = ",".join(f'"Line{n}":{quote(line)}' for n, line in enumerate(lines, start=1))
    return f'{numbered},"Lat":"{place.lat}","Long":"{place.long}"}}'


class Fragments:
    """The texts of a company's lists that its documents repeat, made once."""

    def __init__(self, world: World) -> None:
        self.profile = world.profile
        self.currencies = {
            code: f'"CurrencyRef":{reference(code, name)}' for code, name in NAMES.items()
        }
        self.stamp = world.calendar.stamp
        self.days = world.calendar.texts
        self.accounts = {
            account.id: reference(account.id, account.full_name)
            for account in world.accounts.values()
        }
        self.items = {item.id: reference(item.id, item.full_name) for item in world.items}
        people = [*world.customers, *world.vendors, *world.employees]
        self.people: dict[NameRef, str] = {
            party.ref: reference(party.ref.id, party.shown) for party in people
        }
        self.letterheads: dict[NameRef, str] = {party.ref: _letterhead(party) for party in people}
        self.addresses: dict[NameRef, str] = {
            party.ref: address(party.address, party.ref.id) for party in people
        }
        self.bundle = world.bundle
        self.classes = _sorted_names(CLASSES)
        self.departments = _sorted_names(DEPARTMENTS)

    def person(self, party: Party | None) -> str:
        """The reference object of a customer, vendor or employee; empty for nobody."""
        return self.people[party.ref] if party else "{}"

    def head(self, txn: Txn, *, editor: bool = False) -> str:
        """The fields every document has: domain, sparse, Id, SyncToken, MetaData."""
        created = self.stamp(txn.created)
        updated = created if txn.updated == txn.created else self.stamp(txn.updated)
        by = _EDITOR if editor else ""
        return (
            f'"domain":"QBO","sparse":false,"Id":"{txn.id}","SyncToken":"{txn.token}",'
            f'"MetaData":{{"CreateTime":"{created}",{by}"LastUpdatedTime":"{updated}"}}'
        )

    def listed(self, record_id: str, created: int, updated: int, token: int = 0) -> str:
        """The same fields for a record of a list."""
        return (
            f'"domain":"QBO","sparse":false,"Id":"{record_id}","SyncToken":"{token}",'
            f'"MetaData":{{"CreateTime":"{self.stamp(created)}",'
            f'"LastUpdatedTime":"{self.stamp(updated)}"}}'
        )

    def dated(self, txn: Txn, *, located: bool = True) -> list[str]:
        """DocNumber where there is one, TxnDate, DepartmentRef, CurrencyRef, PrivateNote.

        Without `located` the department is left to the lines.
        """
        parts = [f'"DocNumber":"{txn.number}"'] if txn.number else []
        parts.append(f'"TxnDate":"{self.days[txn.day]}"')
        if located and txn.department >= 0:
            parts.append(f'"DepartmentRef":{self.departments[txn.department]}')
        parts += self.priced(txn)
        if txn.note:
            parts.append(f'"PrivateNote":{quote(txn.note)}')
        return parts

    def priced(self, txn: Txn) -> list[str]:
        """CurrencyRef and, in a company with several currencies, ExchangeRate."""
        parts = [self.currencies[txn.entry.currency]]
        if self.profile.multi_currency:
            parts.append(f'"ExchangeRate":{rate_text(txn.entry.rate)}')
        return parts

    def home(self, txn: Txn, name: str, cents: int) -> list[str]:
        """An amount in the home currency, HomeTotalAmt say, where there are several currencies."""
        if not self.profile.multi_currency:
            return []
        return [f'"{name}":{money(home_cents(cents, txn.entry.rate))}']

    def control(self, txn: Txn, name: str) -> list[str]:
        """ARAccountRef or APAccountRef where the company has several such accounts."""
        if not self.profile.several_controls or txn.party is None:
            return []
        return [f'"{name}":{self.accounts[txn.party.control]}']


def _sorted_names(rows: tuple[Sorting, ...]) -> list[str]:
    return [reference(row.id, qualified(rows, row)) for row in rows]


def qualified(rows: tuple[Sorting, ...], row: Sorting) -> str:
    """The FullyQualifiedName of a class or department."""
    return f"{qualified(rows, rows[row.parent])}:{row.name}" if row.parent >= 0 else row.name


def links(txns: list[tuple[str, str]]) -> str:
    """A LinkedTxn array from (Id, type) pairs."""
    joined = ",".join(f'{{"TxnId":"{i}","TxnType":"{kind}"}}' for i, kind in txns)
    return f'"LinkedTxn":[{joined}]'
