"""Accounts, people and items, with their balances taken from the ledger and their quantities from
the stock."""

from collections.abc import Collection

from .days import FOUNDED
from .encode import (
    Fragments,
    Row,
    address,
    assemble,
    decimal,
    flag,
    money,
    price,
    quote,
    shown,
)
from .model import Account, Item, Party
from .offerings import CUSTOMER_TYPES
from .world import World

_NOTES = "Gate code 12#\nbeware of the dog; prefers “organic”"


def accounts(world: World, texts: Fragments) -> list[Row]:
    """Account: CurrentBalance is the ledger's, debit positive and in the account's currency; 0 for
    income and expense."""
    own = {account.id: world.shown_balance(account) for account in world.accounts.values()}
    whole = dict(own)
    for account in world.accounts.values():
        parent = account.parent
        while parent:
            whole[parent.id] += own[account.id]
            parent = parent.parent
    return [
        _account(account, own[account.id], whole[account.id], texts)
        for account in world.accounts.values()
    ]


def _account(account: Account, own: int, whole: int, texts: Fragments) -> Row:
    parts = [
        f'"Name":{shown(account.name, account.active)}',
        f'"SubAccount":{flag(account.parent is not None)}',
    ]
    if account.parent:
        parts.append(f'"ParentRef":{{"value":"{account.parent.id}"}}')
    updated = account.updated if account.on_balance_sheet and account.updated else FOUNDED
    parts += [
        f'"FullyQualifiedName":{shown(account.full_name, account.active)}',
        f'"Active":{flag(account.active)}',
        f'"Classification":"{account.classification}"',
        f'"AccountType":"{account.kind}"',
        f'"AccountSubType":"{account.subtype}"',
        f'"CurrentBalance":{money(own)}',
        f'"CurrentBalanceWithSubAccounts":{money(whole)}',
        texts.currencies[account.currency],
        texts.listed(account.id, FOUNDED, updated),
    ]
    return account.id, assemble(parts, int(account.id)), updated


def _names(party: Party) -> list[str]:
    company = [f'"CompanyName":{quote(party.company)}'] if party.company else []
    printed = party.company or f"{party.given} {party.family}"
    return [
        f'"GivenName":{quote(party.given)}',
        f'"FamilyName":{quote(party.family)}',
        *company,
        f'"DisplayName":{quote(party.shown)}',
        f'"PrintOnCheckName":{quote(printed)}',
        f'"Active":{flag(party.active)}',
    ]


def _contact(party: Party) -> list[str]:
    parts = [f'"V4IDPseudonym":"002098{int(party.ref.id):032x}"']
    if party.phone:
        parts.append(f'"PrimaryPhone":{{"FreeFormNumber":"{party.phone}"}}')
    if party.email:
        parts.append(f'"PrimaryEmailAddr":{{"Address":"{party.email}"}}')
    if int(party.ref.id) % 11 == 0:
        parts.append(f'"WebAddr":{{"URI":"http://www.example.com/{party.ref.id}"}}')
    return parts


def customers(world: World, texts: Fragments, only: Collection[Party] | None = None) -> list[Row]:
    """Customer: Balance is the customer's own, BalanceWithJobs includes its jobs.

    `only` are those wanted, None for all.
    """
    owed = world.ledger.name_balances
    own = {party.ref.id: owed.get((party.control, party.ref), 0) for party in world.customers}
    whole = dict(own)
    for party in world.customers:
        if party.parent:
            whole[party.parent.ref.id] += own[party.ref.id]
    return [
        _customer(party, own[party.ref.id], whole[party.ref.id], texts)
        for party in world.customers
        if only is None or party in only
    ]


def _customer(party: Party, own: int, whole: int, texts: Fragments) -> Row:
    number = int(party.ref.id)
    parts = [
        f'"Taxable":{flag(party.taxable)}',
        f'"BillAddr":{texts.addresses[party.ref]}',
        f'"ShipAddr":{texts.addresses[party.ref]}',
        f'"Job":{flag(party.parent is not None)}',
        '"BillWithParent":false',
    ]
    if number % 6 == 1:
        parts.append(f'"CustomerTypeRef":{{"value":"{CUSTOMER_TYPES[number % 2][0]}"}}')
    if number % 9 == 2:
        parts.append(f'"Notes":{quote(_NOTES)}')
    full_name = party.shown
    if party.parent:
        parts += [f'"ParentRef":{{"value":"{party.parent.ref.id}"}}', '"Level":1']
        full_name = f"{party.parent.shown}:{party.shown}"
    parts += [
        f'"Balance":{money(own)}',
        f'"BalanceWithJobs":{money(whole)}',
        texts.currencies[party.currency],
        '"PreferredDeliveryMethod":"Print","IsProject":false,"ClientEntityId":"0"',
        texts.listed(party.ref.id, party.created, party.updated),
        f'"FullyQualifiedName":{quote(full_name)}',
        *_names(party),
        *_contact(party),
    ]
    return party.ref.id, assemble(parts, number), party.updated


