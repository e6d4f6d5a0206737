"""GeneralLedger, JournalReport and TrialBalance say what the ledger's entries say."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from qb_assets.sandbox.generate.model import ItemLine

from .asking import EVER, SIGNS, TODAY, Asker, Row

COLUMNS = (
    "tx_date,txn_type,doc_num,name,memo,split_acc,account_name,cust_name,vend_name,item_name,"
    "klass_name,dept_name,quantity,debt_amt,credit_amt,subt_nat_amount,rbal_nat_amount"
)
START, END = date(2026, 4, 10), date(2026, 5, 20)


def ledger(asker: Asker, start: date = START, end: date = END) -> list[Row]:
    dates = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    return asker.data("GeneralLedger", columns=COLUMNS, **dates)


def postings(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.ids.get("txn_type") and row.path != ("Not Specified",)]


def side(row: Row) -> Decimal:
    return row.number("debt_amt") - row.number("credit_amt")


def test_the_general_ledger_has_every_posting_of_its_days(asker: Asker) -> None:
    said = Counter(
        (row.cells["tx_date"], row.ids["account_name"], side(row))
        for row in postings(ledger(asker))
    )
    posted = Counter(
        (entry.date.isoformat(), posting.account_id, posting.amount)
        for entry in asker.entries
        if START <= entry.date <= END
        for posting in entry.postings
    )
    assert said == posted
    assert sum(posted.values()) > 30


def test_amounts_are_signed_by_the_accounts_nature_and_balances_run(asker: Asker) -> None:
    balances: dict[str, Decimal] = {}
    for row in ledger(asker):
        account = asker.accounts.get(row.ids.get("account_name", ""))
        if row.label == "Beginning Balance":
            balances["/".join(row.path)] = row.number("rbal_nat_amount")
        elif account and row.ids["txn_type"]:
            before = balances.get("/".join(row.path), Decimal())
            assert row.number("subt_nat_amount") == SIGNS[account.classification] * side(row)
            assert row.number("rbal_nat_amount") == before + row.number("subt_nat_amount")
            balances["/".join(row.path)] = row.number("rbal_nat_amount")
    assert balances


def test_balances_at_the_end_are_the_trial_balances(asker: Asker) -> None:
    closing: dict[str, Decimal] = {}
    path, account_id = ("",), ""
    for row in asker.rows("GeneralLedger", start_date="2026-01-01", end_date="2026-05-31"):
        if row.kind == "header":
            path, account_id = row.path, row.id
        elif row.kind == "data" and row.path == path and account_id:
            closing[account_id] = row.number("rbal_nat_amount")
    for row in asker.data("TrialBalance", start_date="2026-01-01", end_date="2026-05-31"):
        sign = SIGNS[asker.accounts[row.ids["account"]].classification]
        expected = row.number("debit") - row.number("credit")
        assert sign * closing.pop(row.ids["account"]) == expected
    assert not any(closing.values())


@pytest.mark.parametrize("end", [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31)])
def test_the_trial_balance_closes_fiscal_years(asker: Asker, end: date) -> None:
    year = date(end.year, 1, 1)
    before, since = asker.sums(EVER, date(end.year - 1, 12, 31)), asker.sums(year, end)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for account_id, account in asker.accounts.items():
        old = before.get(account_id, Decimal())
        kept = account_id if account.on_balance_sheet else asker.world.account("retained")
        expected[kept] += old
        expected[account_id] += since.get(account_id, Decimal())
    rows = asker.data("TrialBalance", end_date=end.isoformat())
    said = {row.ids["account"]: row.number("debit") - row.number("credit") for row in rows}
    assert said == {key: amount for key, amount in expected.items() if amount}
    assert all((row.cells["debit"] == "") != (row.cells["credit"] == "") for row in rows)


def test_the_trial_balance_balances(asker: Asker) -> None:
    *_, total = asker.rows("TrialBalance", end_date="2026-05-31")
    assert total.group == "GrandTotal"
    assert total.cells["debit"] == total.cells["credit"] != ""


def test_the_journal_has_every_entry_and_each_balances(asker: Asker) -> None:
    rows = asker.rows("JournalReport", start_date=str(START), end_date=str(END))
    entries = [entry for entry in asker.entries if START <= entry.date <= END]
    entries.sort(key=lambda entry: (entry.date, entry.number))
    for entry in entries:
        group = [rows.pop(0) for _ in entry.postings]
        assert [(row.ids["account_name"], side(row)) for row in group] == [
            (posting.account_id, posting.amount) for posting in entry.postings
        ]
        assert len({row.ids["txn_type"] for row in group}) == 1
        first, *others = group
        assert first.cells["tx_date"] == entry.date.isoformat()
        assert first.cells["txn_type"]
        assert {(row.cells["tx_date"], row.cells["txn_type"]) for row in others} <= {
            ("0-00-00", "")
        }
        summary, blank = rows.pop(0), rows.pop(0)
        assert summary.kind == "summary"
        assert summary.cells["debt_amt"] == summary.cells["credit_amt"]
        assert set(blank.cells.values()) == {""}
    assert rows == []


def test_transactions_have_the_names_quickbooks_shows(asker: Asker) -> None:
    kinds: set[str] = set()
    for row in postings(ledger(asker, EVER, TODAY)):
        kinds.add(row.cells["txn_type"])
    assert {
        *("Invoice", "Payment", "Bill", "Bill Payment (Check)", "Bill Payment (Credit Card)"),
        *("Check", "Expense", "Credit Card Expense", "Credit Card Credit", "Sales Receipt"),
        *("Refund", "Credit Memo", "Vendor Credit", "Journal Entry", "Deposit", "Transfer"),
        *("Credit Card Payment", "Inventory Qty Adjust", "Inventory Starting Value"),
        *("Payroll Check",),
    } <= kinds
    assert kinds.isdisjoint({"SalesReceipt", "CreditMemo", "Purchase", "JournalEntry"})


def test_names_lines_and_splits_come_with_their_ids(asker: Asker) -> None:
    rows = postings(ledger(asker, EVER, TODAY))
    by_id: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_id[row.cells["txn_type"], row.ids["txn_type"]].append(row)
    for invoice in asker.txns("Invoice"):
        legs = by_id["Invoice", invoice.id]
        assert invoice.party
        assert {row.ids["name"] for row in legs} == {invoice.party.ref.id}
        assert {row.ids["cust_name"] for row in legs} == {invoice.party.ref.id}
        assert {row.ids["vend_name"] for row in legs} == {""}
        assert {row.cells["doc_num"] for row in legs} == {invoice.number}
        items = sorted(row.ids["item_name"] for row in legs if row.ids["item_name"])
        assert items == sorted(
            leg.line.item.id for leg in invoice.entry.postings if isinstance(leg.line, ItemLine)
        )
        head = next(row for row in legs if row.ids["account_name"] == "5")
        assert head.cells["split_acc"] == "-Split-" or len(legs) == 2
        assert {row.ids["split_acc"] for row in legs if row is not head} == {"5"}
