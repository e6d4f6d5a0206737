"""What the company sells, and its classes, departments, terms, payment methods and taxes."""

from typing import NamedTuple

from .model import PRICE_UNIT, QUANTITY_UNIT, Account, Item

# Name, kind, description, price and cost in dollars, taxable, income key, expense key.
_ROWS: tuple[tuple[str, str, str, float, float, bool, str, str], ...] = (
    ("Services", "Service", "", 0, 0, False, "services", ""),
    ("Hours", "Service", "", 55, 0, False, "services", ""),
    ("Concrete", "Service", "Concrete for fountain installation", 9.5, 0, True, "fountains", ""),
    ("Design", "Service", "Custom Design", 75, 0, False, "design", ""),
    ("Rock Fountain", "Inventory", "Rock Fountain", 275, 125, True, "products", "cogs"),
    ("Gardening", "Service", "Weekly Gardening Service", 35, 0, False, "landscaping", ""),
    ("Installation", "Service", "Installation of landscape", 50, 0, False, "installation", ""),
    ("Lighting", "Service", "Garden Lighting", 15, 0, True, "fountains", ""),
    ("Maintenance & Repair", "Service", "Upkeep", 62.5, 0, False, "maintenance", ""),
    ("Pest Control", "Service", "Pest Control Services", 35, 0, False, "pest", ""),
    ("Pump", "Inventory", "Fountain Pump", 15, 10, True, "products", "cogs"),
    ("Rocks", "NonInventory", "Garden Rocks", 22.5, 14.25, True, "fountains", "job_costs"),
    ("Sod", "NonInventory", "Sod, per roll", 10.95, 6.4, True, "plants", "plant_costs"),
    ("Soil", "NonInventory", "2 cubic ft. bag", 10, 6.5, True, "plants", "plant_costs"),
    ("Sprinkler Heads", "Inventory", "Sprinkler Heads", 2, 0.75, True, "products", "cogs"),
    ("Sprinkler Pipes", "Inventory", "Sprinkler Pipes", 4, 2.5, True, "products", "cogs"),
    ("Trimming", "Service", "Tree and Shrub Trimming", 35, 0, False, "landscaping", ""),
    (
        'Drip Kit 1/2"',
        "Inventory",
        "Drip irrigation: 50' kit",
        48.75,
        27.3,
        True,
        "products",
        "cogs",
    ),
)
_RETIRED = ("Telegraph Mowing", "Service", "No longer offered", 20.0, 0.0, False, "landscaping", "")
_BUNDLE_PARTS = (("Rock Fountain", 1), ("Pump", 1), ("Concrete", 5), ("Installation", 3))


def _item(
    number: int,
    row: tuple[str, str, str, float, float, bool, str, str],
    accounts: dict[str, Account],
    *,
    inventory: bool = True,
) -> Item:
    name, kind, description, price, cost, taxable, income, expense = row
    if kind == "Inventory" and not inventory:
        kind = "NonInventory"
    return Item(
        id=str(number),
        name=name,
        kind=kind,
        description=description,
        price=round(price * PRICE_UNIT),
        cost=round(cost * PRICE_UNIT),
        taxable=taxable,
        income=accounts[income],
        expense=accounts[expense] if expense else None,
        asset=accounts["inventory"] if kind == "Inventory" else None,
    )


def items(accounts: dict[str, Account], *, inventory: bool = True) -> list[Item]:
    """The products and services: what is sold singly first, then a retired one, a category, a
    product within it and a bundle (an item of type Group). None is counted without `inventory`."""
    made = [
        _item(number, row, accounts, inventory=inventory)
        for number, row in enumerate(_ROWS, start=1)
    ]
    retired = _item(len(made) + 1, _RETIRED, accounts)
    retired.active = False
    category = Item(str(len(made) + 2), "Flowers and Trees", "Category", "", 0, 0, False)
    row = (
        "Lemon Tree",
        "NonInventory",
        "5-gallon Meyer lemon",
        39.99,
        21.1,
        True,
        "plants",
        "plant_costs",
    )
    tree = _item(len(made) + 3, row, accounts)
    tree.parent = category
    by_name = {item.name: item for item in made}
    parts = tuple((by_name[name], count * QUANTITY_UNIT) for name, count in _BUNDLE_PARTS)
    bundle = Item(
        str(len(made) + 4),
        "Fountain, installed",
        "Group",
        "Rock fountain with pump",
        0,
        0,
        False,
        parts=parts,
    )
    return [*made, retired, category, tree, bundle]


class Sorting(NamedTuple):
    """A class or a department: its Id, its name, its parent's place in the list or -1."""

    id: str
    name: str
    parent: int
    active: bool = True


CLASSES = (
    Sorting("5000000000000007280", "Residential", -1),
    Sorting("5000000000000007281", "Commercial", -1),
    Sorting("5000000000000007282", "Schools & Parks", 1),
    Sorting("5000000000000007283", "Golf", 1, active=False),
)
DEPARTMENTS = (
    Sorting("1", "Bayshore", -1),
    Sorting("2", "Tucson", -1),
    Sorting("3", "Design Studio", 0),
    Sorting("4", "Fresno", -1, active=False),
)
CUSTOMER_TYPES = (
    ("5000000000000003466", "Homeowner"),
    ("5000000000000003467", "Property manager"),
)
TERMS = (
    ("1", "Due on receipt", 0),
    ("2", "Net 15", 15),
    ("3", "Net 30", 30),
    ("4", "Net 60", 60),
)
"""Id, name, days until due."""
METHODS = (
    ("1", "Cash", "NON_CREDIT_CARD"),
    ("2", "Check", "NON_CREDIT_CARD"),
    ("3", "Visa", "CREDIT_CARD"),
    ("4", "MasterCard", "CREDIT_CARD"),
    ("5", "ACH / direct débit", "NON_CREDIT_CARD"),
)
"""Id, name, type."""


class Rate(NamedTuple):
    """A sales-tax rate in thousandths of a percent, and the account its tax is owed on."""

    id: str
    name: str
    thousandths: int
    agency: str
    payable: str


RATES = {
    "1": Rate("1", "AZ State tax", 7100, "1", "tax_az"),
    "2": Rate("2", "Tucson City", 2000, "1", "tax_az"),
    "3": Rate("3", "California", 8000, "2", "tax_ca"),
}
AGENCIES = (("1", "Arizona Dept. of Revenue"), ("2", "Board of Equalization"))
TAX_CODES = {"2": ("California", ("3",)), "3": ("Tucson", ("1", "2"))}
"""Id -> name and the Ids of its rates."""