def vendors(world: World, texts: Fragments, only: Collection[Party] | None = None) -> list[Row]:
    """Vendor: Balance is what the company owes. `only` are those wanted, None for all."""
    rows: list[Row] = []
    for party in world.vendors if only is None else only:
        number = int(party.ref.id)
        owed = -world.ledger.name_balances.get((party.control, party.ref), 0)
        parts = [f'"BillAddr":{address(party.address, party.ref.id)}'] if number % 4 else []
        if number % 5 == 0:
            parts.append('"TermRef":{"value":"3"},"BillRate":25')
        parts += [
            f'"Balance":{money(owed)}',
            f'"AcctNum":"{7000 + number}"',
            f'"Vendor1099":{flag(number % 3 == 0)}',
            texts.currencies[party.currency],
            texts.listed(party.ref.id, party.created, party.updated),
            *_names(party),
            *_contact(party),
        ]
        rows.append((party.ref.id, assemble(parts, number), party.updated))
    return rows


def employees(world: World, texts: Fragments) -> list[Row]:
    """Employee."""
    rows: list[Row] = []
    for party in world.employees:
        number = int(party.ref.id)
        parts = [
            '"BillableTime":false',
            f'"HiredDate":"{2012 + number % 9}-0{1 + number % 9}-08"',
            texts.listed(party.ref.id, party.created, party.updated, token=1),
            *_names(party),
        ]
        if party.phone:
            parts.append(f'"PrimaryPhone":{{"FreeFormNumber":"{party.phone}"}}')
        rows.append((party.ref.id, assemble(parts, number), party.updated))
    return rows


def items(world: World, texts: Fragments, only: Collection[Item] | None = None) -> list[Row]:
    """Item: QtyOnHand of inventory is the stock's. `only` are those wanted, None for all."""
    return [_item(world, item, texts) for item in (world.items if only is None else only)]


def _item(world: World, item: Item, texts: Fragments) -> Row:
    parts = [f'"Name":{shown(item.name, item.active)}']
    if item.description:
        parts.append(f'"Description":{quote(item.description)}')
    parts.append(f'"Active":{flag(item.active)}')
    if item.parent:
        parent = texts.items[item.parent.id]
        parts.append(f'"SubItem":true,"ParentRef":{parent},"Level":1')
    parts.append(f'"FullyQualifiedName":{shown(item.full_name, item.active)}')
    if item.kind not in ("Category", "Group"):
        parts += [f'"Taxable":{flag(item.taxable)}', f'"UnitPrice":{price(item.price)}']
    parts.append(f'"Type":"{item.kind}"')
    if item.income:
        parts.append(f'"IncomeAccountRef":{texts.accounts[item.income.id]}')
    if item.expense:
        parts.append(f'"PurchaseDesc":{quote(item.description)}')
        parts.append(f'"ExpenseAccountRef":{texts.accounts[item.expense.id]}')
    if item.income:
        parts.append(f'"PurchaseCost":{price(item.cost)}')
        parts.append(f'"TrackQtyOnHand":{flag(item.asset is not None)}')
    if item.asset:
        parts += [
            f'"AssetAccountRef":{texts.accounts[item.asset.id]}',
            f'"QtyOnHand":{decimal(world.stock.on_hand(item), 2)}',
            f'"InvStartDate":"{texts.days[0]}"',
        ]
    if item.parts:
        inner = ",".join(
            f'{{"ItemRef":{texts.items[part.id]},"Qty":{decimal(quantity, 2)}}}'
            for part, quantity in item.parts
        )
        parts.append(f'"PrintGroupedItems":true,"ItemGroupDetail":{{"ItemGroupLine":[{inner}]}}')
    updated = item.updated if item.asset and item.updated else FOUNDED
    parts.append(texts.listed(item.id, FOUNDED, updated, token=1))
    return item.id, assemble(parts, int(item.id)), updated
