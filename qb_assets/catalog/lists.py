"""Lists that documents refer to: accounts, items, classes, terms, currencies and their like."""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    Node,
    array,
    day,
    decimal,
    decimals,
    flag,
    flags,
    integer,
    integers,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.parts import CUSTOM_EXTENSIONS, HIERARCHY, INTUIT_ENTITY, address

_ACCOUNT = Entity(
    name="Account",
    description="One account of the chart of accounts.",
    kind="list",
    fields=(
        *INTUIT_ENTITY,
        *texts("Name", "AcctNum", "AcctNumExtn", "AccountAlias", "Description"),
        *flags("Active", "SubAccount"),
        *HIERARCHY,
        text("Classification", "Asset, Liability, Equity, Revenue or Expense."),
        *texts("AccountType", "AccountSubType"),
        decimal("CurrentBalance", "In the account's currency; of balance sheet accounts only."),
        decimal("CurrentBalanceWithSubAccounts"),
        ref("CurrencyRef"),
        decimal("OpeningBalance"),
        day("OpeningBalanceDate"),
        *texts("BankNum", "FIName", "TxnLocationType"),
        *flags("OnlineBankingEnabled", "TaxAccount"),
        *refs("TaxCodeRef", "JournalCodeRef"),
        array("AccountPurposes", *texts("value", "name"), doc="What the account is used for."),
    ),
    active_filter=True,
    cdc=True,
    delete="soft",
    amounts=("CurrentBalance",),
)

_COMPONENT: tuple[Node, ...] = (
    ref("ItemRef"),
    decimal("Qty"),
    obj("UOMRef", text("Unit"), ref("UOMSetRef")),
)

_ITEM = Entity(
    name="Item",
    description="One product, service, bundle or category of them.",
    kind="list",
    fields=(
        *INTUIT_ENTITY,
        text("Name"),
        text("Sku", "Not among what SELECT * answers: it is asked for by name."),
        text("Type", "Inventory, NonInventory, Service, Category, Group (a bundle), …"),
        *texts("Description", "PurchaseDesc"),
        *flags("Active", "SubItem"),
        *HIERARCHY,
        integer("Level"),
        *flags("Taxable", "SalesTaxIncluded", "PurchaseTaxIncluded", "PercentBased"),
        *decimals("UnitPrice", "RatePercent", "PurchaseCost", "AvgCost"),
        *refs("IncomeAccountRef", "ExpenseAccountRef", "COGSAccountRef", "AssetAccountRef"),
        *refs("DepositToAccountRef", "PrefVendorRef", "PaymentMethodRef", "UOMSetRef", "ClassRef"),
        *refs("SalesTaxCodeRef", "PurchaseTaxCodeRef", "TaxClassificationRef"),
        flag("TrackQtyOnHand"),
        *decimals("QtyOnHand", "QtyOnPurchaseOrder", "QtyOnSalesOrder", "ReorderPoint"),
        day("InvStartDate", "From this day on QuickBooks counts the stock and books its cost."),
        decimal("BuildPoint"),
        text("ManPartNum"),
        *flags("PrintGroupedItems", "SpecialItem", "DeferredRevenue"),
        *decimals("AbatementRate", "ReverseChargeRate"),
        *texts("SpecialItemType", "ServiceType", "ItemCategoryType", "UQCDisplayText", "UQCId"),
        text("Source"),
        obj(
            "ItemGroupDetail",
            array("ItemGroupLine", *_COMPONENT, doc="A part of a bundle."),
        ),
        obj(
            "ItemAssemblyDetail",
            array("ItemAssemblyLine", *_COMPONENT, doc="A part of an assembly."),
        ),
        CUSTOM_EXTENSIONS,
    ),
    select_extra=("Sku",),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_CLASS = Entity(
    name="Class",
    description="One class, by which documents and their lines are sorted.",
    kind="list",
    fields=(*INTUIT_ENTITY, text("Name"), *flags("Active", "SubClass"), *HIERARCHY),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_DEPARTMENT = Entity(
    name="Department",
    description="One location of the company.",
    kind="list",
    fields=(
        *INTUIT_ENTITY,
        text("Name"),
        *flags("Active", "SubDepartment"),
        *HIERARCHY,
        address("Address"),
    ),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_TERM = Entity(
    name="Term",
    description="One rule of when a document is due.",
    kind="list",
    fields=(
        *INTUIT_ENTITY,
        text("Name"),
        flag("Active"),
        text("Type", "STANDARD: days after the document; DATE_DRIVEN: a day of the month."),
        decimal("DiscountPercent"),
        *integers("DueDays", "DiscountDays"),
        *integers("DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth"),
    ),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_PAYMENT_METHOD = Entity(
    name="PaymentMethod",
    description="One way in which customers pay.",
    kind="list",
    fields=(*INTUIT_ENTITY, *texts("Name", "Type"), flag("Active")),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_JOURNAL_CODE = Entity(
    name="JournalCode",
    description="One journal, as French companies keep them.",
    kind="list",
    fields=(*INTUIT_ENTITY, *texts("Name", "Type", "Description"), flag("Active")),
)

_COMPANY_CURRENCY = Entity(
    name="CompanyCurrency",
    description="One foreign currency the company uses.",
    kind="list",
    fields=(*INTUIT_ENTITY, *texts("Code", "Name"), flag("Active")),
    active_filter=True,
    delete="soft",
)

# Intuit documents queries by currency and day only, and a rate has no Id: it is read whole.
_EXCHANGE_RATE = Entity(
    name="ExchangeRate",
    description="One exchange rate: home currency per unit of another, from a day on.",
    kind="support",
    fields=(
        *INTUIT_ENTITY,
        *texts("SourceCurrencyCode", "TargetCurrencyCode"),
        day("AsOfDate"),
        decimal("Rate"),
    ),
    cursor=None,
    key=("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
)

LISTS: tuple[Entity, ...] = (
    _ACCOUNT,
    _ITEM,
    _CLASS,
    _DEPARTMENT,
    _TERM,
    _PAYMENT_METHOD,
    _JOURNAL_CODE,
    _COMPANY_CURRENCY,
    _EXCHANGE_RATE,
)
