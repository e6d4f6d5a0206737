"""Documents towards vendors: Bill, VendorCredit, PurchaseOrder, Purchase."""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    Node,
    day,
    days,
    decimal,
    decimals,
    flag,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.line_sum import LineSum
from qb_assets.catalog.lines import EXPENSE_DETAILS, TXN_TAX_DETAIL, lines
from qb_assets.catalog.parts import (
    CHECK,
    CREDIT_CARD,
    CUSTOM_FIELD,
    LINKED_TXN,
    TRANSACTION,
    address,
    any_values,
    email,
)

_BY_VENDOR: tuple[Node, ...] = (
    *TRANSACTION,
    ref("VendorRef"),
    ref("APAccountRef", "The payables account."),
    decimal("TotalAmt", "The total, with tax."),
    email("BillEmail"),
    email("ReplyEmail"),
    *texts("Memo", "GlobalTaxCalculation"),
    address("VendorAddr"),
    TXN_TAX_DETAIL,
    LINKED_TXN,
    CUSTOM_FIELD,
)

_LINES = lines(*EXPENSE_DETAILS)

_LINE_SUM = LineSum(
    source=(
        "Intuit, the Bill object: all lines, plus tax. Lines' amounts are without tax even where "
        "GlobalTaxCalculation is TaxInclusive: TaxInclusiveAmt is the amount with it."
    ),
    header=((("TxnTaxDetail", "TotalTax"), 1),),
)

PURCHASES: tuple[Entity, ...] = (
    Entity(
        name="Bill",
        description="One bill of a vendor, to be paid later.",
        kind="transaction",
        fields=(
            *_BY_VENDOR,
            ref("PayerRef", typed=True),
            ref("SalesTermRef"),
            day("DueDate"),
            address("RemitToAddr"),
            address("ShipAddr"),
            decimal("Balance", "What is still to be paid."),
            *decimals("HomeBalance", "LessCIS"),
            flag("IncludeInAnnualTPAR"),
            _LINES,
        ),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="VendorCredit",
        description="One credit of a vendor, to be set against bills.",
        kind="transaction",
        fields=(*_BY_VENDOR, decimal("Balance"), flag("IncludeInAnnualTPAR"), _LINES),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="PurchaseOrder",
        description="One order to a vendor, which posts nothing.",
        kind="transaction",
        fields=(
            *_BY_VENDOR,
            *refs("TaxCodeRef", "ClassRef", "ReimbursableInfoRef", "SalesTermRef"),
            *days("DueDate", "ExpectedDate"),
            ref("ShipTo", typed=True),
            ref("DropShipToEntity", typed=True),
            *refs("InventorySiteRef", "ShipMethodRef"),
            address("ShipAddr"),
            text("FOB"),
            email("POEmail"),
            ref("TemplateRef"),
            *texts("PrintStatus", "EmailStatus"),
            flag("ManuallyClosed"),
            text("POStatus", "Open or Closed."),
            _LINES,
        ),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt",),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="Purchase",
        description="One expense paid at once in cash, by check or by card.",
        kind="transaction",
        fields=(
            *TRANSACTION,
            ref("AccountRef", "The bank or card account that was paid from."),
            ref("EntityRef", "Who was paid: a vendor, a customer or an employee.", typed=True),
            text("PaymentType", "Cash, Check or CreditCard."),
            flag("Credit", "Whether money came back: the sides of the posting are swapped."),
            decimal("TotalAmt", "The total, with tax."),
            ref("PaymentMethodRef"),
            *texts("PaymentRefNum", "Memo", "PrintStatus", "GlobalTaxCalculation"),
            address("RemitToAddr"),
            obj("CheckPayment", *CHECK),
            obj("CreditCardPayment", *CREDIT_CARD),
            decimal("LessCIS"),
            flag("IncludeInAnnualTPAR"),
            TXN_TAX_DETAIL,
            LINKED_TXN,
            CUSTOM_FIELD,
            _LINES,
            any_values(
                "PurchaseEx", "Something that Intuit's types have no property for, TxnType."
            ),
        ),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt",),
        line_sum=_LINE_SUM,
    ),
)
