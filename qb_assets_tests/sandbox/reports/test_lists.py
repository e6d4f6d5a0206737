"""TransactionList, InventoryValuationSummary and TaxSummary against documents and the ledger."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from qb_assets.sandbox.generate.model import Posting, Sale

from .asking import EVER, SIGNS, TODAY, Asker

START, END = date(2026, 3, 1), date(2026, 4, 30)
RANGE = {"start_date": START.isoformat(), "end_date": END.isoformat()}
KEYS = "tx_date,txn_type,doc_num,is_no_post,account_name,subt_nat_amount,due_date,subt_open_bal"


def test_every_transaction_has_one_row_with_its_first_legs_amount(asker: Asker) -> None:
    rows = asker.data("TransactionList", columns=KEYS, **RANGE)
    posted = {
        (entry.date.isoformat(), posting.account_id, natural(asker, posting))
        for entry in asker.entries
        if START <= entry.date <= END
        for posting in entry.postings[:1]
    }
    assert posted == {
        (row.cells["tx_date"], row.ids["account_name"], row.number("subt_nat_amount"))
        for row in rows
        if row.cells["is_no_post"] == "Yes"
    }
    orders = asker.txns("Estimate", "PurchaseOrder")
    assert {row.ids["txn_type"] for row in rows if row.cells["is_no_post"] == "No"} == {
        txn.id for txn in orders if START <= txn.entry.date <= END
    }


def natural(asker: Asker, posting: Posting) -> Decimal:
    return SIGNS[asker.accounts[posting.account_id].classification] * posting.amount


def test_stock_is_what_is_on_hand_and_worth_what_its_account_holds(asker: Asker) -> None:
    rows = asker.rows("InventoryValuationSummary", report_date=TODAY.isoformat())
    *items, total = rows
    for row in items:
        [item] = [item for item in asker.world.items if item.id == row.id]
        assert row.number("quantity") == Decimal(asker.world.stock.on_hand(item)).scaleb(-2)
        if row.number("quantity"):
            unit = row.number("asset_value") / row.number("quantity")
            assert abs(unit - row.number("avg_cost")) <= Decimal("0.005")
    stock = {item.asset.id for item in asker.world.items if item.asset}
    assert {row.id for row in items} == {item.id for item in asker.world.items if item.asset}
    for day in (date(2026, 2, 11), TODAY):
        total = asker.rows("InventoryValuationSummary", report_date=day.isoformat())[-1]
        sums = asker.sums(EVER, day)
        assert total.number("asset_value") == sum(sums.get(key, Decimal()) for key in stock)


def test_taxes_are_those_of_the_documents_and_of_the_ledger(asker: Asker) -> None:
    taxable: dict[str, Decimal] = defaultdict(Decimal)
    taxes: dict[str, Decimal] = defaultdict(Decimal)
    for txn in asker.txns("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"):
        if isinstance(txn, Sale) and START <= txn.entry.date <= END and not txn.voided:
            sign = -1 if txn.entity in ("CreditMemo", "RefundReceipt") else 1
            for rate, _, base, tax in txn.taxes:
                taxable[rate] += sign * Decimal(base).scaleb(-2)
                taxes[rate] += sign * Decimal(tax).scaleb(-2)
    rows = asker.rows("TaxSummary", **RANGE)
    data = [row for row in rows if row.kind == "data"]
    assert {row.id: row.number("taxable_amount") for row in data} == taxable
    assert {row.id: row.number("tax_amount") for row in data} == taxes
    posted = sum(
        -posting.amount
        for entry in asker.entries
        if START <= entry.date <= END
        for posting in entry.postings
        if posting.role == "tax"
    )
    assert rows[-1].number("tax_amount") == posted != 0
