"""The kinds of documents that post, and the statement that says what each of them posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qb_assets.books.posting.statements import statement
from qb_assets.catalog import ENTITIES


@dataclass(frozen=True, slots=True)
class Kind:
    """An entity whose documents post, and the file that says what.

    `terms` fill the places in braces of the file, besides `entity` and `table`.
    """

    entity: str
    file: str
    terms: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def select(self) -> str:
        """The statement: one row a part of a document, in the document's currency."""
        table = ENTITIES[self.entity].table
        return statement(self.file, entity=self.entity, table=table, **self.terms)


_NOBODY = "CAST(NULL AS VARCHAR)"
_OWED = {"control": "receivable", "control_id": "doc.ar_account_id"}
_PAID = {"control": "undeposited", "control_id": "doc.deposit_to_account_id"}
_OF_VENDOR = {
    "control": "payable",
    "control_id": "doc.ap_account_id",
    "customer_id": _NOBODY,
    "vendor_id": "doc.vendor_id",
    "employee_id": _NOBODY,
}


def _payee(kind: str) -> str:
    return f"CASE WHEN doc.entity_type = '{kind}' THEN doc.entity_id END"


KINDS: tuple[Kind, ...] = (
    Kind("Invoice", "sale", {**_OWED, "sign": "1"}),
    Kind("CreditMemo", "sale", {**_OWED, "sign": "-1"}),
    Kind("SalesReceipt", "sale", {**_PAID, "sign": "1"}),
    Kind("RefundReceipt", "sale", {**_PAID, "sign": "-1"}),
    Kind("Payment", "payment"),
    Kind("Bill", "spending", {**_OF_VENDOR, "sign": "1"}),
    Kind("VendorCredit", "spending", {**_OF_VENDOR, "sign": "-1"}),
    Kind(
        "Purchase",
        "spending",
        {
            "control": "the account that paid",
            "control_id": "doc.account_id",
            "sign": "CASE WHEN doc.credit THEN -1 ELSE 1 END",
            "customer_id": _payee("Customer"),
            "vendor_id": _payee("Vendor"),
            "employee_id": _payee("Employee"),
        },
    ),
    Kind("BillPayment", "bill_payment"),
    Kind("Deposit", "deposit"),
    Kind(
        "Transfer",
        "movement",
        {
            "to_id": "doc.to_account_id",
            "from_id": "doc.from_account_id",
            "vendor_id": _NOBODY,
            "class_id": "doc.class_id",
        },
    ),
    Kind(
        "CreditCardPayment",
        "movement",
        {
            "to_id": "doc.credit_card_account_id",
            "from_id": "doc.bank_account_id",
            "vendor_id": "doc.vendor_id",
            "class_id": _NOBODY,
        },
    ),
    Kind("JournalEntry", "journal_entry"),
)
"""All but inventory adjustments, which post what the stock says they are worth.

Source: Intuit's reference of each entity; estimates, purchase orders, time activities and charges
to reimburse post nothing.
"""
