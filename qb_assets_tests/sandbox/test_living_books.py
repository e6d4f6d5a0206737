"""Voids, deletes and un-deletes of a generated company are made in its ledger, and all follows."""

import re
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random

import pytest
from msgspec import Raw

from qb_assets.sandbox.amendments import Amend
from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import Profile, generate_company
from qb_assets.sandbox.generate.amending import amendable
from qb_assets.sandbox.generate.model import ItemLine, Txn
from qb_assets_tests.sandbox.generated_postings import Doc, decimal
from qb_assets_tests.sandbox.ledger_proof import prove, served, world_of

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)


def books_of(seed: int, profile: str = "") -> Books:
    company = generate_company(seed, 60, TODAY, 120, Profile.parse(profile, seed))
    return Books(company, Clock("America/Los_Angeles", NOW, frozen=True))


@pytest.fixture
def books() -> Books:
    return books_of(7)


OFTEN = ["Invoice", "Bill", "Purchase", "SalesReceipt", "CreditMemo", "VendorCredit"]
SELDOM = ["RefundReceipt", "Estimate", "JournalEntry", "Deposit", "Payment", "BillPayment"]
REFUSALS = re.compile("is voided|was deposited|lines: an amount")


def amend_somehow(books: Books, txn: Txn, dice: Random) -> bool:
    """Edit a date, or a line's quantity, price, amount or account; False where that is refused."""
    lines = amendable(txn)
    day = world_of(books).calendar.date(dice.randrange(100))
    asked = Amend(txn.entity, txn.id, txn_date=day if dice.random() < 0.4 or not lines else None)
    if lines:
        place = dice.randrange(len(lines))
        item = isinstance(lines[place].line, ItemLine)
        asked.line = place + 1
        if item:
            asked.quantity = Decimal(dice.randrange(1, 4000)).scaleb(-2)
            asked.unit_price = dice.choice([None, Decimal(dice.randrange(10**9)).scaleb(-7)])
        else:
            asked.amount = Decimal(dice.randrange(90_000)).scaleb(-2)
        if (txn.entity == "Invoice" or not item) and dice.random() < 0.3:
            asked.account = world_of(books).account(dice.choice(["pest", "miscellaneous", "loan"]))
    try:
        record = books.amend(asked)
    except ValueError as error:
        if REFUSALS.search(str(error)) is None:
            raise
        return False
    assert asked.txn_date is None or asked.txn_date.isoformat().encode() in record.body
    return True


FULL = "multi_currency=true,several_controls=true,departments=0.8,deletes=true,late_edits=true"


@pytest.mark.parametrize(("seed", "profile"), [(1, ""), (2, FULL), (3, "multi_currency=true")])
def test_any_write_leaves_all_balances_right(seed: int, profile: str) -> None:
    books, dice = books_of(seed, profile), Random(seed)
    prove(books)
    deleted: list[tuple[str, str]] = []
    done: Counter[str] = Counter()
    for step in range(150):
        world = world_of(books)
        entity = dice.choice([name for name, txns in world.documents.items() if txns])
        identity = dice.choice(world.documents[entity]).id
        way = dice.choice(["void", "delete", "delete", "restore", *["amend"] * 4])
        if way == "restore" and deleted:
            books.restore(*deleted.pop(dice.randrange(len(deleted))))
        elif way == "void":
            books.void(entity, identity)
        elif way == "amend":
            there = [name for name in OFTEN * 3 + SELDOM if world.documents[name]]
            txn = dice.choice(world.documents[dice.choice(there)])
            if not amend_somehow(books, txn, dice):
                way = "refused"
        else:
            books.delete(entity, identity)
            deleted.append((entity, identity))
        done[way] += 1
        if step % 10 == 9:
            prove(books)
    for each in reversed(deleted):
        books.restore(*each)
    prove(books)
    assert min(done[way] for way in ("void", "delete", "restore", "amend")) > 5


def rows(books: Books, entity: str) -> dict[str, Doc]:
    return served(books)[entity]


def amount(doc: Doc, key: str) -> Decimal:
    return decimal(doc[key])


def paid_invoice(books: Books, *, deposited: bool) -> tuple[str, str]:
    """An invoice that one payment has settled, and the payment."""
    for payment_id, payment in rows(books, "Payment").items():
        links = [line["LinkedTxn"][0] for line in payment["Line"]]
        if bool(payment.get("LinkedTxn")) == deposited and len(links) == 1:
            return links[0]["TxnId"], payment_id
    raise LookupError("no payment of one invoice")


