"""Whether a company's records agree with its ledger: every balance, by every way to work it out."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from qb_assets.sandbox.books import Books
from qb_assets.sandbox.generate.model import HOME, Account, Party
from qb_assets.sandbox.generate.world import World
from qb_assets_tests.sandbox.generated_postings import Doc, PostingRules, decimal

Records = dict[str, dict[str, Doc]]
CENT = Decimal("0.01")
RECEIVED = {
    "Invoice": ("Balance", 1),
    "CreditMemo": ("Balance", -1),
    "Payment": ("UnappliedAmt", -1),
}
OWED = {"Bill": ("Balance", 1), "VendorCredit": ("Balance", -1)}


def world_of(books: Books) -> World:
    assert books.world is not None
    return books.world


def served(books: Books) -> Records:
    """What the sandbox serves: every record by entity and Id, numbers as exact decimals."""
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    entities = [*world_of(books).documents, "Account", "Customer", "Vendor", "Item", "TaxRate"]
    entities += ["TaxAgency"]
    found: Records = {}
    for entity in entities:
        shelf = books.shelf(entity)
        assert shelf is not None
        rows = [row.record for row in shelf.rows.values()]
        found[entity] = {row.id: decoder.decode(row.body) for row in rows}
    return found


def dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def prove(books: Books) -> None:
    """Assert all that must hold between the ledger and the records."""
    world, records = world_of(books), served(books)
    prove_ledger(world)
    prove_accounts(world, records)
    prove_people(world, records)
    prove_settlements(records)
    prove_controls(world, records)
    prove_stock(world, records)
    prove_links(records)
    prove_postings(world, records)


def prove_ledger(world: World) -> None:
    sums: dict[str, int] = defaultdict(int)
    foreign: dict[str, int] = defaultdict(int)
    numbers = [entry.number for entry in world.ledger.entries]
    assert numbers == sorted(set(numbers))
    for entry in world.ledger.entries:
        assert sum(leg.cents for leg in entry.postings) == 0, entry
        abroad = entry.currency != HOME
        assert abroad == any(leg.foreign is not None for leg in entry.postings), entry
        # What has no foreign amount in a foreign entry is the cost of stock.
        bare = [leg for leg in entry.postings if abroad and leg.foreign is None]
        assert {leg.role for leg in bare} <= {"cost", "stock"}
        assert sum(leg.foreign or 0 for leg in entry.postings) == 0, entry
        for leg in entry.postings:
            sums[leg.account_id] += leg.cents
            foreign[leg.account_id] += leg.foreign or 0
    for account_id in sums | world.ledger.balances:
        assert sums[account_id] == world.ledger.balances.get(account_id, 0)
        assert foreign[account_id] == world.ledger.foreign.get(account_id, 0)
    entries = {(entry.doc_entity, entry.doc_id): entry for entry in world.ledger.entries}
    for txns in world.documents.values():
        for txn in txns:
            if txn.entry.number:
                assert entries[txn.entity, txn.id] is txn.entry
                assert txn.entry.date == world.calendar.date(txn.day)


def balance_of(world: World, account: Account) -> Decimal:
    kept = world.ledger.balances if account.currency == HOME else world.ledger.foreign
    return dollars(kept.get(account.id, 0))


def prove_accounts(world: World, records: Records) -> None:
    rows = records["Account"]
    assert set(rows) == {account.id for account in world.accounts.values()}
    for account in world.accounts.values():
        expected = balance_of(world, account) if account.on_balance_sheet else Decimal()
        assert decimal(rows[account.id]["CurrentBalance"]) == expected, account.name
        assert rows[account.id]["CurrencyRef"]["value"] == account.currency


def prove_people(world: World, records: Records) -> None:
    """A person's balance is what the control postings say and what the documents say."""
    for entity, ways in (("Customer", RECEIVED), ("Vendor", OWED)):
        said: dict[str, Decimal] = defaultdict(Decimal)
        for kind, (key, sign) in ways.items():
            for doc in records[kind].values():
                said[doc[f"{entity}Ref"]["value"]] += sign * decimal(doc[key])
        if entity == "Vendor":
            for payment in records["BillPayment"].values():
                said[payment["VendorRef"]["value"]] -= unapplied(payment)
        for party in world.customers if entity == "Customer" else world.vendors:
            row = records[entity][party.ref.id]
            assert decimal(row["Balance"]) == said[party.ref.id], party.display
            assert decimal(row["Balance"]) == owed_by(world, party)
            assert row["CurrencyRef"]["value"] == party.currency


def owed_by(world: World, party: Party) -> Decimal:
    cents = 0
    for entry in world.ledger.entries:
        for leg in entry.postings:
            if (
                leg.role == "control"
                and leg.name_ref == party.ref
                and leg.account_id == party.control
            ):
                cents += leg.stated
    return dollars(cents if party.ref.entity == "Customer" else -cents)


