"""The state of a company while its days are lived through: what the events read and change."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from decimal import Decimal

from . import offerings, people
from .chance import Chance
from .chart import chart_of_accounts
from .currencies import FOREIGN, Rates, converted
from .days import CLOSING, DAY, OPENING, Calendar
from .ledger import Ledger
from .model import HOME, Account, Entry, Item, ItemLine, Party, Posting, Txn
from .profile import Profile
from .stock import Stock

Action = Callable[[], None]
PLAIN = Profile()
_LOCATED = (
    *("Bill", "VendorCredit", "Purchase", "PurchaseOrder", "BillPayment"),
    *("Payment", "Deposit", "JournalEntry"),
)
"""What has a department, besides sales, in a company that uses them for all it does."""


class World:
    """One company: its lists, its ledger, its open items, and the clock (`day`, `now`)."""

    def __init__(
        self, seed: int, invoices: int, calendar: Calendar, profile: Profile = PLAIN
    ) -> None:
        self.profile = profile
        self.chance = Chance(seed)
        self.calendar = calendar
        self.invoices = invoices
        self.accounts = chart_of_accounts(profile)
        self.account_ids = {account.id: account for account in self.accounts.values()}
        self.items = offerings.items(self.accounts, inventory=profile.inventory)
        self.bundle = next(item for item in self.items if item.kind == "Group")
        sold = [item for item in self.items if item.active and item.income_id and item.price]
        self.goods = sold
        self.stocked = [item for item in sold if item.asset]
        self.services = [item for item in sold if not item.asset]
        self.bought = [item for item in sold if item.kind == "NonInventory"]
        self._people(invoices)
        self.ledger = Ledger()
        self.rates = Rates(seed, calendar.first, calendar.days)
        self.stock = Stock()
        self.documents: dict[str, list[Txn]] = {}
        self._by_id: dict[tuple[str, str], Txn] = {}
        self._gone: Counter[str] = Counter()
        """How many of each entity were deleted."""
        self.templates: list[tuple[str, Txn]] = []
        """Recurring transactions: a name and what is made from it."""
        self.tombstones: list[tuple[str, str, int]] = []
        """Entity, Id and moment of what was deleted."""
        self.undeposited: list[Txn] = []
        self.ready: deque[Party] = deque()
        """Customers with estimates, time or charges that wait for their next invoice."""
        self.payable: deque[Txn] = deque()
        self._turns: dict[str, int] = {}
        self.day = 0
        self.now = OPENING
        self._present = 1
        self._last_id = 0
        self._agenda: list[list[tuple[int, int, Action]]] = [[] for _ in range(calendar.days)]
        self._planned = 0

    def _people(self, invoices: int) -> None:
        chance = self.chance
        self.customers = people.customers(chance, max(24, invoices // 10))
        people.arrivals(self.customers, self.calendar.last)
        self.vendors = people.vendors(chance, min(20 + invoices // 250, 400), len(self.customers))
        named = len(self.customers) + len(self.vendors)
        self.employees = people.employees(chance, min(4 + invoices // 5000, 40), named)
        for party in (*self.vendors, *self.employees):
            party.created = party.updated = 7 * 3600
        self._assign(self.customers, "receivable")
        self._assign(self.vendors, "payable")
        self._suppliers = [vendor for vendor in self.vendors if vendor.active]

    def _assign(self, parties: list[Party], kind: str) -> None:
        """Give people their currency and the account on which they owe or are owed.

        A job has its customer's. Sales tax is charged at home only.
        """
        profile = self.profile
        for place, party in enumerate(parties):
            control = kind
            if party.parent:
                party.currency, party.control = party.parent.currency, party.parent.control
            elif profile.multi_currency and place % 4 == 1:
                party.currency = FOREIGN[place // 4 % len(FOREIGN)]
                party.control = self.account(f"{kind}_{party.currency}")
            else:
                if profile.several_controls and place % 3 == 2:
                    control = f"{kind}_2"
                party.control = self.account(control)
            if party.currency != HOME or not profile.tax:
                party.taxable = False

    def customer(self) -> Party:
        """An active customer who is there by now; the earlier ones buy more."""
        while True:
            share = self.chance.random()
            party = self.customers[int(share * share * self._present)]
            if party.active:
                return party

    def vendor(self) -> Party:
        """An active vendor."""
        return self.chance.pick(self._suppliers)

    def worker(self) -> Party:
        """An active employee."""
        return self.chance.pick([party for party in self.employees if party.active])

    def next_id(self) -> str:
        """The next Id of the counter that all transactions share."""
        self._last_id += 1
        return str(self._last_id)

    def next_number(self, entity: str, start: int) -> str:
        """A document number: the count of such documents from `start` on."""
        return str(start + len(self.documents.get(entity, ())) + self._gone[entity])

    def turn(self, what: str) -> int:
        """0 for the first time `what` happens, then 1, 2 …: for what happens every so often."""
        turn = self._turns.get(what, 0)
        self._turns[what] = turn + 1
        return turn

    def class_number(self) -> int:
        """A class for a line, or -1 for none."""
        chance = self.chance
        return chance.below(3) if chance.random() < self.profile.classes else -1

    def plan(self, day: int, action: Action) -> None:
        """Do `action` on a day, at a moment of the working hours; nothing after the last day."""
        if day <= self.calendar.last:
            self._planned += 1
            second = self.chance.between(OPENING, CLOSING)
            self._agenda[day].append((second, self._planned, action))

    def live(self, day: int) -> None:
        """Do what is planned for a day, in the order of its moments."""
        self.day = day
        while (
            self._present < len(self.customers)
            and self.customers[self._present].created < day * DAY + OPENING
        ):
            self._present += 1
        for second, _, action in sorted(self._agenda[day], key=lambda plan: plan[:2]):
            self.now = day * DAY + second
            action()
        self._agenda[day] = []

    def entry(
        self,
        entity: str,
        doc_id: str,
        legs: list[Posting],
        day: int,
        party: Party | None = None,
        costs: Sequence[Posting] = (),
    ) -> Entry:
        """A balanced entry for a document, not posted yet.

        `legs` are in the currency of `party`, home without one; `costs` are in the home currency.
        """
        currency = party.currency if party else HOME
        rate = self.rates.at(currency, day)
        if currency != HOME:
            legs = converted(legs, rate, self.account("exchange"))
        document = (entity, doc_id)
        entry = self.ledger.draft(self.calendar.date(day), entity, document, [*legs, *costs])
        entry.currency, entry.rate = currency, rate
        return entry

    def rate(self, party: Party) -> Decimal:
        """The price of a person's currency today."""
        return self.rates.at(party.currency, self.day)

    def keep(self, txn: Txn, *, posted: bool = True) -> None:
        """Add a transaction to its entity's documents and, unless told not to, its entry to the
        ledger, touching the accounts, the items and the person whose balances it moves."""
        self.documents.setdefault(txn.entity, []).append(txn)
        self._by_id[txn.entity, txn.id] = txn
        everywhere = self.profile.departments > PLAIN.departments
        if everywhere and txn.entity in _LOCATED and self.chance.hit(self.profile.departments):
            txn.department = self.chance.below(3)
        if posted:
            self.post(txn.entry)

    def find(self, entity: str, doc_id: str) -> Txn | None:
        """The transaction of this Id, None where there is none or it was deleted."""
        return self._by_id.get((entity, doc_id))

    def holds(self, txn: Txn) -> bool:
        """Whether a transaction is there, and not deleted."""
        return (txn.entity, txn.id) in self._by_id

    def take_out(self, txn: Txn) -> None:
        """Take a transaction from the documents and its entry from the ledger."""
        self.documents[txn.entity].remove(txn)
        self._gone[txn.entity] += 1
        del self._by_id[txn.entity, txn.id]
        if txn.entry.number:
            self.ledger.remove(txn.entry)
        self._touch_all(txn)

    def put_back(self, txn: Txn) -> None:
        """Put back what was taken out."""
        self.documents[txn.entity].append(txn)
        self._gone[txn.entity] -= 1
        self._by_id[txn.entity, txn.id] = txn
        if txn.entry.number:
            self.ledger.put_back(txn.entry)
        self._touch_all(txn)

    def _touch_all(self, txn: Txn) -> None:
        self.touch(txn.entry)
        if txn.party:
            self.touch_party(txn.party)

    def post(self, entry: Entry) -> None:
        """Post an entry and touch what it moves."""
        self.ledger.post(entry)
        self.touch(entry)

    def touch(self, entry: Entry) -> None:
        """Set the moment of update of the accounts and stock that an entry moves."""
        now = self.now
        accounts = self.account_ids
        for account_id, _, role, _, line, _ in entry.postings:
            accounts[account_id].updated = now
            if role == "stock" and isinstance(line, ItemLine):
                line.item.updated = now

    def touch_party(self, party: Party) -> None:
        """Set the moment of update of a customer or vendor, and of a job's customer."""
        party.updated = self.now
        if party.parent:
            party.parent.updated = self.now

    def void(self, txn: Txn) -> None:
        """Void a transaction that settles nothing and that nothing settles, if it is there yet."""
        if not self.holds(txn):
            return
        self.ledger.void(txn.entry)
        self.touch(txn.entry)
        txn.voided = True
        txn.total = txn.open = 0
        txn.note = "Voided"
        txn.token += 1
        txn.updated = self.now
        if txn.party:
            self.touch_party(txn.party)

    def account(self, key: str) -> str:
        """The Id of an account of the chart by its key ("checking")."""
        return self.accounts[key].id

    def balance(self, key: str) -> int:
        """The cents on an account of the chart by its key, debit positive."""
        return self.ledger.balances.get(self.accounts[key].id, 0)

    def shown_balance(self, account: Account) -> int:
        """Cents of an account's own currency, as QuickBooks gives its CurrentBalance: 0 for income
        and expense."""
        if not account.on_balance_sheet:
            return 0
        ledger = self.ledger
        balances = ledger.balances if account.currency == HOME else ledger.foreign
        return balances.get(account.id, 0)

    def lot(self) -> int:
        """How many units of an inventory item are bought at once."""
        return max(60, self.invoices // 12)

    def priced(self, item: Item) -> int:
        """A selling price: mostly the list price, now and then a special or an odd one."""
        chance = self.chance
        draw = chance.random()
        if draw < 0.75:
            return item.price
        if draw < 0.98:
            return item.price * chance.between(16, 24) // 20 // 100_000 * 100_000
        return item.price * 10 // 11 + chance.below(9_999)
