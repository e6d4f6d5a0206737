"""Movements of money: Payment, BillPayment, Deposit, Transfer, CreditCardPayment, JournalEntry."""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import Node, decimal, flag, flags, obj, ref, refs, text, texts
from qb_assets.catalog.line_sum import LineSum
from qb_assets.catalog.lines import (
    DEPOSIT,
    DESCRIPTION,
    JOURNAL_ENTRY,
    PAYMENT,
    TXN_TAX_DETAIL,
    lines,
)
from qb_assets.catalog.parts import (
    CHECK,
    CREDIT_CARD,
    LINKED_TXN,
    TRANSACTION,
    address,
    any_values,
)

_PAYMENT = Entity(
    name="Payment",
    description="One payment of a customer, or one setting of credits against invoices.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        ref("CustomerRef"),
        ref("DepositToAccountRef", "Where the money went; Undeposited Funds where it is missing."),
        *refs("ARAccountRef", "RemitToRef", "PaymentMethodRef"),
        *texts("PaymentRefNum", "PaymentType", "PaymentExtendedType"),
        decimal("TotalAmt", "The money received; 0 where only credits are set against invoices."),
        decimal("UnappliedAmt", "What is not yet set against an invoice."),
        flag("ProcessPayment"),
        obj("CheckPayment", *CHECK),
        obj("CreditCardPayment", *CREDIT_CARD),
        LINKED_TXN,
        lines(
            PAYMENT,
            any_values("LineEx", "The number, the open balance and the id of what the line pays."),
            extensions=False,
        ),
    ),
    cdc=True,
    delete="hard",
    amounts=("TotalAmt", "UnappliedAmt"),
    line_sum=LineSum(
        source=(
            "Intuit, the Payment object: what is set against invoices, less the credits used, is "
            "the money received less what is unapplied (both forms seen). A journal entry, a "
            "check or a deposit may stand on either side, which the payment does not tell."
        ),
        by=("LinkedTxn", "TxnType"),
        signs=(("Invoice", 1), ("CreditMemo", -1)),
        otherwise=None,
        header=((("UnappliedAmt",), 1),),
    ),
)

_BILL_PAYMENT = Entity(
    name="BillPayment",
    description="One payment of bills of a vendor, by check or by card.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        ref("VendorRef"),
        address("VendorAddr"),
        ref("APAccountRef"),
        text("PayType", "Says which account paid.", allowed=("Check", "CreditCard")),
        obj(
            "CheckPayment",
            ref("BankAccountRef"),
            text("PrintStatus"),
            obj("CheckDetail", *CHECK),
            address("PayeeAddr"),
        ),
        obj("CreditCardPayment", ref("CCAccountRef"), obj("CCDetail", *CREDIT_CARD)),
        decimal("TotalAmt", "The money paid: bills less credits."),
        LINKED_TXN,
        lines(PAYMENT, extensions=False),
    ),
    cdc=True,
    delete="hard",
    amounts=("TotalAmt",),
    line_sum=LineSum(
        source=(
            "Intuit, the BillPayment object: the bills paid less the vendor's credits used. A "
            "journal entry or a deposit may stand on either side, which the payment does not tell."
        ),
        by=("LinkedTxn", "TxnType"),
        signs=(("Bill", 1), ("VendorCredit", -1)),
        otherwise=None,
    ),
)

_CASH_BACK: Node = obj(
    "CashBack",
    ref("AccountRef"),
    decimal("Amount", "Kept back from the lines and put in another account."),
    text("Memo"),
)

_DEPOSIT = Entity(
    name="Deposit",
    description="One deposit to a bank account, of payments received before or of other money.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        ref("DepositToAccountRef"),
        _CASH_BACK,
        text("GlobalTaxCalculation"),
        decimal("TotalAmt", "What reaches the bank: the lines less the cash back."),
        decimal("HomeTotalAmt"),
        TXN_TAX_DETAIL,
        LINKED_TXN,
        lines(DEPOSIT),
    ),
    cdc=True,
    delete="hard",
    amounts=("TotalAmt",),
    line_sum=LineSum(
        source="Intuit, the Deposit object: all lines, plus tax, less the cash back (seen).",
        header=((("TxnTaxDetail", "TotalTax"), 1), (("CashBack", "Amount"), -1)),
    ),
)

_JOURNAL_ENTRY = Entity(
    name="JournalEntry",
    description="One journal entry: postings made by hand.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        *flags("Adjustment", "HomeCurrencyAdjustment", "EnteredInHomeCurrency"),
        text("GlobalTaxCalculation"),
        decimal("TotalAmt", "Always 0: the lines' debits equal their credits."),
        decimal("HomeTotalAmt"),
        TXN_TAX_DETAIL,
        LINKED_TXN,
        lines(JOURNAL_ENTRY, DESCRIPTION),
    ),
    cdc=True,
    delete="hard",
    line_sum=LineSum(
        source=(
            "Intuit, the JournalEntry object: debits equal credits. Tax is in no line and has no "
            "side of its own, so entries with tax are left out."
        ),
        total=None,
        by=("JournalEntryLineDetail", "PostingType"),
        signs=(("Debit", 1), ("Credit", -1)),
        otherwise=0,
        unless=("TxnTaxDetail", "TotalTax"),
    ),
)

_TRANSFER = Entity(
    name="Transfer",
    description="One transfer between two accounts of the company.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        *refs("FromAccountRef", "ToAccountRef"),
        decimal("Amount"),
        ref("ClassRef"),
    ),
    cdc=True,
    delete="hard",
    amounts=("Amount",),
)

_CREDIT_CARD_PAYMENT = Entity(
    name="CreditCardPayment",
    description="One payment of a card's balance from a bank account.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        ref("CreditCardAccountRef", "The card."),
        ref("BankAccountRef", "The account that paid."),
        decimal("Amount"),
        ref("VendorRef"),
        *texts("CheckNum", "PrintStatus", "Memo"),
    ),
    json_key="CreditCardPaymentTxn",
    delete="hard",
    amounts=("Amount",),
)

MONEY: tuple[Entity, ...] = (
    _PAYMENT,
    _BILL_PAYMENT,
    _DEPOSIT,
    _JOURNAL_ENTRY,
    _TRANSFER,
    _CREDIT_CARD_PAYMENT,
)
