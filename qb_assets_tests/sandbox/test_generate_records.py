"""A generated company's records: every entity, QuickBooks' fields, times, names, determinism."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from qb_assets.sandbox.company import Company, record_from
from qb_assets.sandbox.generate import generate_company
from qb_assets_tests.sandbox.generated_postings import Doc, read

TODAY = date(2026, 6, 1)
_ENTITIES = (
    "Account Attachable Bill BillPayment Budget Class CompanyInfo CreditCardPayment CreditMemo "
    "Customer CustomerType Department Deposit Employee Estimate InventoryAdjustment Invoice Item "
    "JournalEntry Payment PaymentMethod Preferences Purchase PurchaseOrder RecurringTransaction "
    "RefundReceipt ReimburseCharge SalesReceipt TaxAgency TaxCode TaxRate Term TimeActivity "
    "Transfer Vendor VendorCredit"
)
ENTITIES = _ENTITIES.split()
_SHARED_COUNTER = (
    "Bill BillPayment CreditCardPayment CreditMemo Deposit Estimate InventoryAdjustment Invoice "
    "JournalEntry Payment Purchase PurchaseOrder RecurringTransaction RefundReceipt "
    "ReimburseCharge SalesReceipt Transfer VendorCredit"
)
SHARED_COUNTER = _SHARED_COUNTER.split()
CONTRACT_NAMES = {"CreditCardPayment": "CreditCardPaymentTxn"}


@pytest.fixture(scope="module")
def company() -> Company:
    return generate_company(5, 300, TODAY)


@pytest.fixture(scope="module")
def records(company: Company) -> dict[str, dict[str, Doc]]:
    return read(company)


def digest(company: Company) -> str:
    whole = hashlib.sha256()
    for entity, rows in company.records.items():
        for row in rows:
            whole.update(f"{entity} {row.id} {row.updated} ".encode() + row.body)
    return whole.hexdigest()


@pytest.mark.parametrize(("invoices", "days"), [(1, 1), (1, 365), (40, 2), (200, 400)])
def test_every_entity_has_rows_at_any_size(invoices: int, days: int) -> None:
    company = generate_company(8, invoices, TODAY, days)
    assert sorted(company.records) == sorted(ENTITIES)
    assert all(company.records.values())
    assert len(company.records["Invoice"]) == invoices


def test_same_arguments_give_the_same_bytes_in_any_process(company: Company) -> None:
    code = (
        "from datetime import date\n"
        "from qb_assets.sandbox.generate import generate_company\n"
        "from qb_assets_tests.sandbox.test_generate_records import digest\n"
        "print(digest(generate_company(5, 300, date(2026, 6, 1))))\n"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == digest(company)


def test_another_seed_is_another_company(company: Company) -> None:
    other = generate_company(6, 300, TODAY)
    assert digest(other) != digest(company)
    assert other.realm_id != company.realm_id


def test_nonsense_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="0 invoices"):
        generate_company(1, 0, TODAY)
    with pytest.raises(ValueError, match="over 0 days"):
        generate_company(1, 10, TODAY, 0)


def test_today_defaults_to_the_pacific_date() -> None:
    before = datetime.now(ZoneInfo("America/Los_Angeles"))
    latest = max(row.updated for row in generate_company(1, 20).records["Invoice"] if row.updated)
    assert 0 <= (before - latest).total_seconds() < 2 * 86_400


def test_ids_and_times_are_those_of_the_bodies(company: Company) -> None:
    for entity, rows in company.records.items():
        ids = [row.id for row in rows]
        assert len(ids) == len(set(ids)), entity
        for row in rows:
            assert record_from(entity, row.body) == row
    shared = [row.id for entity in SHARED_COUNTER for row in company.records[entity]]
    assert len(shared) == len(set(shared))
    people = [
        row.id for entity in ("Customer", "Vendor", "Employee") for row in company.records[entity]
    ]
    assert len(people) == len(set(people))


def test_times_are_pacific_after_the_business_day_and_before_today(
    records: dict[str, dict[str, Doc]],
) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    midnight = datetime(2026, 6, 1, tzinfo=zone)
    offsets: set[str] = set()
    for entity, rows in records.items():
        for doc in rows.values():
            inner = next(iter(doc.values())) if entity == "RecurringTransaction" else doc
            created, updated = (
                datetime.fromisoformat(inner["MetaData"][key])
                for key in ("CreateTime", "LastUpdatedTime")
            )
            assert created <= updated < midnight
            assert updated.utcoffset() == updated.astimezone(zone).utcoffset()
            offsets.add(inner["MetaData"]["LastUpdatedTime"][-6:])
            assert created.date().isoformat() >= inner.get("TxnDate", "")
    assert offsets == {"-08:00", "-07:00"}


def test_updates_are_spread_over_the_days_up_to_the_last(company: Company) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    every = [row for rows in company.records.values() for row in rows if row.updated]
    days = {row.updated.astimezone(zone).date() for row in every if row.updated}
    assert {date(2026, 5, 31), date(2026, 5, 30), date(2026, 5, 29)} <= days
    assert len(days) > 200
    assert date(2026, 6, 1) not in days


def test_paying_an_invoice_touches_it_and_leaves_its_sync_token(
    records: dict[str, dict[str, Doc]],
) -> None:
    moved = 0
    for doc in records["Payment"].values():
        for line in doc["Line"]:
            link = line["LinkedTxn"][0]
            charge = records[link["TxnType"]][link["TxnId"]]
            paid, updated = (
                datetime.fromisoformat(meta)
                for meta in (doc["MetaData"]["CreateTime"], charge["MetaData"]["LastUpdatedTime"])
            )
            assert updated >= paid
            moved += (
                charge["SyncToken"] == "0"
                and updated.date() > datetime.fromisoformat(charge["MetaData"]["CreateTime"]).date()
            )
    assert moved > 50


def test_awkward_names_and_inactive_rows_are_there(records: dict[str, dict[str, Doc]]) -> None:
    customers = records["Customer"].values()
    names = " ".join(row["DisplayName"] for row in customers)
    for part in ('"Green Thumb"', "'s ", "庭園", "=2+5+cmd|", "\\", "🌻"):
        assert part in names
    assert any(row["Job"] and ":" in row["FullyQualifiedName"] for row in customers)
    for entity in ("Account", "Customer", "Vendor", "Employee", "Item", "Class", "Department"):
        inactive = [row for row in records[entity].values() if not row["Active"]]
        assert inactive, entity
        for row in inactive:
            assert row.get("DisplayName", row.get("Name", "")).endswith(" (deleted)")
    kinds = {row["Type"] for row in records["Item"].values()}
    assert kinds == {"Service", "NonInventory", "Inventory", "Group", "Category"}


def test_purchases_come_in_every_kind(records: dict[str, dict[str, Doc]]) -> None:
    kinds = {(row["PaymentType"], row.get("Credit")) for row in records["Purchase"].values()}
    assert kinds == {("Check", None), ("Cash", None), ("CreditCard", False), ("CreditCard", True)}
    paid_by = {row["PayType"] for row in records["BillPayment"].values()}
    assert paid_by == {"Check", "CreditCard"}


def test_number_literals_and_key_order_are_mixed(company: Company) -> None:
    bodies = [row.body.decode() for row in company.records["Invoice"]]
    totals = [match[1] for body in bodies if (match := re.search(r'"TotalAmt":([\d.]+)', body))]
    assert any(re.fullmatch(r"\d+", text) for text in totals)
    assert any(re.fullmatch(r"\d+\.0", text) for text in totals)
    assert any(re.fullmatch(r"\d+\.\d", text) and text[-1] != "0" for text in totals)
    assert any(re.fullmatch(r"\d+\.\d\d", text) for text in totals)
    assert len({next(iter(json.loads(body))) for body in bodies}) > 1


def test_a_larger_company_is_mostly_invoices_and_payments() -> None:
    started = time.perf_counter()
    company = generate_company(2, 4000, TODAY)
    took = time.perf_counter() - started
    invoices = len(company.records["Invoice"])
    payments = len(company.records["Payment"])
    others = sum(len(company.records[name]) for name in SHARED_COUNTER) - invoices - payments
    assert 0.4 * invoices < payments < 0.65 * invoices
    assert others < 0.2 * invoices
    assert len(company.records["Customer"]) == invoices // 10
    lines = sum(len(json.loads(row.body)["Line"]) for row in company.records["Invoice"])
    assert 4.7 < lines / invoices < 5.3
    assert took < 15


class Contract:
    """The known fields: those of Intuit's schema, and those seen in recorded records."""

    def __init__(self, folder: Path) -> None:
        self.types: dict[str, Any] = json.loads((folder / "qbo_contract.json").read_bytes())[
            "types"
        ]
        self.seen: set[tuple[str, str]] = set()
        for file in sorted((folder / "company").glob("*.json")):
            for row in json.loads(file.read_bytes()):
                self._see(file.stem, row)

    def _see(self, path: str, value: Any) -> None:
        for key, inner in children(value):
            self.seen.add((path, key))
            self._see(f"{path}.{key}", inner)

    def fields(self, name: str | None) -> dict[str, str]:
        known: dict[str, str] = {}
        while name in self.types:
            known |= {field["name"]: field["type"] for field in self.types[name]["fields"]}
            if name == "ReferenceType":
                known["value"] = "id"
            name = self.types[name]["base"]
        return known

    def unknown(self, path: str, type_name: str, value: Any) -> list[str]:
        found: list[str] = []
        known = self.fields(type_name)
        for key, inner in children(value):
            if key in known:
                found += self.unknown(f"{path}.{key}", known[key], inner)
            elif (path, key) not in self.seen and type_name != "IntuitAnyType":
                found.append(f"{path}.{key}")
        return found


