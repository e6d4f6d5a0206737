"""Any transaction as the JSON of its entity."""

from collections.abc import Callable

from . import render_purchases, render_receipts, render_records
from . import render_sales as sales
from .encode import Fragments
from .model import Banking, Charge, Effort, Receipt, Sale, Spending, Txn

_SALES: dict[str, Callable[[Sale, Fragments], bytes]] = {
    "Invoice": sales.invoice,
    "Estimate": sales.estimate,
    "CreditMemo": sales.credit_memo,
    "SalesReceipt": sales.paid_sale,
    "RefundReceipt": sales.paid_sale,
}
_SPENDING: dict[str, Callable[[Spending, Fragments], bytes]] = {
    "Bill": render_purchases.bill,
    "VendorCredit": render_purchases.vendor_credit,
    "PurchaseOrder": render_purchases.purchase_order,
    "BillPayment": render_purchases.bill_payment,
    "Purchase": render_purchases.purchase,
}
_BANKING: dict[str, Callable[[Banking, Fragments], bytes]] = {
    "Deposit": render_receipts.deposit,
    "Transfer": render_receipts.transfer,
    "CreditCardPayment": render_receipts.credit_card_payment,
    "JournalEntry": render_records.journal_entry,
    "InventoryAdjustment": render_records.inventory_adjustment,
}


def render(txn: Txn, texts: Fragments) -> bytes:
    """The JSON of a transaction."""
    match txn:
        case Sale():
            return _SALES[txn.entity](txn, texts)
        case Receipt():
            return render_receipts.payment(txn, texts)
        case Spending():
            return _SPENDING[txn.entity](txn, texts)
        case Banking():
            return _BANKING[txn.entity](txn, texts)
        case Effort():
            return render_records.time_activity(txn, texts)
        case Charge():
            return sales.reimburse_charge(txn, texts)
        case _:
            raise ValueError(f"{txn.entity} {txn.id} is no document that can be rendered")
