"""What can be corrupted: every column that money depends on, in the records, the reports and the
books.

Records are rows of `quickbooks`, in the lake those of normalized objects or what they are made of
in the JSON of raw ones; reports are rows of `reports`, in the lake the JSON they are made of.

Left out is what nobody can know to be wrong:

- prices and quantities of purchases, as QuickBooks lets an amount differ from their product (one of
  Intuit's own examples of a Bill does), and those of sales of less than one piece or for less than
  one unit of money, where a cent may be gone after rounding;
- exchange rates in reports: what is posted stands beside them in both currencies, and how many
  digits QuickBooks gives them is documented nowhere;
- what reports say in foreign currencies on the cash basis and in the TransactionList, which nothing
  is made of;
- beginning balances of accounts on which nothing is posted in the month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["amount", "price", "rate", "line", "account", "date"]
"""An amount that is 0.01 off, a quantity or a price of one that is, an exchange rate that is, a
deleted row, another account, or another day."""


@dataclass(frozen=True, slots=True)
class Target:
    """A column of a table (of a deleted row: none) that can be corrupted.

    `names` is an SQL expression of what a check must name: the document, or what else a row is of.
    """

    table: str
    kind: Kind
    names: str
    column: str = ""
    where: str = "TRUE"

    @property
    def must_move(self) -> bool:
        """Whether every such change is one of money.

        Another account or day may not be, nor another rate of a document that was voided.
        """
        return self.kind in ("amount", "price", "line")

    @property
    def layer(self) -> str:
        """quickbooks, reports or books."""
        return self.table.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.kind} of {self.table}{'.' if self.column else ''}{self.column}"


_SALES = ("invoice", "credit_memo", "sales_receipt", "refund_receipt")
_ENTITIES = {
    "invoice": "Invoice",
    "credit_memo": "CreditMemo",
    "sales_receipt": "SalesReceipt",
    "refund_receipt": "RefundReceipt",
    "payment": "Payment",
    "bill": "Bill",
    "vendor_credit": "VendorCredit",
    "bill_payment": "BillPayment",
    "purchase": "Purchase",
    "deposit": "Deposit",
    "transfer": "Transfer",
    "journal_entry": "JournalEntry",
    "credit_card_payment": "CreditCardPayment",
    "inventory_adjustment": "InventoryAdjustment",
}
_HEADER_AMOUNTS = {
    "invoice": "total_amt balance",
    "credit_memo": "total_amt balance",
    "sales_receipt": "total_amt",
    "refund_receipt": "total_amt",
    "payment": "total_amt unapplied_amt",
    "bill": "total_amt balance",
    "vendor_credit": "total_amt balance",
    "bill_payment": "total_amt",
    "purchase": "total_amt",
    "deposit": "total_amt cash_back_amount",
    "transfer": "amount",
    "credit_card_payment": "amount",
}
_HEADER_ACCOUNTS = {
    "invoice": "ar_account_id",
    "credit_memo": "ar_account_id",
    "sales_receipt": "deposit_to_account_id",
    "refund_receipt": "deposit_to_account_id",
    "payment": "deposit_to_account_id ar_account_id",
    "bill": "ap_account_id",
    "vendor_credit": "ap_account_id",
    "bill_payment": "ap_account_id check_payment_bank_account_id credit_card_payment_cc_account_id",
    "purchase": "account_id",
    "deposit": "deposit_to_account_id cash_back_account_id",
    "transfer": "from_account_id to_account_id",
    "credit_card_payment": "credit_card_account_id bank_account_id",
    "inventory_adjustment": "adjust_account_id",
}
_SPENT = "account_based_expense_line_detail_account_id"
_LINE_ACCOUNTS = {
    "invoice": "sales_item_line_detail_item_account_id discount_line_detail_discount_account_id",
    "bill": _SPENT,
    "vendor_credit": _SPENT,
    "purchase": _SPENT,
    "deposit": "deposit_line_detail_account_id",
    "journal_entry": "journal_entry_line_detail_account_id",
}
_MONEY = """
    detail_type NOT IN ('SubTotalLineDetail', 'DescriptionOnly', 'GroupLineDetail')
    AND amount <> 0
