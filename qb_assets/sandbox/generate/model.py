"""What a generated company is made of: accounts, people, items, entries, transactions.

Money is whole cents, a debit positive and a credit negative; a quantity is hundredths of a unit;
a price is ten-millionths of a dollar, since QuickBooks keeps unit prices with up to seven decimals.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

HOME = "USD"
"""The currency the ledger is kept in."""
PRICE_UNIT = 10_000_000
QUANTITY_UNIT = 100
_CENT_OF_PRODUCT = PRICE_UNIT * QUANTITY_UNIT // 100


def extend(quantity: int, price: int) -> int:
    """Quantity times price in cents, half a cent rounded up."""
    return (quantity * price + _CENT_OF_PRODUCT // 2) // _CENT_OF_PRODUCT


class NameRef(NamedTuple):
    """The customer, vendor or employee that a posting is for."""

    entity: str
    id: str


@dataclass(slots=True, eq=False)
class Account:
    """An account of the chart; `kind` and `subtype` are QuickBooks' AccountType and SubType."""

    id: str
    name: str
    kind: str
    subtype: str
    classification: str
    parent: "Account | None" = None
    active: bool = True
    updated: int = 0
    currency: str = HOME

    @property
    def full_name(self) -> str:
        """The names from the top of the chart down, joined by colons."""
        return f"{self.parent.full_name}:{self.name}" if self.parent else self.name

    @property
    def on_balance_sheet(self) -> bool:
        """Whether QuickBooks keeps a CurrentBalance of it: it says 0 for income and expense."""
        return self.classification in ("Asset", "Liability", "Equity")


@dataclass(slots=True, eq=False)
class Address:
    """A place in the United States."""

    street: str
    city: str
    state: str
    postal_code: str
    lat: str
    long: str


@dataclass(slots=True, eq=False)
class Party:
    """A customer, a vendor or an employee; `ref` is what postings carry."""

    ref: NameRef
    display: str
    given: str
    family: str
    company: str
    email: str
    phone: str
    address: Address
    parent: "Party | None" = None
    active: bool = True
    taxable: bool = False
    tax_code: str = "2"
    currency: str = HOME
    control: str = ""
    """The Id of the account on which the person owes, or is owed."""
    created: int = 0
    updated: int = 0
    open_charges: list["Txn"] = field(default_factory=list["Txn"])
    open_credits: list["Txn"] = field(default_factory=list["Txn"])
    waiting: list["Txn"] = field(default_factory=list["Txn"])
    """Estimates, time and charges that the customer's next invoice takes up."""

    @property
    def shown(self) -> str:
        """The display name as QuickBooks gives it: it marks inactive names."""
        return self.display if self.active else f"{self.display} (deleted)"


@dataclass(slots=True, eq=False)
class Item:
    """A product or service. `kind` is Service, NonInventory, Inventory, Group or Category."""

    id: str
    name: str
    kind: str
    description: str
    price: int
    cost: int
    taxable: bool
    income: Account | None = None
    expense: Account | None = None
    asset: Account | None = None
    parent: "Item | None" = None
    parts: tuple[tuple["Item", int], ...] = ()
    active: bool = True
    updated: int = 0
    income_id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.income_id = self.income.id if self.income else ""

    @property
    def cost_account_id(self) -> str:
        """Where a purchase of it is debited: stock for inventory, else its expense account."""
        account = self.asset or self.expense
        return account.id if account else ""

    @property
    def full_name(self) -> str:
        """The category's name and the item's, joined by a colon."""
        return f"{self.parent.full_name}:{self.name}" if self.parent else self.name


class ItemLine(NamedTuple):
    """A line of a product or service: what the customer buys, or what the company buys."""

    item: Item
    quantity: int
    price: int
    taxable: bool
    class_number: int = -1
    service_day: int = -1
    source: "Txn | None" = None
    bundle: int = 0
    """Which bundle of the document the line belongs to, from 1; 0 is none."""


class CostLine(NamedTuple):
    """A line straight to an account: an expense, a journal line, a line of a deposit."""

    description: str = ""
    customer: Party | None = None
    charge: "Txn | None" = None
    class_number: int = -1


Line: TypeAlias = ItemLine | CostLine


