"""What the tables leave out of Intuit's published types, and why.

Every array costs a table in each layer, so what QuickBooks Online does not answer for an entity is
not declared for it: what neither Intuit's examples nor recorded answers have ("is not answered").
Nothing is lost by that, as raw keeps the whole JSON.
"""

import re
from dataclasses import dataclass
from functools import cache

_TOKENS = re.compile(r"\*\*\.|\*|\{[^}]*\}|[^*{]+")


@dataclass(frozen=True)
class Omission:
    """A pattern of paths, and the reason why what is there has no columns.

    A path begins with the entity and marks arrays: `Invoice.Line[].Tag[].Name`. In a pattern
    `*` stands for any part of one name, `**.` for any number of names (or none), and `{A,B}` for
    either. A pattern covers what lies below the path it matches; `but` are patterns of what it
    does not cover.
    """

    pattern: str
    reason: str
    but: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether the path, or one above it, is what the pattern says."""
        return _matches(self.pattern, path) and not any(_matches(each, path) for each in self.but)


def omission(path: str) -> Omission | None:
    """Give the omission that covers a path such as `Invoice.Tag[].Name`, or None."""
    return next((each for each in OMITTED if each.covers(path)), None)


def _matches(pattern: str, path: str) -> bool:
    return _compiled(pattern).match(path) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_translate, _TOKENS.findall(pattern))) + r"(?:$|\.|\[)")


def _translate(token: str) -> str:
    match token:
        case "**.":
            return r"(?:[^.]+\.)*"
        case "*":
            return r"[^.\[]*"
        case _ if token.startswith("{"):
            return "(?:" + "|".join(map(re.escape, token[1:-1].split(","))) + ")"
        case _:
            return re.escape(token)


_DETAILS = (
    "Payment",
    "Discount",
    "Tax",
    "SalesItem",
    "Description",
    "ItemBasedExpense",
    "AccountBasedExpense",
    "Reimburse",
    "Deposit",
    "PurchaseOrderItem",
    "SalesOrderItem",
    "ItemReceipt",
    "JournalEntry",
    "Group",
    "SubTotal",
    "TDS",
    "ItemAdjustment",
)


def _details(line: str, *kept: str) -> Omission:
    """Leave out of a kind of lines all details but those kept."""
    others = ",".join(detail for detail in _DETAILS if detail not in kept)
    return Omission(
        f"{line}.{{{others}}}LineDetail",
        f"Intuit documents {' and '.join(kept)} as the details of these lines.",
    )


_SALES = "{Invoice,SalesReceipt,CreditMemo,RefundReceipt,Estimate}"
_RECORD = "{Id,SyncToken,MetaData,CustomField[],domain,status,sparse}"

OMITTED: tuple[Omission, ...] = (
    # Of everything
    Omission("**.AttachableRef[]", "QuickBooks tells of attachments on the Attachable alone."),
    Omission(
        "**.*Ex",
        "An internal extension; two of them are answered (seen).",
        but=("Purchase.PurchaseEx", "Payment.Line[].LineEx"),
    ),
    Omission("TaxAgency.TaxAgencyExt", "An internal extension."),
    Omission(
        "**.type",
        "A reference says it only where records of several kinds may stand.",
        but=("Purchase.EntityRef.type", "Deposit.Line[].DepositLineDetail.Entity.type"),
    ),
    Omission(
        "*.CustomField[]",
        "Sales forms and purchase orders alone keep custom fields.",
        but=(f"{_SALES}.CustomField[]", "PurchaseOrder.CustomField[]"),
    ),
    # Of documents
    Omission("*.Tag[]", "It is not answered."),
    Omission("{Transfer,CreditCardPayment}.Line[]", "These have no lines."),
    Omission(
        "{CreditMemo,RefundReceipt,BillPayment,Deposit,JournalEntry,Transfer,CreditCardPayment}"
        ".LinkedTxn[]",
        "These are not linked as a whole, or their lines are.",
    ),
    Omission("{Payment,BillPayment,Transfer,CreditCardPayment}.TxnTaxDetail", "No tax is on them."),
    Omission("**.CustomerMemo.id", "The text comes without it."),
    Omission("Invoice.invoiceStatusLog[]", "It is not answered."),
    Omission(
        f"Invoice.ConvenienceFeeDetail.{_RECORD}", "A part of the invoice, no record of its own."
    ),
    # Of lines
    _details(f"{_SALES}.Line[]", "SalesItem", "Group", "Discount", "SubTotal", "Description"),
    _details(f"{_SALES}.Line[].GroupLineDetail.Line[]", "SalesItem", "Description"),
    _details(
        "{Bill,VendorCredit,PurchaseOrder,Purchase}.Line[]",
        "AccountBasedExpense",
        "ItemBasedExpense",
    ),
    _details("{Payment,BillPayment}.Line[]", "Payment"),
    _details("Deposit.Line[]", "Deposit"),
    _details("JournalEntry.Line[]", "JournalEntry", "Description"),
    _details("*.TxnTaxDetail.TaxLine[]", "Tax"),
    Omission("**.{Line,TaxLine}[].CustomField[]", "It is not answered on lines."),
    Omission(
        "{CreditMemo,RefundReceipt,Estimate,PurchaseOrder,JournalEntry}.Line[].LinkedTxn[]",
        "Only the documents as a whole are linked, if at all.",
    ),
    Omission(
        "*.Line[].GroupLineDetail.Line[].{LinkedTxn,CustomExtensions}[]",
        "The line of the bundle has them.",
    ),
    Omission("*.TxnTaxDetail.TaxLine[].{LinkedTxn,CustomExtensions}[]", "Tax is computed."),
    Omission("{Payment,BillPayment}.Line[].CustomExtensions[]", "These lines only link."),
    Omission("**.CustomExtensions[].AssociatedValues[]", "The array was seen empty only."),
    # Of lists
    Omission("Account.AccountPurposes[]", "It is not answered."),
    Omission("Item.ItemAssemblyDetail", "QuickBooks Desktop alone has assemblies."),
    Omission("Item.CustomExtensions[]", "Lines answer it, items do not (seen)."),
    Omission("**.OtherAddr[]", "It is not answered."),
    Omission(
        "{Employee,TaxAgency,CompanyInfo,Preferences.AccountingInfoPrefs}.OtherContactInfo[]",
        "Only customers and vendors have further contacts.",
    ),
    # Of the company's settings
    Omission(
        "Preferences.*.{CustomField,POCustomField}[].{Id,SyncToken,MetaData,domain,status,sparse}",
        "A group of settings is no record of its own.",
    ),
    Omission(
        "Preferences.{EmailMessagesPrefs,PrintDocumentPrefs}.NameValue[]",
        "It is answered in OtherPrefs alone.",
    ),
)
