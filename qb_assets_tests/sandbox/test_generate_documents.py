"""A generated company's documents agree with one another: totals, settlements, balances, links."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from qb_assets.sandbox.generate import GeneratedBooks, generate_books
from qb_assets_tests.sandbox.generated_postings import Doc, decimal, leaves, read

CENT = Decimal("0.01")
SALES = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt", "Estimate")
Records = dict[str, dict[str, Doc]]


@pytest.fixture(scope="module")
def books() -> GeneratedBooks:
    return generate_books(11, 700, date(2026, 6, 1), 365)


@pytest.fixture(scope="module")
def records(books: GeneratedBooks) -> Records:
    return read(books.company)


def amount(row: Doc, key: str = "Amount") -> Decimal:
    return decimal(row[key])


def total_by(rows: list[Doc], detail_type: str) -> Decimal:
    return sum((amount(row) for row in rows if row["DetailType"] == detail_type), Decimal())


def control_balance(books: GeneratedBooks, name: str) -> Decimal:
    return next(books.balances[row.id] for row in books.accounts if row.name == name)


@pytest.mark.parametrize("entity", SALES)
def test_lines_discount_and_taxes_make_the_total(records: Records, entity: str) -> None:
    for doc in records[entity].values():
        lines: list[Doc] = doc["Line"]
        subtotal = total_by(lines, "SubTotalLineDetail")
        assert subtotal == total_by(lines, "SalesItemLineDetail") + total_by(
            lines, "GroupLineDetail"
        )
        assert subtotal == total_by(leaves(lines), "SalesItemLineDetail")
        taxes: list[Doc] = doc["TxnTaxDetail"].get("TaxLine", [])
        tax = sum((amount(line) for line in taxes), Decimal())
        assert tax == amount(doc["TxnTaxDetail"], "TotalTax")
        assert subtotal - total_by(lines, "DiscountLineDetail") + tax == amount(doc, "TotalAmt")
        for line in taxes:
            detail = line["TaxLineDetail"]
            due = amount(detail, "NetAmountTaxable") * amount(detail, "TaxPercent") / 100
            assert amount(line) == due.quantize(CENT, ROUND_HALF_UP)


def test_a_line_is_quantity_times_price_rounded_to_the_cent(records: Records) -> None:
    odd_prices = 0
    for entity in SALES:
        for doc in records[entity].values():
            for line in leaves(doc["Line"]):
                detail: dict[str, Any] = line.get("SalesItemLineDetail", {})
                if "Qty" in detail:
                    product = amount(detail, "Qty") * amount(detail, "UnitPrice")
                    assert amount(line) == product.quantize(CENT, ROUND_HALF_UP)
                    odd_prices += amount(detail, "UnitPrice").as_tuple().exponent == -7
    assert odd_prices > 10


def test_bundle_lines_carry_the_sum_of_their_inner_lines(records: Records) -> None:
    bundles = [
        line
        for doc in records["Invoice"].values()
        for line in doc["Line"]
        if line["DetailType"] == "GroupLineDetail"
    ]
    assert bundles
    for line in bundles:
        inner: list[Doc] = line["GroupLineDetail"]["Line"]
        assert len(inner) == 4
        assert amount(line) == sum(amount(part) for part in inner)


def test_line_ids_are_unique_within_a_document(records: Records) -> None:
    for doc in records["Invoice"].values():
        every = [*doc["Line"], *(line for line in leaves(doc["Line"]) if line not in doc["Line"])]
        ids = [line["Id"] for line in every if "Id" in line]
        assert len(ids) == len(set(ids))


def settled(records: Records, payments: str) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for doc in records[payments].values():
        for line in doc["Line"]:
            link = line["LinkedTxn"][0]
            sums[link["TxnType"], link["TxnId"]] += amount(line)
    return sums


def test_balances_are_totals_less_what_payments_settled(records: Records) -> None:
    by_payments = settled(records, "Payment") | settled(records, "BillPayment")
    for entity in ("Invoice", "CreditMemo", "Bill", "VendorCredit"):
        states: set[str] = set()
        for doc_id, doc in records[entity].items():
            total, balance = amount(doc, "TotalAmt"), amount(doc, "Balance")
            assert balance == total - by_payments.get((entity, doc_id), Decimal())
            assert 0 <= balance <= total
            if entity == "CreditMemo":
                assert amount(doc, "RemainingCredit") == balance
            states.add("open" if balance == total else "part" if balance else "settled")
        assert "settled" in states
        assert entity not in ("Invoice", "Bill") or "open" in states
        assert entity != "Invoice" or "part" in states


def test_payments_say_what_they_did_not_use(records: Records) -> None:
    kinds: set[str] = set()
    for doc in records["Payment"].values():
        signed = Decimal()
        for line in doc["Line"]:
            charge = line["LinkedTxn"][0]["TxnType"] == "Invoice"
            signed += amount(line) if charge else -amount(line)
        assert amount(doc, "UnappliedAmt") == amount(doc, "TotalAmt") - signed
        if not amount(doc, "TotalAmt"):
            kinds.add("voided" if doc.get("PrivateNote") == "Voided" else "linking")
        elif amount(doc, "UnappliedAmt"):
            kinds.add("unapplied")
        else:
            kinds.add("several" if len(doc["Line"]) > 1 else "one")
    assert kinds == {"one", "several", "unapplied", "linking", "voided"}


def test_receivables_and_payables_are_what_is_open(books: GeneratedBooks, records: Records) -> None:
    def open_sum(entity: str, key: str = "Balance") -> Decimal:
        return sum((amount(doc, key) for doc in records[entity].values()), Decimal())

    owed = open_sum("Invoice") - open_sum("CreditMemo") - open_sum("Payment", "UnappliedAmt")
    assert owed == control_balance(books, "Accounts Receivable (A/R)")
    assert owed == open_sum("Customer")
    due = open_sum("Bill") - open_sum("VendorCredit")
    assert due == -control_balance(books, "Accounts Payable (A/P)")
    assert due == open_sum("Vendor")


def test_people_owe_and_are_owed_what_their_documents_say(records: Records) -> None:
    owed: dict[str, Decimal] = defaultdict(Decimal)
    keys = {"Invoice": "Balance", "CreditMemo": "Balance", "Payment": "UnappliedAmt"}
    for entity, key in keys.items():
        for doc in records[entity].values():
            sign = 1 if entity == "Invoice" else -1
            owed[doc["CustomerRef"]["value"]] += sign * amount(doc, key)
    whole = owed.copy()
    for customer_id, row in records["Customer"].items():
        assert amount(row, "Balance") == owed[customer_id]
        if row["Job"]:
            whole[row["ParentRef"]["value"]] += owed[customer_id]
    for customer_id, row in records["Customer"].items():
        assert amount(row, "BalanceWithJobs") == whole[customer_id]
    due: dict[str, Decimal] = defaultdict(Decimal)
    for entity, sign in (("Bill", 1), ("VendorCredit", -1)):
        for doc in records[entity].values():
            due[doc["VendorRef"]["value"]] += sign * amount(doc, "Balance")
    for vendor_id, row in records["Vendor"].items():
        assert amount(row, "Balance") == due[vendor_id]


def links_of(doc: Doc) -> set[tuple[str, str]]:
    """The (type, Id) pairs a document's header and lines are linked to."""
    found: set[tuple[str, str]] = set()
    for holder in (doc, *doc.get("Line", ())):
        for link in holder.get("LinkedTxn", ()):
            kind: str = link["TxnType"]
            found.add(("BillPayment" if kind.startswith("BillPayment") else kind, link["TxnId"]))
    return found


