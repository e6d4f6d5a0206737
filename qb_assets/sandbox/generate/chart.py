"""The chart of accounts: types and subtypes as QuickBooks names them, with sub-accounts."""

from .currencies import FOREIGN
from .model import HOME, Account
from .profile import Profile

_CLASSIFICATION = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}

# Key, name, type, subtype, the parent's key. An account's Id is its place in this list.
_ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    ("services", "Services", "Income", "ServiceFeeIncome", ""),
    ("retained", "Retained Earnings", "Equity", "RetainedEarnings", ""),
    ("prepaid", "Prepaid Expenses", "Other Current Asset", "PrepaidExpenses", ""),
    ("undeposited", "Undeposited Funds", "Other Current Asset", "UndepositedFunds", ""),
    ("receivable", "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", ""),
    ("payable", "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable", ""),
    ("checking", "Checking", "Bank", "Checking", ""),
    ("savings", "Savings", "Bank", "Savings", ""),
    ("mastercard", "Mastercard", "Credit Card", "CreditCard", ""),
    ("visa", "Visa", "Credit Card", "CreditCard", ""),
    ("opening", "Opening Balance Equity", "Equity", "OpeningBalanceEquity", ""),
    ("owner", "Owner's Draw", "Equity", "PartnerDistributions", ""),
    ("inventory", "Inventory Asset", "Other Current Asset", "Inventory", ""),
    ("truck", "Truck", "Fixed Asset", "Vehicles", ""),
    ("truck_cost", "Original Cost", "Fixed Asset", "Vehicles", "truck"),
    ("truck_depreciation", "Depreciation", "Fixed Asset", "AccumulatedDepreciation", "truck"),
    ("loan", "Loan Payable", "Other Current Liability", "OtherCurrentLiabilities", ""),
    ("notes", "Notes Payable", "Long Term Liability", "OtherLongTermLiabilities", ""),
    ("tax_ca", "Board of Equalization Payable", "Other Current Liability", "GlobalTaxPayable", ""),
    (
        "tax_az",
        "Arizona Dept. of Revenue Payable",
        "Other Current Liability",
        "GlobalTaxPayable",
        "",
    ),
    ("payroll_due", "Payroll Liabilities", "Other Current Liability", "PayrollTaxPayable", ""),
    ("landscaping", "Landscaping Services", "Income", "OtherPrimaryIncome", ""),
    ("job_materials", "Job Materials", "Income", "OtherPrimaryIncome", "landscaping"),
    (
        "fountains",
        "Fountains and Garden Lighting",
        "Income",
        "OtherPrimaryIncome",
        "job_materials",
    ),
    ("plants", "Plants and Soil", "Income", "OtherPrimaryIncome", "job_materials"),
    (
        "sprinklers",
        "Sprinklers and Drip Systems",
        "Income",
        "OtherPrimaryIncome",
        "job_materials",
    ),
    ("labor", "Labor", "Income", "OtherPrimaryIncome", "landscaping"),
    ("installation", "Installation", "Income", "OtherPrimaryIncome", "labor"),
    ("maintenance", "Maintenance and Repair", "Income", "OtherPrimaryIncome", "labor"),
    ("pest", "Pest Control Services", "Income", "OtherPrimaryIncome", ""),
    ("design", "Design income", "Income", "OtherPrimaryIncome", ""),
    ("products", "Sales of Product Income", "Income", "SalesOfProductIncome", ""),
    ("discounts", "Discounts given", "Income", "DiscountsRefundsGiven", ""),
    ("billable", "Billable Expense Income", "Income", "ServiceFeeIncome", ""),
    ("markup", "Markup", "Income", "OtherPrimaryIncome", ""),
    ("interest", "Interest Earned", "Other Income", "InterestEarned", ""),
    ("cogs", "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", ""),
    ("shrinkage", "Inventory Shrinkage", "Cost of Goods Sold", "SuppliesMaterialsCogs", ""),
    ("advertising", "Advertising", "Expense", "AdvertisingPromotional", ""),
    ("automobile", "Automobile", "Expense", "Auto", ""),
    ("fuel", "Fuel", "Expense", "Auto", "automobile"),
    ("equipment", "Equipment Rental", "Expense", "EquipmentRental", ""),
    ("insurance", "Insurance", "Expense", "Insurance", ""),
    ("job_expenses", "Job Expenses", "Expense", "OtherMiscellaneousServiceCost", ""),
    ("job_costs", "Job Materials", "Expense", "SuppliesMaterials", "job_expenses"),
    ("decks", "Decks and Patios", "Expense", "SuppliesMaterials", "job_costs"),
    ("plant_costs", "Plants and Soil", "Expense", "SuppliesMaterials", "job_costs"),
    ("legal", "Legal & Professional Fees", "Expense", "LegalProfessionalFees", ""),
    ("accounting", "Accounting", "Expense", "LegalProfessionalFees", "legal"),
    ("lawyer", "Lawyer", "Expense", "LegalProfessionalFees", "legal"),
    ("repairs", "Maintenance and Repair", "Expense", "RepairMaintenance", ""),
    ("meals", "Meals and Entertainment", "Expense", "EntertainmentMeals", ""),
    ("office", "Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses", ""),
    ("payroll", "Payroll Expenses", "Expense", "PayrollExpenses", ""),
    ("rent", "Rent or Lease", "Expense", "RentOrLeaseOfBuildings", ""),
    ("supplies", "Supplies", "Expense", "SuppliesMaterials", ""),
    ("utilities", "Utilities", "Expense", "Utilities", ""),
    ("electric", "Gas and Electric", "Expense", "Utilities", "utilities"),
    ("telephone", "Telephone", "Expense", "Utilities", "utilities"),
    ("depreciation", "Depreciation", "Other Expense", "Depreciation", ""),
    ("miscellaneous", "Miscellaneous", "Other Expense", "OtherMiscellaneousExpense", ""),
    ("promotional", "Promotional", "Expense", "AdvertisingPromotional", ""),
)

