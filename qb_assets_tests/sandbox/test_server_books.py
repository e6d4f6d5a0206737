"""What becomes of records besides edits: voids, merges, un-deletes, and false reports."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qb_assets.sandbox.process import SandboxError, start

from .conftest import FREE, NOW, Client, named

AT = "2026-03-10T12:00:00Z"
STAMP = "2026-03-10T05:00:00-07:00"
SINCE = "2026-03-09T00:00:00Z"
UPDATED = "MetaData.LastUpdatedTime"

INVOICE = (
    '"TxnDate": "2026-01-05", "TotalAmt": 210.50, "Balance": 10.0, "HomeTotalAmt": 0.00, '
    '"ExchangeRate": 1.25, "PrivateNote": "Ann\'s \\"own\\"", "CustomerRef": {"value": "58", '
    '"name": "Bill\'s"}, "LinkedTxn": [{"TxnId": "9", "TxnType": "Payment"}], '
    '"TxnTaxDetail": {"TotalTax": 10.5, "TaxLine": [{"Amount": 10.5}]}, "Line": ['
    '{"Id": "1", "Amount": 200.00, "SalesItemLineDetail": {"Qty": 2, "UnitPrice": 100, '
    '"ItemRef": {"value": "58", "name": "Rock"}}}, '
    '{"Amount": -0.0, "GroupLineDetail": {"Line": [{"Amount": 5}]}}]'
)
JOURNAL = (
    '"TxnDate": "2026-01-06", "TotalAmt": 0, "Line": ['
    '{"Id": "0", "Amount": 5.0, "JournalEntryLineDetail": {"PostingType": "Debit", '
    '"AccountRef": {"value": "58", "name": "Cash"}, '
    '"Entity": {"Type": "Customer", "EntityRef": {"value": "58", "name": "Bill\'s"}}}}, '
    '{"Id": "1", "Amount": 5.0, "JournalEntryLineDetail": {"PostingType": "Credit", '
    '"Entity": {"Type": "Vendor", "EntityRef": {"value": "58", "name": "Else"}}}}]'
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in which Id 58 stands for a customer, an item, an account and a vendor."""
    folder = tmp_path_factory.mktemp("books") / "Company"
    folder.mkdir()
    old = NOW.replace(month=1)

    def person(id: str, name: str, more: str = '"Active": true') -> str:
        return named(id, f'"DisplayName": "{name}", {more}', old)

    parent = '"ParentRef": {"value": "58"}, "Active": true'
    purchase = '"EntityRef": {"value": "58", "name": "Bill\'s", "type": "Customer"}, "TotalAmt": 1'
    template = named("5", '"CustomerRef": {"value": "58"}', old)
    lists = {
        "Customer": [
            *(person("58", "Bill's"), person("59", "Bill & Co."), person("60", "Job", parent))
        ],
        "Vendor": [person("58", "Else"), person("61", "Other")],
        "Item": [person("58", "Rock")],
        "Class": [person("1", "Ours", parent)],
        "Invoice": [named("7", INVOICE, old), named("8", '"TotalAmt": 1.10', old)],
        "JournalEntry": [named("3", JOURNAL, old)],
        "Purchase": [named("4", purchase, old)],
        "RecurringTransaction": ['{"Invoice": ' + template + "}"],
    }
    for entity, records in lists.items():
        (folder / f"{entity}.json").write_text("[" + ",".join(records) + "]", encoding="utf-8")
    return folder


@pytest.fixture
def books(written: Path) -> Iterator[Client]:
    """A client of a sandbox of the test's own."""
    with start(company_dir=written, settings=replace(FREE, frozen=True)) as sandbox:
        yield Client(sandbox)


def record(client: Client, entity: str, id: str) -> dict[str, Any]:
    rows = json.loads(client.sandbox.admin_bytes(f"records/{entity}"))
    inner = [row if "Id" in row else next(iter(row.values())) for row in rows]
    return next(row for row in inner if row["Id"] == id)


def told(client: Client, entity: str, since: str = SINCE) -> list[dict[str, Any]]:
    """What change data capture tells of an entity."""
    answer = client.get("cdc", entities=entity, changedSince=since)
    assert answer.status_code == 200, answer.text
    return answer.json()["CDCResponse"][0]["QueryResponse"][0].get(entity, [])