def unapplied(payment: Doc) -> Decimal:
    """What a payment has not used: its total and the credits it took, less what it settled."""
    left = decimal(payment["TotalAmt"])
    for line in payment["Line"]:
        credit = line["LinkedTxn"][0]["TxnType"] in ("CreditMemo", "VendorCredit")
        left += decimal(line["Amount"]) if credit else -decimal(line["Amount"])
    assert 0 <= left <= decimal(payment["TotalAmt"])
    return left


def prove_settlements(records: Records) -> None:
    settled: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entity in ("Payment", "BillPayment"):
        for payment in records[entity].values():
            if entity == "Payment":
                assert decimal(payment["UnappliedAmt"]) == unapplied(payment)
            for line in payment["Line"]:
                link = line["LinkedTxn"][0]
                settled[link["TxnType"], link["TxnId"]] += decimal(line["Amount"])
    for entity in ("Invoice", "CreditMemo", "Bill", "VendorCredit"):
        for doc_id, doc in records[entity].items():
            left = decimal(doc["TotalAmt"]) - settled.pop((entity, doc_id), Decimal())
            assert decimal(doc["Balance"]) == left, (entity, doc_id)
            assert 0 <= left <= decimal(doc["TotalAmt"])
            if "HomeBalance" in doc:
                home = (left * decimal(doc["ExchangeRate"])).quantize(CENT, ROUND_HALF_UP)
                assert decimal(doc["HomeBalance"]) == home
    assert not settled


def home_value(doc: Doc, amount: Decimal) -> Decimal:
    return (amount * decimal(doc.get("ExchangeRate", 1))).quantize(CENT, ROUND_HALF_UP)


def prove_controls(world: World, records: Records) -> None:
    """Receivable and payable accounts are, in home currency, what is open of the documents."""
    worth: dict[str, Decimal] = defaultdict(Decimal)
    parties = {party.ref: party.control for party in (*world.customers, *world.vendors)}
    for txns in world.documents.values():
        for txn in txns:
            doc = records[txn.entity][txn.id]
            control = parties.get(txn.party.ref, "") if txn.party else ""
            if txn.entity in RECEIVED:
                key, sign = RECEIVED[txn.entity]
                worth[control] += sign * home_value(doc, decimal(doc[key]))
            elif txn.entity in OWED:
                key, sign = OWED[txn.entity]
                worth[control] -= sign * home_value(doc, decimal(doc[key]))
            elif txn.entity == "BillPayment":
                worth[control] += home_value(doc, unapplied(doc))
    for account in world.accounts.values():
        if account.kind in ("Accounts Receivable", "Accounts Payable"):
            assert worth[account.id] == dollars(world.ledger.balances.get(account.id, 0)), account


def prove_stock(world: World, records: Records) -> None:
    worth = 0
    for item in world.stocked:
        row = records["Item"][item.id]
        assert decimal(row["QtyOnHand"]) == dollars(world.stock.on_hand(item))
        worth += world.stock.worth(item)
    asset = world.accounts["inventory"].id
    assert worth == world.ledger.balances.get(asset, 0)


def prove_links(records: Records) -> None:
    """No document links to one that is gone, and deposits bring what their receipts are."""
    for entity, rows in records.items():
        for doc_id, doc in rows.items():
            for holder in (doc, *doc.get("Line", ())):
                for link in holder.get("LinkedTxn", ()):
                    kind = "BillPayment" if "BillPayment" in link["TxnType"] else link["TxnType"]
                    assert link["TxnId"] in records[kind], (entity, doc_id, link)
    for doc in records["Deposit"].values():
        back = decimal(doc["CashBack"]["Amount"]) if "CashBack" in doc else Decimal()
        whole = sum((decimal(line["Amount"]) for line in doc["Line"]), Decimal())
        assert decimal(doc["TotalAmt"]) == whole - back
        for line in doc["Line"]:
            for link in line.get("LinkedTxn", ()):
                receipt = records[link["TxnType"]][link["TxnId"]]
                assert decimal(line["Amount"]) == decimal(receipt["TotalAmt"])


def prove_postings(world: World, records: Records) -> None:
    """The posting rules, applied to the documents alone, give the ledger's entries."""
    rules = PostingRules(records)
    for entry in world.ledger.entries:
        if entry.doc_entity in (None, "InventoryAdjustment") or entry.doc_id is None:
            continue
        sale = entry.doc_entity in ("Invoice", "SalesReceipt")
        expected: dict[str, Decimal] = defaultdict(Decimal)
        for leg in entry.postings:
            if not (sale and leg.role in ("cost", "stock")):
                expected[leg.account_id] += dollars(leg.stated)
        doc = records[entry.doc_entity][entry.doc_id]
        said = rules.legs(entry.doc_entity, doc)
        assert said == {key: cents for key, cents in expected.items() if cents}, (entry, doc)
        assert doc["TxnDate"] == entry.date.isoformat()
        assert doc["CurrencyRef"]["value"] == entry.currency