_INACTIVE = ("promotional",)

EXPENSES = (
    "advertising",
    "fuel",
    "equipment",
    "insurance",
    "decks",
    "plant_costs",
    "accounting",
    "lawyer",
    "repairs",
    "meals",
    "office",
    "rent",
    "supplies",
    "electric",
    "telephone",
    "miscellaneous",
)
"""Keys of the accounts that bills and purchases are spread over."""


# Receivable and payable accounts: of a second line of business, and of a currency.
_RECEIVABLE = ("Accounts Receivable", "AccountsReceivable", "")
_PAYABLE = ("Accounts Payable", "AccountsPayable", "")
_SECOND = (
    ("receivable_2", "Receivables from Projects", *_RECEIVABLE),
    ("payable_2", "Payables to Subcontractors", *_PAYABLE),
)
_EXCHANGE = ("exchange", "Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss", "")


def _rows(profile: Profile) -> list[tuple[str, str, str, str, str]]:
    rows = list(_ROWS)
    if profile.several_controls:
        rows += _SECOND
    if profile.multi_currency:
        rows.append(_EXCHANGE)
        for code in FOREIGN:
            name = f"Accounts Receivable (A/R) - {code}"
            rows.append((f"receivable_{code}", name, *_RECEIVABLE))
            rows.append((f"payable_{code}", f"Accounts Payable (A/P) - {code}", *_PAYABLE))
    return rows


def chart_of_accounts(profile: Profile) -> dict[str, Account]:
    """The accounts of a new company by key ("checking"), in the order of their Ids."""
    accounts: dict[str, Account] = {}
    for number, (key, name, kind, subtype, parent) in enumerate(_rows(profile), start=1):
        code = key.rpartition("_")[2]
        accounts[key] = Account(
            id=str(number),
            name=name,
            kind=kind,
            subtype=subtype,
            classification=_CLASSIFICATION[kind],
            parent=accounts[parent] if parent else None,
            active=key not in _INACTIVE,
            currency=code if code in FOREIGN else HOME,
        )
    return accounts