def test_deleting_a_payment_opens_its_invoice_again(books: Books) -> None:
    invoice_id, payment_id = paid_invoice(books, deposited=False)
    before, payment = rows(books, "Invoice")[invoice_id], rows(books, "Payment")[payment_id]
    customer_id = before["CustomerRef"]["value"]
    owed = amount(rows(books, "Customer")[customer_id], "Balance")
    at = NOW - timedelta(hours=1)
    books.delete("Payment", payment_id, at)
    after = rows(books, "Invoice")[invoice_id]
    paid = amount(payment, "TotalAmt")
    assert amount(after, "Balance") == amount(before, "Balance") + paid
    assert {"TxnId": payment_id, "TxnType": "Payment"} in before["LinkedTxn"]
    assert {"TxnId": payment_id, "TxnType": "Payment"} not in after["LinkedTxn"]
    assert after["SyncToken"] == before["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] == "2026-06-01T12:00:00-07:00"
    customer = rows(books, "Customer")[customer_id]
    assert amount(customer, "Balance") == owed + paid
    assert customer["MetaData"]["LastUpdatedTime"] == "2026-06-01T12:00:00-07:00"
    books.restore("Payment", payment_id)
    again = rows(books, "Invoice")[invoice_id]
    assert {**again, "MetaData": 0} == {**before, "MetaData": 0}
    prove(books)


def test_a_deposited_payment_is_taken_out_of_its_deposit(books: Books) -> None:
    _, payment_id = paid_invoice(books, deposited=True)
    payment = rows(books, "Payment")[payment_id]
    deposit_id = payment["LinkedTxn"][0]["TxnId"]
    before = rows(books, "Deposit")[deposit_id]
    books.void("Payment", payment_id)
    after = rows(books, "Deposit")[deposit_id]
    assert amount(after, "TotalAmt") == amount(before, "TotalAmt") - amount(payment, "TotalAmt")
    assert len(after["Line"]) == len(before["Line"]) - 1
    gone = rows(books, "Payment")[payment_id]
    assert (gone["TotalAmt"], gone["Line"], gone.get("LinkedTxn")) == (0, [], None)
    assert (gone["PrivateNote"], gone["SyncToken"]) == ("Voided", "1")
    prove(books)


@pytest.mark.parametrize("way", ["void", "delete"])
def test_an_invoice_that_is_gone_leaves_its_payment_unapplied(books: Books, way: str) -> None:
    invoice_id, payment_id = paid_invoice(books, deposited=True)
    payment = rows(books, "Payment")[payment_id]
    (books.void if way == "void" else books.delete)("Invoice", invoice_id)
    after = rows(books, "Payment")[payment_id]
    assert amount(after, "TotalAmt") == amount(payment, "TotalAmt") == after["UnappliedAmt"]
    assert after["Line"] == []
    if way == "void":
        invoice = rows(books, "Invoice")[invoice_id]
        assert (invoice["TotalAmt"], invoice["Balance"], invoice["LinkedTxn"]) == (0, 0, [])
    prove(books)


def test_a_purchase_of_stock_that_is_gone_changes_what_the_sales_cost(books: Books) -> None:
    world = world_of(books)
    asset, cogs = (world.accounts[key].id for key in ("inventory", "cogs"))
    bill = next(
        bill
        for bill in world.documents["Bill"]
        if any(leg.role == "stock" for leg in bill.entry.postings)
    )
    [line] = [leg.line for leg in bill.entry.postings if isinstance(leg.line, ItemLine)]
    item = line.item
    before = {key: world.ledger.balances[key] for key in (asset, cogs)}
    on_hand = amount(rows(books, "Item")[item.id], "QtyOnHand")
    books.delete("Bill", bill.id)
    moved = {key: world.ledger.balances[key] - was for key, was in before.items()}
    assert moved[asset] + moved[cogs] == -bill.total
    assert rows(books, "Item")[item.id]["QtyOnHand"] == on_hand - Decimal(line.quantity) / 100
    prove(books)
    books.restore("Bill", bill.id)
    assert {key: world.ledger.balances[key] for key in (asset, cogs)} == before


def test_an_edit_of_a_record_alone_survives_and_leaves_the_ledger(books: Books) -> None:
    invoice_id, payment_id = paid_invoice(books, deposited=False)
    world = world_of(books)
    balances = dict(world.ledger.balances)
    books.update("Invoice", invoice_id, {"TotalAmt": Raw(b"1.23")})
    assert world.ledger.balances == balances
    books.delete("Payment", payment_id)
    assert rows(books, "Invoice")[invoice_id]["TotalAmt"] == Decimal("1.23")


def test_what_only_the_records_know_can_still_go(books: Books) -> None:
    balances = dict(world_of(books).ledger.balances)
    made = books.create("Invoice", {"TotalAmt": Raw(b"5"), "TxnDate": Raw(b'"2026-05-01"')})
    books.void("Invoice", made.id)
    books.delete("Invoice", made.id)
    books.restore("Invoice", made.id)
    customer = next(iter(rows(books, "Customer")))
    books.delete("Customer", customer)
    assert world_of(books).ledger.balances == balances
