"""What the catalog says of how entities are asked for, against Intuit's documents."""

import json
from pathlib import Path

from qb_assets.catalog import ENTITIES, Kind, column_at, entity, tables_of

NAMES = (
    "Account Attachable Bill BillPayment Budget Class CompanyCurrency CompanyInfo "
    "CreditCardPayment CreditMemo Customer CustomerType Department Deposit Employee Estimate "
    "ExchangeRate InventoryAdjustment Invoice Item JournalCode JournalEntry Payment PaymentMethod "
    "Preferences Purchase PurchaseOrder RecurringTransaction RefundReceipt ReimburseCharge "
    "SalesReceipt TaxAgency TaxCode TaxRate Term TimeActivity Transfer Vendor VendorCredit"
)


def test_every_entity_is_there() -> None:
    assert set(NAMES.split()) <= set(ENTITIES)


def test_change_data_capture_is_not_asked_for_what_it_does_not_cover() -> None:
    covered = {each.name for each in ENTITIES.values() if each.cdc}
    assert not covered & {"JournalCode", "TaxAgency", "TaxCode", "TaxRate", "TimeActivity"}
    assert {"Invoice", "Payment", "JournalEntry", "Customer", "Account"} <= covered


def test_soft_deleted_entities_are_asked_for_with_their_inactive_rows() -> None:
    for each in ENTITIES.values():
        if each.delete == "soft":
            assert each.active_filter, each.name
        if each.active_filter:
            assert "active" in {column.name for column in tables_of(each)[0].columns}


def test_what_is_peculiar_to_one_entity() -> None:
    assert entity("CreditCardPayment").json_key == "CreditCardPaymentTxn"
    assert entity("Invoice").json_key == "Invoice"
    assert entity("Item").select_extra == ("Sku",)
    assert entity("RecurringTransaction").wrapped
    assert entity("CompanyInfo").singleton
    assert entity("Preferences").singleton
    assert not entity("Invoice").singleton
    assert "TempDownloadUri" in entity("Attachable").volatile


def test_amounts_are_decimals_of_the_record() -> None:
    for each in ENTITIES.values():
        for name in each.amounts if each.fields else ():
            table, column = column_at(each, (name,))
            assert table.name == each.table
            assert column.kind is Kind.DECIMAL


def test_every_record_in_the_recorded_company_has_its_key(shared_data: Path) -> None:
    for file in (shared_data / "company").glob("*.json"):
        for record in json.loads(file.read_text()):
            assert all(name in record for name in ENTITIES[file.stem].key)


def test_filters_on_active_are_documented(shared_data: Path) -> None:
    documented = json.loads((shared_data / "qbo_entities.json").read_text())
    for each in ENTITIES.values():
        filterable = documented.get(each.name, {}).get("filterable", [])
        if each.active_filter and filterable:
            assert each.name in ("Vendor", "Customer", "Account") or "Active" in filterable