"""


def targets() -> Iterator[Target]:
    """Every target, those of records first."""
    yield from _headers()
    yield from _lines()
    yield from _orders()
    yield from _lists()
    yield from _detail_reports()
    yield from _summary_reports()
    yield from _books()


def _headers() -> Iterator[Target]:
    for table, entity in _ENTITIES.items():
        names = f"'{entity}:' || id"
        relation = f"quickbooks.{table}"
        for column in _HEADER_AMOUNTS.get(table, "").split():
            yield Target(relation, "amount", names, column, f"{column} IS NOT NULL")
        for column in _HEADER_ACCOUNTS.get(table, "").split():
            yield Target(relation, "account", names, column, f"{column} IS NOT NULL")
        yield Target(relation, "date", names, "txn_date")
        if table not in ("credit_card_payment", "inventory_adjustment"):
            abroad = "exchange_rate <> 1"
            yield Target(relation, "rate", names, "exchange_rate", abroad)
    for table in ("invoice", "bill"):
        names = f"'{_ENTITIES[table]}:' || id"
        yield Target(f"quickbooks.{table}", "date", names, "due_date", "balance <> 0")


def _lines() -> Iterator[Target]:
    for table, entity in _ENTITIES.items():
        if table in ("transfer", "credit_card_payment"):
            continue
        names = f"'{entity}:' || {table}_id"
        relation = f"quickbooks.{table}_line"
        if table == "inventory_adjustment":
            yield Target(relation, "line", names)
            continue
        where = "amount <> 0" if table in ("payment", "bill_payment", "deposit") else _MONEY
        yield Target(relation, "amount", names, "amount", where)
        yield Target(relation, "line", names, where=where)
        for column in _LINE_ACCOUNTS.get(table, "").split():
            yield Target(
                relation, "account", names, column, f"{column} IS NOT NULL AND amount <> 0"
            )
    for table in _SALES:
        names = f"'{_ENTITIES[table]}:' || {table}_id"
        taxes = f"quickbooks.{table}_tax_line"
        yield Target(taxes, "amount", names, "amount")
        yield Target(taxes, "line", names, where="amount <> 0")
    for table in _SALES:
        names = f"'{_ENTITIES[table]}:' || {table}_id"
        price, quantity = (f"sales_item_line_detail_{each}" for each in ("unit_price", "qty"))
        for column, other in ((price, quantity), (quantity, price)):
            where = f"{column} IS NOT NULL AND abs({other}) >= 1"
            yield Target(f"quickbooks.{table}_line", "price", names, column, where)
    names = "'Invoice:' || invoice_id"
    inner = "quickbooks.invoice_line_line"
    yield Target(inner, "amount", names, "amount", "amount <> 0")
    yield Target(inner, "line", names, where="amount <> 0")


def _orders() -> Iterator[Target]:
    """What is no posting, and stands in the lake and the warehouse all the same."""
    for table, entity in (("estimate", "Estimate"), ("purchase_order", "PurchaseOrder")):
        yield Target(f"quickbooks.{table}", "amount", f"'{entity}:' || id", "total_amt")
        names = f"'{entity}:' || {table}_id"
        yield Target(f"quickbooks.{table}_line", "amount", names, "amount", _MONEY)
        yield Target(f"quickbooks.{table}_line", "line", names, where=_MONEY)


def _lists() -> Iterator[Target]:
    account = "'account ' || id"
    sheet = "classification IN ('Asset', 'Liability', 'Equity')"
    yield Target("quickbooks.account", "amount", account, "current_balance", sheet)
    for table in ("customer", "vendor"):
        yield Target(f"quickbooks.{table}", "amount", f"'{table} ' || id", "balance")
    for column in ("income_account_id", "expense_account_id", "asset_account_id"):
        yield Target("quickbooks.item", "account", "'item ' || id", column, f"{column} IS NOT NULL")


def _detail_reports() -> Iterator[Target]:
    posting = "row_kind = 'posting' AND account_id IS NOT NULL"
    names = "txn_type || ':' || txn_id"
    for table in ("reports.general_ledger", "reports.journal_report"):
        for column in ("debit", "credit"):
            yield Target(table, "amount", names, column, f"{posting} AND {column} IS NOT NULL")
        yield Target(table, "account", names, "account_id", posting)
        moves = f"{posting} AND coalesce(debit, credit, 0) <> 0"
        yield Target(table, "line", names, where=moves)
        yield Target(table, "date", names, "txn_date", moves)
    ledger = "reports.general_ledger"
    after = "row_kind = 'posting' AND balance IS NOT NULL"
    yield Target(ledger, "amount", names, "balance", after)
    abroad = (
        "row_kind = 'posting' AND accounting_method = 'Accrual' AND foreign_amount <> 0"
        " AND exchange_rate <> 1"
    )
    yield Target(ledger, "amount", names, "foreign_amount", abroad)
    natural = "row_kind = 'posting' AND amount IS NOT NULL"
    yield Target(ledger, "amount", "'general_ledger ' || month", "amount", natural)
    listed = "row_kind = 'posting' AND txn_type NOT IN ('Estimate', 'Purchase Order')"
    yield Target("reports.transaction_list", "amount", names, "amount", listed)
    yield Target("reports.transaction_list", "line", names, where=listed)
    yield Target("reports.transaction_list", "date", names, "txn_date", listed)
    for table in ("reports.aged_receivable_detail", "reports.aged_payable_detail"):
        open_ = "row_kind = 'posting' AND open_balance <> 0"
        yield Target(table, "amount", names, "open_balance", open_)
        yield Target(table, "line", names, where=open_)
        yield Target(table, "date", names, "due_date", open_)


def _summary_reports() -> Iterator[Target]:
    figure = "row_kind IN ('data', 'header') AND amount <> 0 AND row_id IS NOT NULL"
    for table in ("trial_balance", "profit_and_loss", "balance_sheet", "cash_flow"):
        relation = f"reports.{table}"
        yield Target(relation, "amount", "'account ' || row_id", "amount", figure)
        yield Target(relation, "line", "'account ' || row_id", where=figure)
        yield Target(relation, "account", "'account ' || row_id", "row_id", figure)
        total = "row_kind = 'summary' AND amount IS NOT NULL"
        yield Target(relation, "amount", f"'{table} ' || month", "amount", total)
    for table, person in (
        ("aged_receivables", "customer"),
        ("customer_balance", "customer"),
        ("aged_payables", "vendor"),
        ("vendor_balance", "vendor"),
    ):
        names = f"'{person} ' || row_id"
        yield Target(f"reports.{table}", "amount", names, "amount", figure)
        yield Target(f"reports.{table}", "line", names, where=figure)
    stock = f"{figure} AND column_key IN ('quantity', 'asset_value')"
    yield Target(
        "reports.inventory_valuation_summary", "amount", "'item ' || row_id", "amount", stock
    )
    tax = f"{figure} AND column_key = 'tax_amount'"
    yield Target("reports.tax_summary", "amount", "'tax_summary ' || month", "amount", tax)


def _books() -> Iterator[Target]:
    names = "txn_type || ':' || txn_id"
    for table in ("books.posting", "books.general_ledger"):
        moves = "amount <> 0"
        yield Target(table, "amount", names, "amount")
        yield Target(table, "account", names, "account_id", moves)
        yield Target(table, "line", names, where=moves)
    for table, column in (
        ("trial_balance", "balance"),
        ("profit_and_loss", "amount"),
        ("balance_sheet", "amount"),
        ("cash_flow", "amount"),
    ):
        where = (
            f"{column} <> 0 AND account_id IS NOT NULL AND (_company, month) IN"
            f" (SELECT (_company, month) FROM reports.snapshot WHERE report = '{table}')"
        )
        yield Target(f"books.{table}", "amount", "'account ' || account_id", column, where)
        yield Target(f"books.{table}", "account", "'account ' || account_id", "account_id", where)
    for table in ("books.ar_aging", "books.ap_aging"):
        fetched = "as_of IN (SELECT last_day(month) FROM reports.snapshot)"
        yield Target(table, "amount", names, "open_balance", fetched)
        yield Target(table, "line", names, where=fetched)
    for column in ("quantity", "value"):
        yield Target(
            "books.inventory_movements", "amount", "'item ' || item_id", column, f"{column} <> 0"
        )
    yield Target("books.cash_position", "amount", "'account ' || account_id", "balance", _AT_AN_END)
    yield Target("books.open_documents", "amount", names, "computed_balance")


_AT_AN_END = """
    EXISTS (
        SELECT 1 FROM reports.snapshot
        WHERE
            report = 'balance_sheet'
            AND last_day(month) >= day
            AND last_day(month) < coalesce(next_day, DATE '9999-12-31')
    )
"""