def test_a_void_leaves_zeroes_and_says_so(books: Client) -> None:
    books.sandbox.admin("void", {"entity": "Invoice", "id": "7", "at": AT})
    row = record(books, "Invoice", "7")
    text = books.sandbox.admin_bytes("records/Invoice").decode()
    assert '"TotalAmt":0,"Balance":0,"HomeTotalAmt":0.00,"ExchangeRate":1.25' in text
    assert row["TxnTaxDetail"] == {"TotalTax": 0}
    assert row["LinkedTxn"] == []
    first, second = row["Line"]
    assert (first["Amount"], first["SalesItemLineDetail"]["Qty"]) == (0, 0)
    assert second["GroupLineDetail"]["Line"] == [{"Amount": 0}]
    assert first["SalesItemLineDetail"]["ItemRef"] == {"value": "58", "name": "Rock"}
    assert row["PrivateNote"] == 'Voided - Ann\'s "own"'
    assert (row["SyncToken"], row["MetaData"]["LastUpdatedTime"]) == ("1", STAMP)
    assert [found["Id"] for found in told(books, "Invoice")] == ["7"]
    assert books.sandbox.admin("void", {"entity": "Invoice", "id": "8"})["PrivateNote"] == "Voided"
    with pytest.raises(SandboxError, match="Customer is none"):
        books.sandbox.admin("void", {"entity": "Customer", "id": "58"})


def test_a_merge_moves_every_reference_to_the_row(books: Client) -> None:
    merge = {"entity": "customer", "id": "58", "into": "59", "at": AT}
    gone = books.sandbox.admin("merge", merge)
    assert (gone["Id"], gone["status"]) == ("58", "Deleted")
    assert gone["MetaData"]["LastUpdatedTime"] == STAMP
    there = {"value": "59", "name": "Bill & Co."}
    invoice = record(books, "Invoice", "7")
    assert invoice["CustomerRef"] == there
    assert invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == "58"
    assert (invoice["SyncToken"], invoice["MetaData"]["LastUpdatedTime"]) == ("0", STAMP)
    debit, credit = (
        line["JournalEntryLineDetail"] for line in record(books, "JournalEntry", "3")["Line"]
    )
    assert debit["Entity"]["EntityRef"] == there
    assert debit["AccountRef"]["value"] == "58"
    assert credit["Entity"]["EntityRef"]["value"] == "58"
    assert record(books, "Purchase", "4")["EntityRef"] == {**there, "type": "Customer"}
    assert record(books, "RecurringTransaction", "5")["CustomerRef"] == {"value": "59"}
    assert record(books, "Customer", "60")["ParentRef"] == {"value": "59"}
    for untouched in (("Class", "1"), ("Vendor", "58"), ("Invoice", "8")):
        assert record(books, *untouched)["MetaData"]["LastUpdatedTime"] != STAMP
    by_id = {row["Id"]: row for row in told(books, "Customer")}
    assert {id: row.get("status") for id, row in by_id.items()} == {
        "59": None,
        "60": None,
        "58": "Deleted",
    }
    text = books.sandbox.admin_bytes("records/Invoice").decode()
    assert '"TotalAmt":210.50,"Balance":10.0' in text


def test_merges_that_cannot_be(books: Client) -> None:
    for entity, id, into, says in (
        ("Invoice", "7", "8", "Invoice is none"),
        ("Customer", "58", "58", "into itself"),
        ("Customer", "58", "1", "no Customer with Id 1"),
        ("Customer", "1", "58", "no Customer with Id 1"),
    ):
        with pytest.raises(SandboxError, match=says):
            books.sandbox.admin("merge", {"entity": entity, "id": id, "into": into})
    assert books.sandbox.admin("tombstones") == []
    assert told(books, "Customer") == []


def test_a_row_comes_back_active_under_its_name(books: Client) -> None:
    before = record(books, "Customer", "58")
    books.sandbox.admin("deactivate", {"entity": "Customer", "id": "58", "at": AT})
    assert record(books, "Customer", "58")["DisplayName"] == "Bill's (deleted)"
    assert books.count("select count(*) from Customer") == 2
    books.sandbox.admin("reactivate", {"entity": "Customer", "id": "58", "at": AT})
    after = record(books, "Customer", "58")
    assert after["MetaData"].pop("LastUpdatedTime") == STAMP
    before["MetaData"].pop("LastUpdatedTime")
    assert after == {**before, "SyncToken": "2"}