def test_links_lead_to_documents_that_link_back(records: Records) -> None:
    # Time is linked from the invoice only, a charge does not name its bill, and a credit memo not
    # the payment that used it, as at Intuit.
    one_way = {("Invoice", "TimeActivity"), ("Bill", "ReimburseCharge"), ("Payment", "CreditMemo")}
    pairs: set[tuple[str, str]] = set()
    for entity, rows in records.items():
        for doc_id, doc in rows.items():
            for kind, other in links_of(doc):
                assert other in records[kind], (entity, doc_id, kind, other)
                pairs.add((entity, kind))
                if (entity, kind) not in one_way:
                    assert (entity, doc_id) in links_of(records[kind][other])
    assert {
        ("Invoice", "Payment"),
        ("Invoice", "Estimate"),
        ("Invoice", "TimeActivity"),
        ("Invoice", "ReimburseCharge"),
        ("Payment", "Deposit"),
        ("SalesReceipt", "Deposit"),
        ("Payment", "CreditMemo"),
        ("Bill", "BillPayment"),
        ("VendorCredit", "BillPayment"),
        ("PurchaseOrder", "Bill"),
    } <= pairs


def test_deposits_are_their_lines_less_the_cash_taken_back(records: Records) -> None:
    with_cash_back = 0
    for doc in records["Deposit"].values():
        back = amount(doc["CashBack"]) if "CashBack" in doc else Decimal()
        with_cash_back += "CashBack" in doc
        assert amount(doc, "TotalAmt") == sum(amount(line) for line in doc["Line"]) - back
        for line in doc["Line"]:
            for link in line.get("LinkedTxn", ()):
                assert amount(line) == amount(records[link["TxnType"]][link["TxnId"]], "TotalAmt")
    assert with_cash_back


def test_voided_documents_are_zero_throughout(records: Records) -> None:
    voided = {
        (entity, doc_id): doc
        for entity, rows in records.items()
        for doc_id, doc in rows.items()
        if str(doc.get("PrivateNote", "")).startswith("Voided")
    }
    assert {"Invoice", "Bill", "Purchase", "Payment"} <= {entity for entity, _ in voided}
    for doc in voided.values():
        assert amount(doc, "TotalAmt") == 0
        assert all(amount(line) == 0 for line in leaves(doc["Line"]))
        assert int(doc["SyncToken"]) > 0
