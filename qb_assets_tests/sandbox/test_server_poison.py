"""Poisoned records: what would hold one whole fails, what goes around it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qb_assets.sandbox.process import SandboxError, start

from .conftest import FREE, INVOICES, Client

UPDATED = "MetaData.LastUpdatedTime"


@pytest.fixture(scope="module")
def client(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox in which the tests of this file poison other records each."""
    with start(company_dir=company_dir, settings=FREE) as sandbox:
        yield Client(sandbox)


def poison(client: Client, id: str, entity: str = "Invoice", **more: Any) -> None:
    client.sandbox.admin("poison", {"entity": entity, "id": id, **more})


def test_a_page_with_it_fails_and_one_without_it_works(client: Client) -> None:
    poison(client, "150")
    page = f"select * from Invoice orderby {UPDATED}"
    failed = client.ask(f"{page} startposition 101 maxresults 100")
    assert failed.status_code == 500
    fault = failed.json()["Fault"]
    assert (fault["type"], fault["Error"][0]["code"]) == ("SystemFault", "10000")
    assert len(client.rows(f"{page} maxresults 100")) == 100
    assert client.ask("select *, TotalAmt from Invoice where Id = '150'").status_code == 500
    assert client.ask("select * from Invoice where Id = '151'").status_code == 200
    assert client.count("select count(*) from Invoice") == INVOICES
    row = client.rows(f"select Id, {UPDATED} from Invoice where Id = '150'")[0]
    assert set(row) == {"Id", "MetaData"}
    assert client.get("invoice/150").status_code == 500
    assert client.get("invoice/151").status_code == 200
    poison(client, "150", remove=True)
    assert client.get("invoice/150").status_code == 200
    assert client.rows(f"{page} startposition 101 maxresults 100")


@pytest.mark.parametrize("status", [200, 400, 500])
def test_the_status_is_as_asked(client: Client, status: int) -> None:
    poison(client, "1", entity="Item", status=status)
    answer = client.ask("select * from Item")
    assert answer.status_code == status
    assert answer.json()["Fault"]["Error"][0]["code"] == "10000"


def test_a_batch_fails_in_the_one_item(client: Client) -> None:
    poison(client, "9")
    queries = ["select * from Invoice where Id = '9'", "select count(*) from Invoice"]
    answer = client.batch(*[{"bId": str(i), "Query": text} for i, text in enumerate(queries)])
    items = {item["bId"]: item for item in answer.json()["BatchItemResponse"]}
    assert items["0"]["Fault"]["Error"][0]["code"] == "10000"
    assert items["1"]["QueryResponse"] == {"totalCount": INVOICES}


def test_change_data_capture_fails_only_when_it_would_tell_of_it(client: Client) -> None:
    def told(entity: str) -> int:
        since = "2026-03-01T00:00:00Z"
        return client.get("cdc", entities=entity, changedSince=since).status_code

    poison(client, "1", entity="Customer")
    client.sandbox.admin("edit", {"entity": "Customer", "id": "2"})
    assert told("Customer") == 200
    client.sandbox.admin("edit", {"entity": "Customer", "id": "1"})
    assert told("Customer") == 500
    assert told("Invoice,Customer") == 500
    assert told("Invoice") == 200
    client.sandbox.admin("delete", {"entity": "Customer", "id": "1"})
    assert told("Customer") == 200


def test_what_is_asked_wrongly_is_said(client: Client) -> None:
    with pytest.raises(SandboxError, match="no Invoice with Id 0"):
        poison(client, "0")
    with pytest.raises(SandboxError, match="not 503"):
        poison(client, "1", status=503)
