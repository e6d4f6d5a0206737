"""Change data capture over HTTP."""

from typing import Any

from .conftest import INVOICES, Client

SINCE = "2026-03-01T00:00:00-08:00"


def changed(client: Client, entities: str, since: str = SINCE) -> list[dict[str, Any]]:
    answer = client.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    return answer.json()["CDCResponse"][0]["QueryResponse"]


def code(client: Client, entities: str, since: str) -> str:
    answer = client.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 400
    return answer.json()["Fault"]["Error"][0]["code"]


def test_nothing_changed(steady: Client) -> None:
    assert changed(steady, "Invoice,Customer") == [{}]


def test_changes_creations_and_deletes(client: Client) -> None:
    sandbox = client.sandbox
    sandbox.admin("edit", {"entity": "Invoice", "id": "7", "fields": {"PrivateNote": "hm"}})
    made = sandbox.admin("create", {"entity": "Customer", "fields": {"DisplayName": "New"}})
    sandbox.admin("deactivate", {"entity": "Customer", "id": "1"})
    sandbox.admin("delete", {"entity": "Invoice", "id": "9"})
    customers, invoices = changed(client, "Customer, Invoice, Item")
    names = {row["Id"]: row["DisplayName"] for row in customers["Customer"]}
    assert names == {made["Id"]: "New", "1": "Amy's Bird Sanctuary (deleted)"}
    assert customers["maxResults"] == 2
    edited, deleted = invoices["Invoice"]
    assert edited["PrivateNote"] == "hm"
    assert edited["SyncToken"] == "1"
    assert edited["MetaData"]["CreateTime"] == "2026-01-01T00:10:00-08:00"
    assert deleted["status"] == "Deleted"
    assert deleted["domain"] == "QBO"
    assert deleted["Id"] == "9"
    assert deleted["MetaData"]["LastUpdatedTime"].startswith("2026-03-15T13:00")
    assert changed(client, "Invoice", "2026-03-15T21:00:00Z") == [{}]


def test_at_most_1000_objects_and_no_more_pages(client: Client) -> None:
    client.sandbox.admin("clock", {"now": "2026-01-20T00:00:00Z"})
    found = changed(client, "CreditCardPayment,Invoice,Customer", "2026-01-01T00:00:00-08:00")
    assert [(next(iter(part)), part["maxResults"]) for part in found] == [
        ("CreditCardPaymentTxn", 1),
        ("Invoice", 999),
    ]
    alone = changed(client, "Invoice", "2026-01-01T00:00:00-08:00")
    assert len(alone[0]["Invoice"]) == 1000 < INVOICES


def test_looks_back_30_days_of_the_servers_clock(client: Client) -> None:
    assert changed(client, "Invoice", "2026-02-13T20:01:00Z") == [{}]
    assert code(client, "Invoice", "2026-02-13T19:59:00Z") == "4001"
    client.sandbox.admin("clock", {"advance": 86_400})
    client.connect()
    assert code(client, "Invoice", "2026-02-13T20:01:00Z") == "4001"


def test_refusals(steady: Client) -> None:
    assert code(steady, "TaxRate", SINCE) == "500"
    assert code(steady, "Gadget", SINCE) == "4001"
    assert code(steady, "Invoice", "yesterday") == "4001"
    assert code(steady, "", SINCE) == "2020"
    assert code(steady, "Invoice", "") == "2020"
