"""What became of a record, from its raw object on: live, inactive, voided, deleted, merged."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qb_assets.catalog import ENTITIES, Entity, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.checks import QUARANTINE, VALID, Examination, examine
from qb_assets.normalized.read import slices
from qb_assets.partitions import CompanyDays
from qb_assets.quickbooks.envelope import Fetched, fetched
from qb_assets.raw.records import DELETED, MERGED, raw_table

DAY = date(2026, 5, 4)
SCOPE = CompanyDays("7", (DAY,))
MOMENT = "2026-05-04T10:00:00-07:00"
FETCHED = datetime(2026, 5, 9, tzinfo=timezone.utc)
INVOICE, CUSTOMER = ENTITIES["Invoice"], ENTITIES["Customer"]
LINE = {"DetailType": "SalesItemLineDetail", "LinkedTxn": [{"TxnId": "5"}]}
NOTHING, FIVE = [{"Amount": 0, **LINE}], [{"Amount": 5, **LINE}]


class Normalized:
    """One day of an entity, fetched into a lake and normalized."""

    def __init__(self, folder: Path, entity: Entity) -> None:
        self.lake = Lake.open(str(folder))
        self.entity = entity
        self._fetches = 0

    def land(self, *records: dict[str, Any] | Fetched, gone: str = DELETED) -> None:
        """Makes a raw object of records, some of which may be fetched already."""
        rows = [
            record if isinstance(record, Fetched) else fetched(self._row(record), self.entity)
            for record in records
        ]
        at = FETCHED + timedelta(minutes=self._fetches)
        table = raw_table(rows, source="query", extracted_at=at, gone=gone)
        name = f"fetch{self._fetches}"
        self._fetches += 1
        path = layout.raw_object(self.entity.table, "7", DAY, name)
        self.lake.create(path, parquet.encode(table))
        build(self.lake, self.entity, SCOPE)

    def _row(self, record: dict[str, Any]) -> bytes:
        whole = {**record, "MetaData": {"LastUpdatedTime": MOMENT}}
        return json.dumps({"Bill": whole} if self.entity.wrapped else whole).encode()

    def rows(self, table: str) -> list[dict[str, Any]]:
        found = self.lake.list(f"normalized/{table}")
        return [
            row for each in found for row in parquet.decode(self.lake.read(each.path)).to_pylist()
        ]

    def examined(self) -> Examination:
        return examine(self.entity, slices(self.lake, self.entity, [SCOPE]))


def states(rows: Sequence[dict[str, Any]], key: str = "id") -> dict[str, tuple[str, bool]]:
    return {row[key]: (row["_state"], row["_deleted"]) for row in rows}


def test_a_document_is_live_voided_or_deleted(tmp_path: Path) -> None:
    invoices = Normalized(tmp_path, INVOICE)
    invoices.land(
        {"Id": "1", "TotalAmt": 5, "PrivateNote": "Thanks", "Line": FIVE},
        {"Id": "2", "TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided", "Line": NOTHING},
        {"Id": "3", "PrivateNote": "Voided - entered twice", "Line": NOTHING},
        {"Id": "4", "TotalAmt": 5, "PrivateNote": "Voided check number 7", "Line": FIVE},
        {"Id": "5", "TotalAmt": 0, "Balance": 5, "PrivateNote": "Voided"},
        {"Id": "6", "TotalAmt": 0, "PrivateNote": "To be Voided"},
        {"Id": "7", "TotalAmt": 0},
        {"Id": "8", "status": "Deleted", "domain": "QBO"},
    )
    assert states(invoices.rows("invoice")) == {
        "1": ("live", False),
        "2": ("voided", False),
        "3": ("voided", False),
        **dict.fromkeys("4567", ("live", False)),
        "8": ("deleted", True),
    }
    for table in ("invoice_line", "invoice_line_linked_txn"):
        found = states(invoices.rows(table), "invoice_id")
        assert {key: state for key, (state, _) in found.items()} == {
            "1": "live",
            "2": "voided",
            "3": "voided",
            "4": "live",
        }
    assert not any(found.wrong for found in invoices.examined().findings.values())


def test_a_record_of_a_list_is_live_inactive_or_merged(tmp_path: Path) -> None:
    customers = Normalized(tmp_path, CUSTOMER)
    contact = {"OtherContactInfo": [{"Type": "TelephoneNumber"}]}
    customers.land(
        {"Id": "1", "Active": True},
        {"Id": "2", "Active": False, **contact},
        {"Id": "3"},
        {"Id": "4", "status": "Deleted", "domain": "QBO"},
        gone=MERGED,
    )
    assert states(customers.rows("customer")) == {
        "1": ("live", False),
        "2": ("inactive", False),
        "3": ("live", False),
        "4": ("merged", True),
    }
    [row] = customers.rows("customer_other_contact_info")
    assert row["_state"] == "inactive"
    assert not any(found.wrong for found in customers.examined().findings.values())


@pytest.mark.parametrize("name", [e.name for e in ENTITIES.values() if tables_of(e)])
def test_every_entity_says_what_became_of_its_records(tmp_path: Path, name: str) -> None:
    entity = replace(ENTITIES[name], key=("Id",))
    normalized = Normalized(tmp_path, entity)
    normalized.land(
        {"Id": "1", "Active": False} if entity.deactivable else {"Id": "1"},
        {"Id": "2", "PrivateNote": "Voided"},
        {"Id": "3", "status": "Deleted", "domain": "QBO"},
    )
    found = {key: state for key, (state, _) in states(normalized.rows(entity.table)).items()}
    assert found == {
        "1": "inactive" if entity.deactivable else "live",
        "2": "voided" if entity.voidable else "live",
        "3": "deleted",
    }


def test_what_can_be_inactive_or_voided() -> None:
    inactive = {each.name for each in ENTITIES.values() if each.deactivable}
    voided = {each.name for each in ENTITIES.values() if each.voidable}
    assert inactive >= {each.name for each in ENTITIES.values() if each.delete == "soft"}
    assert voided >= {"Invoice", "SalesReceipt", "Payment", "BillPayment", "Bill", "Purchase"}
    assert "JournalEntry" not in voided
    assert not inactive & voided


def test_a_state_that_there_is_not_breaks_the_contract(tmp_path: Path) -> None:
    invoices = Normalized(tmp_path, INVOICE)
    invoices.land({"Id": "1", "Line": NOTHING}, {"Id": "2"})
    [found] = invoices.lake.list("normalized/invoice_line")
    data = invoices.lake.read(found.path)
    spoilt = pl.from_arrow(parquet.decode(data))
    assert isinstance(spoilt, pl.DataFrame)
    spoilt = spoilt.with_columns(_state=pl.lit("lost")).to_arrow()
    invoices.lake.replace(found.path, parquet.encode(spoilt))
    valid = invoices.examined().findings["invoice_line", VALID]
    assert [(key["column"], key["invoice_id"]) for key in valid.keys] == [("_state", "1")]


def test_a_record_that_quickbooks_fails_on_is_aside_until_it_can_be_read(tmp_path: Path) -> None:
    invoices = Normalized(tmp_path, INVOICE)
    head = f'{{"Id": "1", "MetaData": {{"LastUpdatedTime": "{MOMENT}"}}}}'.encode()
    updated = fetched(head, INVOICE).updated
    poison = Fetched("1", updated, None, deleted=False, body=head, state="unreadable")
    invoices.land(poison, {"Id": "2", "Line": NOTHING})
    assert set(states(invoices.rows("invoice"))) == {"2"}
    [found] = invoices.lake.list("quarantine")
    [row] = parquet.decode(invoices.lake.read(found.path)).to_pylist()
    assert (row["id"], row["payload"]) == ("1", head)
    assert "QuickBooks fails" in row["reason"]
    aside = invoices.examined().findings["invoice", QUARANTINE]
    assert [key["id"] for key in aside.keys] == ["1"]
    invoices.land({"Id": "1", "Line": NOTHING})
    wrong = {key: found.wrong for key, found in invoices.examined().findings.items() if found.wrong}
    assert wrong == {}