def test_an_undelete_brings_back_the_record_and_takes_the_tombstone(books: Client) -> None:
    before = record(books, "Invoice", "7")
    books.sandbox.admin("delete", {"entity": "Invoice", "id": "7", "at": AT})
    [stone] = told(books, "Invoice")
    assert (stone["status"], stone["MetaData"]["LastUpdatedTime"]) == ("Deleted", STAMP)
    books.sandbox.admin("restore", {"entity": "Invoice", "id": "7", "at": "2026-03-11T00:00:00Z"})
    [row] = told(books, "Invoice")
    assert (row["SyncToken"], row["MetaData"]["LastUpdatedTime"][:10]) == ("1", "2026-03-10")
    assert {**row, "SyncToken": "0", "MetaData": before["MetaData"]} == before
    assert books.sandbox.admin("tombstones") == []
    with pytest.raises(SandboxError, match="no Invoice with Id 7 was deleted"):
        books.sandbox.admin("restore", {"entity": "Invoice", "id": "7"})


def test_an_update_that_is_told_as_a_delete(books: Client) -> None:
    asked = {"entity": "Invoice", "id": "7", "at": AT}
    books.sandbox.admin("false-delete", asked)
    books.sandbox.admin("edit", {"entity": "Invoice", "id": "8", "at": AT})
    row, stone = told(books, "Invoice")
    assert row["Id"] == "8"
    assert (stone["Id"], stone["status"]) == ("7", "Deleted")
    assert books.get("invoice/7").json()["Invoice"]["SyncToken"] == "1"
    assert books.count("select count(*) from Invoice") == 2
    assert books.sandbox.admin("tombstones") == []
    books.sandbox.admin("edit", {"entity": "Invoice", "id": "7", "at": "2026-03-12T00:00:00Z"})
    assert [found.get("status") for found in told(books, "Invoice")] == [None, None]


def test_tombstones_are_kept_for_30_days(books: Client) -> None:
    books.sandbox.admin("delete", {"entity": "Invoice", "id": "7", "at": "2026-02-14T00:00:00Z"})
    books.sandbox.admin("delete", {"entity": "Invoice", "id": "8", "at": "2026-02-12T00:00:00Z"})
    oldest = "2026-02-13T20:00:00Z"
    assert [stone["Id"] for stone in told(books, "Invoice", oldest)] == ["7"]
    books.sandbox.admin("clock", {"advance": 86_400})
    books.connect()
    assert told(books, "Invoice", "2026-02-14T20:00:00Z") == []


def test_times_in_the_future(books: Client) -> None:
    ahead = {"entity": "Invoice", "id": "7", "at": "2026-06-01T00:00:00Z"}
    books.sandbox.admin("edit", ahead)
    assert [row["Id"] for row in told(books, "Invoice")] == ["7"]
    later = f"select Id from Invoice where {UPDATED} > '2026-05-31'"
    assert books.ids(later) == ["7"]
    assert books.ids(f"select Id from Invoice orderby {UPDATED}") == ["8", "7"]
    books.sandbox.admin("void", {**ahead, "at": "2026-06-02T00:00:00Z"})
    assert books.ids(f"select Id from Invoice where {UPDATED} = '2026-06-02T00:00:00Z'") == ["7"]


def test_many_changes_at_once_fill_an_answer(client: Client) -> None:
    ids = client.sandbox.admin("touch", {"entity": "Invoice", "count": 1_200, "at": AT})
    assert ids == [str(i + 1) for i in range(1_200)]
    assert len(told(client, "Invoice")) == 1_000
    window = f"{UPDATED} >= '{AT}' and {UPDATED} <= '{AT}'"
    assert client.count(f"select count(*) from Invoice where {window}") == 1_200


def test_churn_voids_merges_and_deactivates_the_same_for_a_seed(client: Client) -> None:
    admin = client.sandbox.admin
    admin("churn", {"entity": "Invoice", "voids_per_page": 4, "pages": 2, "seed": 3})
    admin("churn", {"entity": "Customer", "merges_per_page": 1, "seed": 3})
    client.ask(f"select * from Invoice orderby {UPDATED} maxresults 50")
    voided = admin("churn")["Invoice"]["voided"]
    notes = {row["Id"] for row in client.rows("select * from Invoice where PrivateNote = 'Voided'")}
    assert len(voided) == 4
    assert notes == set(voided)
    client.ask("select * from Customer")
    [[loser, kept]] = admin("churn")["Customer"]["merged"]
    assert client.count(f"select count(*) from Invoice where CustomerRef = '{loser}'") == 0
    assert client.count(f"select count(*) from Invoice where CustomerRef = '{kept}'") > 800
    admin("churn", {"entity": "Item", "deactivations_per_page": 1})
    client.ask("select * from Item")
    assert admin("churn")["Item"]["deactivated"] == ["1"]
    assert client.count("select count(*) from Item") == 0
    for wrong in (
        {"entity": "Item", "voids_per_page": 1},
        {"entity": "Bill", "merges_per_page": 1},
    ):
        with pytest.raises(SandboxError, match="is no"):
            admin("churn", wrong)
