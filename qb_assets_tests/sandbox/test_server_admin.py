"""Editing the books over /admin, also while they are being read."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from qb_assets.sandbox.process import SandboxError, start

from .conftest import FREE, INVOICES, Client

UPDATED = "MetaData.LastUpdatedTime"


def record(client: Client, entity: str, id: str) -> dict[str, Any]:
    return client.rows(f"select * from {entity} where Id = '{id}'")[0]


def test_an_edit_merges_and_is_stamped(client: Client) -> None:
    before = record(client, "Invoice", "8")
    fields = {"TotalAmt": Raw(b"12.3400"), "DocNumber": None}
    client.sandbox.admin("edit", {"entity": "invoice", "id": "8", "fields": fields})
    text = client.ask("select * from Invoice where Id = '8'").text
    assert '"TotalAmt":12.3400' in text
    assert '"UnitRate":0.1234567000' in text
    after = record(client, "Invoice", "8")
    assert "DocNumber" not in after
    assert after["SyncToken"] == "1"
    assert after["MetaData"]["CreateTime"] == before["MetaData"]["CreateTime"]
    assert after["MetaData"]["LastUpdatedTime"].startswith("2026-03-15T13:00")
    assert client.ids(f"select * from Invoice where {UPDATED} > '2026-03-15'") == ["8"]


def test_a_silent_edit_leaves_the_time(client: Client) -> None:
    before = record(client, "Invoice", "8")
    asked = {"entity": "Invoice", "id": "8", "fields": {"Balance": 99}, "silent": True}
    client.sandbox.admin("edit", asked)
    assert record(client, "Invoice", "8") == {**before, "Balance": 99}


def test_a_balance_changes_the_time_and_not_the_sync_token(client: Client) -> None:
    asked = {
        "entity": "Invoice",
        "id": "8",
        "fields": {"Balance": 0},
        "keep_sync_token": True,
        "at": "2026-12-31T00:00:00Z",
    }
    client.sandbox.admin("edit", asked)
    after = record(client, "Invoice", "8")
    assert after["SyncToken"] == "0"
    assert after["MetaData"]["LastUpdatedTime"] == "2026-12-30T16:00:00-08:00"


def test_creation_deletion_deactivation(client: Client) -> None:
    admin = client.sandbox.admin
    made = admin("create", {"entity": "Item", "fields": {"Name": "Hose", "UnitPrice": 2}})
    assert int(made["Id"]) > INVOICES
    assert {row["Name"] for row in client.rows("select * from Item")} == {"Rock", "Hose"}
    admin("deactivate", {"entity": "Item", "id": made["Id"]})
    assert [row["Name"] for row in client.rows("select * from Item")] == ["Rock"]
    hidden = client.rows("select * from Item where Active = false")
    assert hidden[0]["Name"] == "Hose (deleted)"
    admin("edit", {"entity": "Item", "id": made["Id"], "fields": {"Active": True}})
    assert client.count("select count(*) from Item") == 2
    admin("delete", {"entity": "Invoice", "id": "1"})
    assert client.count("select count(*) from Invoice") == INVOICES - 1
    assert client.get("invoice/1").json()["Fault"]["Error"][0]["code"] == "610"
    stones = admin("tombstones")
    assert [(stone["entity"], stone["id"]) for stone in stones] == [("Invoice", "1")]


def test_rows_without_an_id_are_told_by_their_key(client: Client) -> None:
    fields = {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "AsOfDate": "2026-05-04"}
    made = client.sandbox.admin("create", {"entity": "ExchangeRate", "fields": fields})
    assert "Id" not in made
    asked = {"entity": "ExchangeRate", "id": "EUR/USD/2026-05-04", "fields": {"Rate": 1.25}}
    assert client.sandbox.admin("edit", asked)["Rate"] == 1.25
    [again] = [row for row in client.rows("select * from ExchangeRate") if row.get("AsOfDate")]
    assert (again["Rate"], again["SyncToken"]) == (1.25, "1")


def test_wrapped_rows_are_edited_inside(client: Client) -> None:
    asked = {"entity": "RecurringTransaction", "id": "8", "fields": {"TotalAmt": 56}}
    client.sandbox.admin("edit", asked)
    assert record(client, "RecurringTransaction", "8")["Bill"]["TotalAmt"] == 56


def test_the_truth_is_the_exact_bytes(client: Client, company_dir: Path) -> None:
    text = (company_dir / "Invoice.json").read_bytes()
    recorded = msgspec.json.decode(text, type=list[Raw])
    truth = msgspec.json.decode(client.sandbox.admin_bytes("records/Invoice"), type=list[Raw])
    assert [bytes(raw) for raw in truth] == [bytes(raw) for raw in recorded]


@pytest.mark.parametrize(
    ("path", "asked", "says"),
    [
        ("edit", {"entity": "Invoice", "id": "0"}, "has no Invoice with Id 0"),
        ("create", {"entity": "Gadget"}, "no entity Gadget"),
        ("churn", {"entity": "Gadget"}, "no entity Gadget"),
        ("edit", {"entity": "Invoice", "ids": "0"}, "unknown field"),
        ("clock", {"now": "2026-01-01T00:00:00"}, "with a timezone"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    steady: Client, path: str, asked: dict[str, object], says: str
) -> None:
    with pytest.raises(SandboxError, match=says):
        steady.sandbox.admin(path, asked)


def read_by_key(client: Client, end: str, begin: str = "1970-01-01") -> dict[str, str]:
    """Every invoice of a frozen window, read by key: continue from the last time, drop repeats."""
    seen: dict[str, str] = {}
    start = begin
    while True:
        page = client.rows(
            f"select * from Invoice where {UPDATED} >= '{start}' and {UPDATED} < '{end}' "
            f"orderby {UPDATED} maxresults 200"
        )
        for row in page:
            seen[row["Id"]] = row["MetaData"]["LastUpdatedTime"]
        if len(page) < 200:
            return seen
        start = page[-1]["MetaData"]["LastUpdatedTime"]


CHURN = {
    "entity": "Invoice",
    "edits_per_page": 6,
    "creates_per_page": 3,
    "deletes_per_page": 4,
    "pages": 10,
    "seed": 5,
}


def test_churn_edits_between_pages_what_was_served_and_what_was_not(client: Client) -> None:
    client.sandbox.admin("churn", CHURN)
    client.ask(f"select * from Invoice orderby {UPDATED} maxresults 100")
    done = client.sandbox.admin("churn")["Invoice"]
    assert done["pages"] == 1
    assert [len(done[name]) for name in ("edited", "created", "deleted")] == [6, 3, 4]
    assert sum(int(id) <= 100 for id in done["edited"]) == 3
    assert sum(int(id) <= 100 for id in done["deleted"]) == 2
    client.ask("select count(*) from Invoice")
    client.ask("select * from Customer")
    assert client.sandbox.admin("churn")["Invoice"]["pages"] == 1
    assert client.count("select count(*) from Invoice") == INVOICES - 1


def test_reading_by_key_loses_and_repeats_nothing_while_offsets_do(client: Client) -> None:
    end = "2026-03-15T12:00:00-08:00"
    client.sandbox.admin("churn", CHURN)
    first = read_by_key(client, end)
    then = read_by_key(client, "2027-01-01", begin=end)
    truth = json.loads(client.sandbox.admin_bytes("records/Invoice"))
    deleted = {stone["id"] for stone in client.sandbox.admin("tombstones")}
    assert len(deleted) == 40
    current = {row["Id"]: row["MetaData"]["LastUpdatedTime"] for row in truth}
    assert {id: at for id, at in {**first, **then}.items() if id not in deleted} == current

    client.sandbox.admin("churn", CHURN)
    by_offset: set[str] = set()
    for first_row in range(1, INVOICES + 200, 200):
        statement = f"select * from Invoice where {UPDATED} < '{end}' orderby {UPDATED}"
        by_offset |= set(client.ids(f"{statement} startposition {first_row} maxresults 200"))
    after = client.ids(f"select Id from Invoice where {UPDATED} < '{end}' maxresults 1000")
    after += client.ids(
        f"select Id from Invoice where {UPDATED} < '{end}' startposition 1001 maxresults 1000"
    )
    after += client.ids(
        f"select Id from Invoice where {UPDATED} < '{end}' startposition 2001 maxresults 1000"
    )
    assert set(after) - by_offset


def test_churn_can_be_replayed(client: Client, company_dir: Path) -> None:
    def reading(reader: Client) -> Any:
        reader.sandbox.admin("churn", CHURN)
        read_by_key(reader, "2026-03-15T12:00:00-08:00")
        return reader.sandbox.admin("churn")

    with start(company_dir=company_dir, settings=FREE) as other:
        assert reading(Client(other)) == reading(client)
