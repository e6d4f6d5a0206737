"""The client against the local QuickBooks."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import FeatureUnavailable, NotConnected, UnknownCompany
from qb_assets.quickbooks.query import Window
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.throttle import ProcessThrottle
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.quickbooks.conftest import REALM, StartBox, client_settings, connected
from qb_assets_tests.quickbooks.servers import ScriptedServer, reply

INVOICE, CUSTOMER = ENTITIES["Invoice"], ENTITIES["Customer"]
FREE = SandboxSettings(requests_per_minute=0, concurrent=0)


def everything_until_now() -> Window:
    return Window(None, datetime.now(timezone.utc))


def served(box: SandboxProcess, name: str) -> set[bytes]:
    """The records as the sandbox holds them."""
    raws = msgspec.json.decode(box.admin_bytes(f"records/{name}"), type=list[msgspec.Raw])
    return {bytes(raw) for raw in raws}


def own_client(box: SandboxProcess, folder: Path) -> QuickBooksClient:
    store = connected(box, folder)
    return QuickBooksClient(client_settings(box), store, box.realm_id)


def test_every_row_comes_once_and_byte_for_byte(
    client: QuickBooksClient, box: SandboxProcess
) -> None:
    for name in ("Invoice", "Customer", "RecurringTransaction", "Preferences", "TaxRate"):
        rows = [row for page in client.query_pages(ENTITIES[name]) for row in page]
        assert {row.body for row in rows} == served(box, name)
        assert len({row.id for row in rows}) == len(rows)
    windowed = list(client.query_pages(INVOICE, everything_until_now()))
    assert {row.body for page in windowed for row in page} == served(box, "Invoice")
    assert len(windowed) > 2


def test_windows_side_by_side_are_the_whole(client: QuickBooksClient) -> None:
    now = datetime.now(timezone.utc)
    bounds = [None, *(now - timedelta(days=days) for days in (300, 150, 90, 20)), now]
    windows = [Window(start, end) for start, end in pairwise(bounds) if end is not None]
    parts = [[row for page in client.query_pages(INVOICE, w) for row in page] for w in windows]
    assert [len(part) for part in parts] == [client.count(INVOICE, w) for w in windows]
    whole = {row.id for page in client.query_pages(INVOICE, everything_until_now()) for row in page}
    assert sum(map(len, parts)) == len(whole)
    assert {row.id for part in parts for row in part} == whole


def test_counts_of_all_entities_cost_few_calls(client: QuickBooksClient) -> None:
    now = datetime.now(timezone.utc)
    before = client.calls
    bounded = Window(now - timedelta(days=400), now)
    numbers = client.counts([(entity, bounded) for entity in ENTITIES.values()])
    assert sum((client.calls - before).values()) == 2
    assert numbers["Invoice"] == 2300
    assert numbers["CompanyInfo"] == 1
    assert set(numbers) == set(ENTITIES)


def test_a_count_of_all_time_holds_the_rows_never_updated(
    tmp_path: Path, shared_data: Path
) -> None:
    with start(company_dir=shared_data / "company", settings=FREE) as recorded:
        client = own_client(recorded, tmp_path)
        window = everything_until_now()
        entity = ENTITIES["SalesReceipt"]
        rows = [row for page in client.query_pages(entity, window) for row in page]
        assert [row.updated for row in rows].count(None) == 1
        assert client.count(entity, window) == len(rows) == 4
        [batched] = client.query_batch([(entity, window)])
        assert batched == rows
        since = Window(datetime(2000, 1, 1, tzinfo=timezone.utc), window.end)
        assert client.count(entity, since) == 3


def test_a_batch_answers_in_the_order_of_its_asks(client: QuickBooksClient) -> None:
    now = datetime.now(timezone.utc)
    window = Window(now - timedelta(days=400), now)
    names = ["Vendor", "Account", "Term", "TaxRate", "Preferences", "CompanyCurrency"]
    before = client.calls
    answers = client.query_batch([(ENTITIES[name], window) for name in names])
    assert sum((client.calls - before).values()) == 1
    for name, rows in zip(names, answers, strict=True):
        alone = [row for page in client.query_pages(ENTITIES[name], window) for row in page]
        assert sorted(row.id for row in rows) == sorted(row.id for row in alone)


def test_a_batch_that_holds_too_much_is_asked_in_parts(client: QuickBooksClient) -> None:
    window = everything_until_now()
    payments, invoices = client.query_batch([(ENTITIES["Payment"], window), (INVOICE, window)])
    assert (len(payments), len(invoices)) == (1000, 1000)


def test_a_batch_leaves_out_what_comes_after_its_window(client: QuickBooksClient) -> None:
    rows = [row for page in client.query_pages(CUSTOMER, everything_until_now()) for row in page]
    middle = sorted(row.updated for row in rows if row.updated)[len(rows) // 2]
    window = Window(None, middle)
    [inside, _] = client.query_batch([(CUSTOMER, window), (ENTITIES["Term"], window)])
    assert sorted(row.id for row in inside) == sorted(
        row.id for row in rows if window.holds(row.updated)
    )
    assert 0 < len(inside) < len(rows)


def test_some_properties_only(client: QuickBooksClient) -> None:
    pages = list(client.select(INVOICE, ["TotalAmt", "CurrencyRef"], everything_until_now()))
    rows = [json.loads(row.body) for page in pages for row in page]
    assert len(rows) == 2300
    assert all({"Id", "TotalAmt", "CurrencyRef"} <= set(row) for row in rows)
    assert not any("Line" in row for row in rows)


def test_a_read_by_id(client: QuickBooksClient) -> None:
    first: Fetched = next(client.query_pages(INVOICE))[0]
    assert client.read(INVOICE, first.id) == first
    assert client.read(INVOICE, "999999999") is None


def test_the_company_says_its_name(client: QuickBooksClient) -> None:
    info = client.company_info()
    assert info.name
    assert json.loads(info.body)["CompanyName"] == info.name


def test_changes_of_all_entities_in_one_call(own_box: StartBox, tmp_path: Path) -> None:
    box = own_box(FREE)
    client = own_client(box, tmp_path)
    since = datetime.now(timezone.utc)
    row = next(client.query_pages(CUSTOMER))[0]
    invoice = next(client.query_pages(INVOICE))[0]
    box.admin("edit", {"entity": "Customer", "id": row.id, "fields": {"Notes": "changed"}})
    box.admin("delete", {"entity": "Invoice", "id": invoice.id})
    answer = client.cdc([entity for entity in ENTITIES.values() if entity.cdc], since)
    assert not answer.full
    # Who owed the invoice owes less.
    changed = {row.id, json.loads(invoice.body)["CustomerRef"]["value"]}
    assert {(each.id, each.deleted) for each in answer.records["Customer"]} == {
        (each, False) for each in changed
    }
    deleted = {each.id for each in answer.records["Invoice"] if each.deleted}
    assert deleted == {invoice.id}
    assert answer.records["Vendor"] == []
    with pytest.raises(ValueError, match="TaxCode"):
        client.cdc([ENTITIES["TaxCode"]], since)


@pytest.mark.parametrize(("bills", "full"), [(999, False), (1000, True)])
def test_a_full_answer_of_changes_is_told(store: FileTokenStore, bills: int, full: bool) -> None:
    rows = b",".join(b'{"Id":"%d"}' % number for number in range(bills))
    body = b'{"CDCResponse":[{"QueryResponse":[{"Bill":[%b]}]}],"time":"x"}' % rows
    with ScriptedServer(reply(body)) as server:
        client = QuickBooksClient(
            server.settings(), store, REALM, throttle=ProcessThrottle(500, 10)
        )
        answer = client.cdc([ENTITIES["Bill"]], datetime.now(timezone.utc))
    assert len(answer.records["Bill"]) == bills
    assert answer.full is full


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_books_edited_while_they_are_paged_lose_and_repeat_nothing(
    own_box: StartBox, tmp_path: Path, seed: int
) -> None:
    box = own_box(FREE, invoices=3400)
    client = own_client(box, tmp_path)
    window = everything_until_now()
    before = {json.loads(body)["Id"] for body in served(box, "Invoice")}
    box.admin(
        "churn",
        {
            "entity": "Invoice",
            "edits_per_page": 40,
            "creates_per_page": 7,
            "deletes_per_page": 5,
            "pages": 50,
            "seed": seed,
        },
    )
    ids = [row.id for page in client.query_pages(INVOICE, window) for row in page]
    done = box.admin("churn")["Invoice"]
    assert done["edited"]
    assert len(ids) == len(set(ids))
    touched = {*done["edited"], *done["deleted"]}
    assert before - touched <= set(ids)
    assert set(ids) <= before


def test_the_company_must_be_connected_and_known(box: SandboxProcess, tmp_path: Path) -> None:
    store = connected(box, tmp_path)
    settings = client_settings(box)
    with pytest.raises(NotConnected, match="qb-assets connect --company 5"):
        QuickBooksClient(settings, store, "5").company_info()
    box_token = store.load(box.realm_id)
    stranger = replace(box_token, token=replace(box_token.token, realm="5"))
    store.save(stranger, replaces=None)
    with pytest.raises(UnknownCompany, match="QB_ENVIRONMENT"):
        QuickBooksClient(settings, store, "5").company_info()


def test_an_entity_that_is_not_offered_does_not_stop_the_others(store: FileTokenStore) -> None:
    answer = reply(
        b'{"BatchItemResponse":[{"bId":"1","QueryResponse":{"totalCount":3}},{"bId":"0","Fault":'
        b'{"Error":[{"Message":"Feature Not Supported","code":"5030"}],"type":"ValidationFault"}}]}'
    )
    with ScriptedServer(answer) as server:
        client = QuickBooksClient(
            server.settings(), store, REALM, throttle=ProcessThrottle(500, 10)
        )
        numbers = client.counts([(ENTITIES["Class"], None), (ENTITIES["Bill"], None)])
    assert numbers["Bill"] == 3
    assert isinstance(numbers["Class"], FeatureUnavailable)
    assert str(numbers["Class"]).startswith(f"company {REALM}, Class: ")


def test_an_item_that_may_pass_is_asked_again_alone(store: FileTokenStore) -> None:
    batch = reply(
        b'{"BatchItemResponse":[{"bId":"1","QueryResponse":{"totalCount":3}},{"bId":"0","Fault":'
        b'{"Error":[{"Message":"m","code":"10000"}],"type":"SystemFault"}}]}'
    )
    with ScriptedServer(batch, reply(b'{"QueryResponse":{"totalCount":9}}')) as server:
        client = QuickBooksClient(
            server.settings(), store, REALM, throttle=ProcessThrottle(500, 10)
        )
        numbers = client.counts([(ENTITIES["Class"], None), (ENTITIES["Bill"], None)])
        assert [path.split("?")[0].rsplit("/", 1)[1] for _, path, _, _ in server.seen] == [
            "batch",
            "query",
        ]
    assert numbers == {"Class": 9, "Bill": 3}
