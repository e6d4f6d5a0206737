"""Lines of documents and what each kind of them holds (Intuit's type `Line` and its details).

A line has one detail, the one its DetailType names. Each family of documents declares only the
details that its documents can have; `omitted` says which are left out.
"""

from qb_assets.catalog.fields import (
    Array,
    Node,
    Object,
    array,
    day,
    decimal,
    decimals,
    flag,
    integer,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.parts import CUSTOM_EXTENSIONS, LINKED_TXN

_LINE: tuple[Node, ...] = (
    text("Id", "Not a key: missing on subtotals and payments, and 0 on some."),
    integer("LineNum"),
    text("Description"),
    decimal("Amount"),
    decimal("Received"),
    text("DetailType", "Names the one detail that the line has."),
    ref("ProjectRef"),
    *decimals("CostAmount", "HomeCostAmount"),
)


def lines(*fields: Node, extensions: bool = True) -> Array:
    """Declare the lines of a document: the properties all have, and those given."""
    more = (CUSTOM_EXTENSIONS,) if extensions else ()
    return array("Line", *_LINE, *fields, LINKED_TXN, *more, doc="A line of the document.")


_MARKUP_INFO: Object = obj(
    "MarkupInfo",
    flag("PercentBased"),
    *decimals("Value", "Percent"),
    *refs("PriceLevelRef", "MarkUpIncomeAccountRef"),
)

_ITEM_LINE: tuple[Node, ...] = (
    *refs("ItemRef", "ClassRef"),
    *decimals("UnitPrice", "UnitCostPrice", "RatePercent"),
    ref("PriceLevelRef"),
    _MARKUP_INFO,
    decimal("Qty"),
    obj("UOMRef", text("Unit"), ref("UOMSetRef")),
    ref("ItemAccountRef", "The account at the time of posting; the item's own may change later."),
    *refs("InventorySiteRef", "TaxCodeRef", "TaxClassificationRef"),
)

SALES_ITEM: Object = obj(
    "SalesItemLineDetail",
    *_ITEM_LINE,
    day("ServiceDate"),
    decimal("TaxInclusiveAmt", "The amount with tax, where the form shows such amounts."),
    *decimals("DiscountRate", "DiscountAmt"),
    flag("DeferredRevenue"),
    decimal("RetainageAmount"),
)

DESCRIPTION: Object = obj(
    "DescriptionLineDetail",
    day("ServiceDate"),
    ref("TaxCodeRef"),
    doc="On lines of DetailType DescriptionOnly.",
)

_DISCOUNT: tuple[Node, ...] = (
    ref("DiscountRef"),
    flag("PercentBased"),
    decimal("DiscountPercent"),
    ref("DiscountAccountRef"),
)

DISCOUNT: Object = obj(
    "DiscountLineDetail", *_DISCOUNT, day("ServiceDate"), *refs("ClassRef", "TaxCodeRef")
)

SUB_TOTAL: Object = obj("SubTotalLineDetail", ref("ItemRef"), day("ServiceDate"))

GROUP: Object = obj(
    "GroupLineDetail",
    ref("GroupItemRef", "The bundle."),
    decimal("Quantity"),
    obj("UOMRef", text("Unit"), ref("UOMSetRef")),
    day("ServiceDate"),
    array(
        "Line",
        *_LINE,
        SALES_ITEM,
        DESCRIPTION,
        LINKED_TXN,
        CUSTOM_EXTENSIONS,
        doc="A line within a bundle on the document.",
    ),
)

SALES_DETAILS: tuple[Node, ...] = (SALES_ITEM, GROUP, DISCOUNT, SUB_TOTAL, DESCRIPTION)

ITEM_EXPENSE: Object = obj(
    "ItemBasedExpenseLineDetail",
    *_ITEM_LINE,
    ref("CustomerRef"),
    text("BillableStatus"),
    decimal("TaxInclusiveAmt"),
)

ACCOUNT_EXPENSE: Object = obj(
    "AccountBasedExpenseLineDetail",
    *refs("CustomerRef", "ClassRef", "AccountRef"),
    text("BillableStatus"),
    _MARKUP_INFO,
    decimal("TaxAmount"),
    ref("TaxCodeRef"),
    decimal("TaxInclusiveAmt"),
)

TAX_DEDUCTED: Object = obj(
    "TDSLineDetail",
    ref("TDSAccountRef"),
    integer("TDSSectionTypeId"),
    doc="Tax deducted at source, of Indian companies (seen in code that reads them).",
)

EXPENSE_DETAILS: tuple[Node, ...] = (ACCOUNT_EXPENSE, ITEM_EXPENSE, DESCRIPTION, TAX_DEDUCTED)

REIMBURSE: Object = obj("ReimburseLineDetail", *_ITEM_LINE)

ITEM_ADJUSTMENT: Object = obj(
    "ItemAdjustmentLineDetail",
    ref("ItemRef"),
    decimal("SalesPrice"),
    decimal("QtyDiff", "The change of the quantity in stock."),
    decimal("NewQty"),
    ref("ClassRef"),
)

DEPOSIT: Object = obj(
    "DepositLineDetail",
    ref("Entity", "From whom the money came: a customer, a vendor or an employee.", typed=True),
    *refs("ClassRef", "AccountRef", "PaymentMethodRef"),
    *texts("CheckNum", "TxnType"),
    ref("TaxCodeRef"),
    text("TaxApplicableOn"),
)

JOURNAL_ENTRY: Object = obj(
    "JournalEntryLineDetail",
    text("PostingType", "The side the amount is posted on.", allowed=("Debit", "Credit")),
    obj("Entity", text("Type", "Customer, Vendor or Employee."), ref("EntityRef", typed=True)),
    *refs("AccountRef", "ClassRef", "DepartmentRef", "TaxCodeRef", "TaxRateRef"),
    text("TaxApplicableOn"),
    *decimals("TaxAmount", "TaxInclusiveAmt"),
    text("BillableStatus"),
    ref("JournalCodeRef"),
)

PAYMENT: Object = obj(
    "PaymentLineDetail",
    ref("ItemRef"),
    day("ServiceDate"),
    ref("ClassRef"),
    *decimals("Balance", "HomeBalance"),
    obj("Discount", *_DISCOUNT),
)

TXN_TAX_DETAIL: Object = obj(
    "TxnTaxDetail",
    *refs("DefaultTaxCodeRef", "TxnTaxCodeRef"),
    decimal("TotalTax", "The tax on the whole document."),
    text("TaxReviewStatus"),
    flag("UseAutomatedSalesTax"),
    array(
        "TaxLine",
        *_LINE,
        obj(
            "TaxLineDetail",
            ref("TaxRateRef"),
            flag("PercentBased"),
            *decimals("TaxPercent", "NetAmountTaxable", "TaxInclusiveAmount"),
            decimal("OverrideDeltaAmount"),
            day("ServiceDate"),
        ),
        doc="The tax of one rate on the document.",
    ),
)
