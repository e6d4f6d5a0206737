"""What the tables leave out of Intuit's published types, and why.

The types are shared between the entities and with QuickBooks Desktop, so each allows more than
QuickBooks Online answers for an entity. Left out is what it does not answer: what Intuit's own
pages on the entity do not have, nor any example or recorded answer. Every array costs a table in
each layer. Should it come all the same, nothing is lost: raw keeps the whole JSON, and the check
of drift tells of it.
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
        f"By Intuit's pages and what was seen, the details of these lines are {', '.join(kept)}.",
    )


_SALES = "{Invoice,SalesReceipt,CreditMemo,RefundReceipt,Estimate}"
_PURCHASES = "{Bill,VendorCredit,PurchaseOrder,Purchase}"
_RECORD = "{Id,SyncToken,MetaData,CustomField[],domain,status,sparse}"
_NOWHERE = "No page of Intuit's reference has it, and no recorded answer."

OMITTED: tuple[Omission, ...] = (
    # Of everything
    Omission(
        "**.AttachableRef[]",
        _NOWHERE + " Attachments are told of on the Attachable alone.",
        but=("Attachable.AttachableRef[]",),
    ),
    Omission(
        "**.*Ex",
        "An internal extension without a published shape; two of them are answered (seen).",
        but=("Purchase.PurchaseEx", "Payment.Line[].LineEx"),
    ),
    Omission("TaxAgency.TaxAgencyExt", "An internal extension without a published shape."),
    Omission(
        "**.type",
        "Intuit documents the value and the name of a reference; which kind of record it is of is "
        "answered only where records of several kinds may stand.",
        but=(
            "Purchase.EntityRef.type",
            "Attachable.AttachableRef[].EntityRef.type",
            "Deposit.Line[].DepositLineDetail.Entity.type",
            "JournalEntry.Line[].JournalEntryLineDetail.Entity.EntityRef.type",
            "Bill.PayerRef.type",
            "PurchaseOrder.{ShipTo,DropShipToEntity}.type",
        ),
    ),
    Omission(
        "*.CustomField[]",
        "Intuit's guide of custom fields says which entities have them, and these are not there.",
        but=tuple(f"{each}.CustomField[]" for each in (_SALES, _PURCHASES, "Customer", "Vendor")),
    ),
    # Of documents
    Omission("*.Tag[]", _NOWHERE, but=("Attachable.Tag",)),
    Omission("{Transfer,CreditCardPayment}.Line[]", "By Intuit's reference these have no lines."),
    Omission("{Transfer,CreditCardPayment}.LinkedTxn[]", "These are linked to nothing."),
    Omission(
        "{Payment,BillPayment,Transfer,CreditCardPayment,InventoryAdjustment}.TxnTaxDetail",
        "They move money or stock, and no tax is on them; Intuit's reference of them has none.",
    ),
    Omission(
        f"Invoice.ConvenienceFeeDetail.{_RECORD}", "A part of the invoice, no record of its own."
    ),
    # Of lines
    _details(f"{_SALES}.Line[]", "SalesItem", "Group", "Discount", "SubTotal", "Description"),
    _details(f"{_SALES}.Line[].GroupLineDetail.Line[]", "SalesItem", "Description"),
    _details(
        f"{_PURCHASES}.Line[]", "AccountBasedExpense", "ItemBasedExpense", "Description", "TDS"
    ),
    _details("{Payment,BillPayment}.Line[]", "Payment"),
    _details("Deposit.Line[]", "Deposit"),
    _details("JournalEntry.Line[]", "JournalEntry", "Description"),
    _details("InventoryAdjustment.Line[]", "ItemAdjustment"),
    _details("ReimburseCharge.Line[]", "Reimburse", "Description"),
    _details("*.TxnTaxDetail.TaxLine[]", "Tax"),
    Omission("**.{Line,TaxLine}[].CustomField[]", _NOWHERE),
    Omission(
        "*.TxnTaxDetail.TaxLine[].{LinkedTxn,CustomExtensions}[]",
        "QuickBooks computes these lines; nothing is entered on them.",
    ),
    Omission("{Payment,BillPayment}.Line[].CustomExtensions[]", "These lines only link."),
    # Of the company's settings
    Omission(
        "Preferences.*.{CustomField,POCustomField}[].{Id,SyncToken,MetaData,domain,status,sparse}",
        "A group of settings is no record of its own.",
    ),
)