class Posting(NamedTuple):
    """One leg of an entry. `role` says which part of the document it stands for:

    `control` (the header's account), `line`, `discount`, `tax`, `back` (cash back), `cost` and
    `stock` for cost of goods sold, which no document shows, and `exchange` for gains and losses.
    `cents` are of the home currency; `foreign` are cents of the entry's, None where that is home.
    """

    account_id: str
    cents: int
    role: str = "line"
    name_ref: NameRef | None = None
    line: Line | None = None
    foreign: int | None = None

    @property
    def stated(self) -> int:
        """Cents in the entry's currency, as the document states them."""
        return self.cents if self.foreign is None else self.foreign

    @property
    def amount(self) -> Decimal:
        """The amount in dollars, a debit positive."""
        return Decimal(self.cents).scaleb(-2)


@dataclass(slots=True, eq=False)
class Entry:
    """An entry of the ledger, balanced in the home currency.

    `doc_entity` and `doc_id` are None for what no entity of the API carries: payroll, sales-tax
    payments, the starting value of inventory. `number` counts the entries as they are posted, from
    1; it is 0 for one that is not posted. `rate` is the price of one unit of `currency` in the
    home currency.
    """

    number: int
    date: date
    kind: str
    doc_entity: str | None
    doc_id: str | None
    postings: list[Posting]
    currency: str = HOME
    rate: Decimal = Decimal(1)
    voided: bool = False


@dataclass(slots=True, eq=False)
class Txn:
    """A transaction: its entry, and what the entry cannot say. Estimates, purchase orders, time
    and reimbursable charges have an entry too, which the ledger does not hold."""

    entity: str
    id: str
    day: int
    created: int
    updated: int
    party: Party | None
    entry: Entry
    total: int = 0
    """Cents of the entry's currency, as are all of a transaction's."""
    open: int = 0
    """Cents of `total` not settled (of a charge) or not yet used (of a credit)."""
    number: str = ""
    note: str = ""
    token: int = 0
    voided: bool = False
    department: int = -1
    applied: list[tuple["Txn", int]] = field(default_factory=list[tuple["Txn", int]])
    """Settlements with other transactions, in cents, held by both sides."""
    related: list["Txn"] = field(default_factory=list["Txn"])
    """Other linked transactions: estimates, time, charges, orders, deposits."""


@dataclass(slots=True, eq=False)
class Sale(Txn):
    """Invoice, SalesReceipt, CreditMemo, RefundReceipt or Estimate."""

    tax_code: str = ""
    taxes: tuple[tuple[str, int, int, int], ...] = ()
    """(rate id, rate in thousandths of a percent, taxed cents, tax cents) for each rate."""
    discount_percent: int = 0
    tax_after_discount: bool = False
    term: int = 0
    memo: str = ""
    method: int = -1
    reference: str = ""
    deposit_to: str = ""
    status: str = ""
    emailed: str = "NotSet"


@dataclass(slots=True, eq=False)
class Receipt(Txn):
    """A customer's Payment. `before` is each settled charge's open balance beforehand."""

    method: int = -1
    reference: str = ""
    deposit_to: str = ""
    before: list[int] = field(default_factory=list[int])


@dataclass(slots=True, eq=False)
class Spending(Txn):
    """Bill, VendorCredit, Purchase, PurchaseOrder or BillPayment; `pay_type` as QuickBooks'."""

    account: str = ""
    pay_type: str = ""
    credit: bool = False
    term: int = 0
    status: str = ""


@dataclass(slots=True, eq=False)
class Banking(Txn):
    """Deposit, Transfer, CreditCardPayment, JournalEntry or InventoryAdjustment."""

    source: str = ""
    target: str = ""
    items: list[tuple[Txn, int]] = field(default_factory=list[tuple[Txn, int]])
    """The receipts a deposit brings to the bank, with their cents."""


@dataclass(slots=True, eq=False)
class Effort(Txn):
    """TimeActivity: `minutes` of an employee's or vendor's work for a customer."""

    worker: Party | None = None
    item: Item | None = None
    minutes: int = 0
    rate: int = 0
    billable: str = "NotBillable"
    taxable: bool = False


@dataclass(slots=True, eq=False)
class Charge(Txn):
    """ReimburseCharge: a cost to be charged on to a customer, with its markup in percent."""

    cost: int = 0
    markup: int = 0
    invoiced: bool = False
    description: str = ""