def children(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [pair for inner in cast("list[Any]", value) for pair in children(inner)]
    return list(cast(Doc, value).items()) if isinstance(value, dict) else []


def test_every_field_is_one_of_quickbooks(
    company: Company, shared_data: Path, records: dict[str, dict[str, Doc]]
) -> None:
    contract = Contract(shared_data)
    assert contract.unknown("Invoice", "Invoice", {"Nonsense": 1}) == ["Invoice.Nonsense"]
    unknown: set[str] = set()
    for entity in company.records:
        for doc in records[entity].values():
            if entity == "RecurringTransaction":
                for kind, inner in doc.items():
                    unknown |= set(contract.unknown(kind, kind, inner))
            else:
                unknown |= set(contract.unknown(entity, CONTRACT_NAMES.get(entity, entity), doc))
    assert unknown == set()


def test_recorded_fields_are_nearly_all_there(
    shared_data: Path, records: dict[str, dict[str, Doc]]
) -> None:
    for entity in ("Invoice", "Payment", "Bill", "Account", "Deposit", "Purchase"):
        recorded = json.loads((shared_data / "company" / f"{entity}.json").read_bytes())
        # Every recorded customer has an e-mail address; one in ten generated customers has none.
        usual = set[str].intersection(*(set(row) for row in recorded)) - {"BillEmail"}
        assert usual
        for doc in records[entity].values():
            assert usual <= set(doc), entity
