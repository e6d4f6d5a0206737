"""Documents towards customers: Invoice, SalesReceipt, CreditMemo, RefundReceipt, Estimate."""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    Node,
    array,
    day,
    days,
    decimal,
    decimals,
    flag,
    flags,
    instant,
    integer,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.line_sum import LineSum
from qb_assets.catalog.lines import SALES_DETAILS, TXN_TAX_DETAIL, lines
from qb_assets.catalog.parts import (
    CHECK,
    CREDIT_CARD,
    CUSTOM_FIELD,
    DELIVERY,
    LINKED_TXN,
    TRANSACTION,
    address,
    email,
    memo,
)

_SALES: tuple[Node, ...] = (
    *TRANSACTION,
    ref("CustomerRef"),
    memo("CustomerMemo", "The message the customer reads on the form."),
    address("BillAddr"),
    address("ShipAddr"),
    address("ShipFromAddr"),
    *flags("FreeFormAddress", "AutoDocNumber"),
    *refs("RemitToRef", "ClassRef", "SalesTermRef", "SalesRepRef"),
    day("DueDate"),
    *texts("PONumber", "FOB"),
    ref("ShipMethodRef"),
    day("ShipDate"),
    text("TrackingNum"),
    text("GlobalTaxCalculation", "How the form shows tax; lines' amounts are without it anyway."),
    decimal("TotalAmt", "The total, with tax."),
    decimal("HomeTotalAmt"),
    decimal("Balance", "What is still open; 0 on documents that are settled at once."),
    decimal("HomeBalance"),
    *flags("ApplyTaxAfterDiscount", "ShippingTaxIncludedInTotalTax", "FinanceCharge"),
    *decimals("DiscountRate", "DiscountAmt"),
    TXN_TAX_DETAIL,
    *refs("TemplateRef", "TaxExemptionRef"),
    *texts("PrintStatus", "EmailStatus", "GovtTxnRefIdentifier"),
    email("BillEmail"),
    email("BillEmailCc"),
    email("BillEmailBcc"),
    DELIVERY,
    ref("ARAccountRef", "The receivables account; often missing, then the company's own."),
    *refs("DepositToAccountRef", "PaymentMethodRef"),
    *texts("PaymentRefNum", "PaymentType"),
    obj("CheckPayment", *CHECK),
    obj("CreditCardPayment", *CREDIT_CARD),
    LINKED_TXN,
    CUSTOM_FIELD,
)

_LINES = lines(*SALES_DETAILS)

_LINE_SUM = LineSum(
    source=(
        "Intuit, the Invoice object: items and bundles less discounts, plus tax. A subtotal "
        "repeats the lines above it, but a statement charge comes with nothing else (seen). "
        "Lines' amounts are without tax even where GlobalTaxCalculation is TaxInclusive: "
        "TaxInclusiveAmt is the amount with it."
    ),
    by=("DetailType",),
    signs=(("SalesItemLineDetail", 1), ("GroupLineDetail", 1), ("DiscountLineDetail", -1)),
    otherwise=0,
    alone=(("SubTotalLineDetail", 1),),
    header=((("TxnTaxDetail", "TotalTax"), 1),),
)

_INVOICE: tuple[Node, ...] = (
    decimal("Deposit", "What was paid down on it; lessens Balance, not TotalAmt."),
    *flags("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment"),
    *flags("AllowOnlineACHPayment", "AllowOnlinePayPalPayment", "AllowOnlineAffirmPayment"),
    text("EInvoiceStatus"),
    instant("ECloudStatusTimeStamp"),
    integer("CfdiUse"),
    text("Exportation"),
    obj("GlobalInfo", *texts("Periodicity", "Month", "Year")),
    *texts("invoiceStatus", "callToAction"),
    array(
        "invoiceStatusLog",
        text("status"),
        day("statusDate"),
        text("callToAction"),
        doc="A status the invoice has had.",
    ),
    decimal("LessCIS"),
    *texts("InvoiceLink", "InvoiceLinkSecurityCode", "PaymentDetailsMessage"),
    day("InvoiceLinkExpiryDate"),
    obj("ConvenienceFeeDetail", text("ConvenienceFeeType"), decimal("ConvenienceFeePercent")),
    obj(
        "EnabledSurchargeInfo",
        flag("Enabled"),
        obj("Card", flag("Enabled")),
        obj("ACH", flag("Enabled")),
    ),
    *flags("AutoPayEligible", "SchedulePayEligible", "GratuityEnabled"),
    *texts("ScheduledPaymentId", "FinancingProductType", "SubscriptionPaymentsSetting"),
    obj("TxnRetainageDetail", *decimals("RetainageAmount", "RetainageOpenBalance")),
)

SALES: tuple[Entity, ...] = (
    Entity(
        name="Invoice",
        description="One invoice: a sale that the customer pays later.",
        kind="transaction",
        fields=(*_SALES, *_INVOICE, _LINES),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="SalesReceipt",
        description="One sales receipt: a sale that is paid at once.",
        kind="transaction",
        fields=(*_SALES, decimal("LessCIS"), _LINES),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="CreditMemo",
        description="One credit memo: money a customer may set against invoices.",
        kind="transaction",
        fields=(*_SALES, decimal("RemainingCredit"), ref("InvoiceRef"), _LINES),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance", "RemainingCredit"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="RefundReceipt",
        description="One refund receipt: money paid back to a customer.",
        kind="transaction",
        fields=(*_SALES, decimal("RemainingCredit"), _LINES),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt", "Balance"),
        line_sum=_LINE_SUM,
    ),
    Entity(
        name="Estimate",
        description="One estimate: an offer to a customer, which posts nothing.",
        kind="transaction",
        fields=(
            *_SALES,
            *days("ExpirationDate", "AcceptedDate"),
            text("AcceptedBy"),
            _LINES,
        ),
        cdc=True,
        delete="hard",
        amounts=("TotalAmt",),
        line_sum=_LINE_SUM,
    ),
)
