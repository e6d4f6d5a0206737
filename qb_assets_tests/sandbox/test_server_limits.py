"""Throttling over HTTP, and what the sandbox tells of the calls it got."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import sleep

import requests

from qb_assets.sandbox.process import start
from qb_assets.sandbox.weather import Step, Weather

from .conftest import FREE, Client

COUNT = "select count(*) from Item"


def test_requests_a_minute(company_dir: Path) -> None:
    with start(company_dir=company_dir, settings=replace(FREE, requests_per_minute=5)) as sandbox:
        client = Client(sandbox)
        answers = [client.ask(COUNT) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert answers[-1].headers["Content-Type"].startswith("application/xml")
        assert 'code="3001"' in answers[-1].text
        throttle = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
        assert f"<Message>{throttle}</Message>" in answers[-1].text
        assert "Retry-After" not in answers[-1].headers
        sandbox.admin("limits", {"requests_per_minute": 6})
        assert [client.ask(COUNT).status_code for _ in range(2)] == [200, 429]
        report = sandbox.admin("stats")
        assert report["metered"] == 6
        assert report["calls"] == {"token": 1, "query": 9}
        assert report["max_per_minute"] == 9
        assert report["statuses"] == {"200": 7, "429": 3}


def test_calls_for_another_realm_take_nothing_from_the_limit(company_dir: Path) -> None:
    with start(company_dir=company_dir, settings=replace(FREE, requests_per_minute=1)) as sandbox:
        client = Client(sandbox)
        url = f"{sandbox.base_url}/v3/company/1234/query"
        assert [client.session.get(url, timeout=10).status_code for _ in range(3)] == [403] * 3
        assert [client.ask(COUNT).status_code for _ in range(2)] == [200, 429]


def test_the_json_form(company_dir: Path) -> None:
    settings = replace(FREE, requests_per_minute=1, throttle_body="json")
    with start(company_dir=company_dir, settings=settings) as sandbox:
        client = Client(sandbox)
        client.ask(COUNT)
        assert client.ask(COUNT).json()["fault"]["error"][0]["code"] == "3001"


def test_a_wait_is_asked_for_and_who_does_not_wait_is_counted(company_dir: Path) -> None:
    settings = replace(FREE, requests_per_minute=1, retry_after=0.2)
    with start(company_dir=company_dir, settings=settings) as sandbox:
        client = Client(sandbox)

        def early() -> int:
            return sandbox.admin("stats")["early_after_throttle"]

        answers = [client.ask(COUNT) for _ in range(2)]
        assert answers[-1].headers["Retry-After"] == "0.2"
        sleep(0.2)
        sandbox.admin("limits", {"retry_after": 30})
        assert client.ask(COUNT).headers["Retry-After"] == "30"
        client.connect()
        assert early() == 0
        sandbox.admin("limits", {"requests_per_minute": 0})
        assert client.ask(COUNT).status_code == 200
        client.get("item/1")
        assert early() == 2
        assert 0 < sandbox.admin("stats")["longest_early"] < 30
        sandbox.admin("stats/reset", {})
        assert early() == 0


def test_without_retry_after_the_wait_is_a_real_minute(company_dir: Path) -> None:
    weather = Weather(script=(Step("query", "429_json"),))
    with start(company_dir=company_dir, settings=replace(FREE, weather=weather)) as sandbox:
        client = Client(sandbox)
        assert client.ask(COUNT).status_code == 429
        sandbox.admin("clock", {"advance": 120})
        assert client.get("item/1").status_code == 200
        assert sandbox.admin("stats")["early_after_throttle"] == 1


def test_batches_a_minute(company_dir: Path) -> None:
    with start(company_dir=company_dir, settings=replace(FREE, batches_per_minute=2)) as sandbox:
        client = Client(sandbox)
        item = {"bId": "1", "Query": COUNT}
        assert [client.batch(item).status_code for _ in range(3)] == [200, 200, 429]
        assert client.ask(COUNT).status_code == 200


def test_requests_at_once(company_dir: Path) -> None:
    settings = replace(FREE, concurrent=3, latency=0.5)
    with start(company_dir=company_dir, settings=settings) as sandbox:
        client = Client(sandbox)
        headers = {k: str(v) for k, v in client.session.headers.items()}

        def call(_: int) -> int:
            url, asked = f"{client.root}/query", {"query": COUNT}
            return requests.get(url, params=asked, headers=headers, timeout=10).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(call, range(8)))
        assert statuses == [200] * 3 + [429] * 5
        report = sandbox.admin("stats")
        assert 3 < report["max_in_flight"] <= 8
        assert report["in_flight"] == 0
        assert client.ask(COUNT).status_code == 200


def test_the_log_and_its_reset(client: Client) -> None:
    client.ask("select * from Customer")
    client.ask("select * from Nothing")
    client.get("cdc", entities="Invoice", changedSince="2026-03-10")
    client.batch({"bId": "1", "Query": COUNT})
    client.get("customer/1")
    report = client.sandbox.admin("stats")
    assert report["statements"] == [
        {"kind": "query", "statement": "select * from Customer", "rows": 2},
        {"kind": "query", "statement": "select * from Nothing", "rows": 0},
        {"kind": "cdc", "statement": "Invoice since 2026-03-10", "rows": 0},
        {"kind": "query", "statement": COUNT, "rows": 0},
    ]
    assert report["calls"] == {"token": 1, "query": 2, "cdc": 1, "batch": 1, "read": 1}
    assert report["metered"] == 4
    client.sandbox.admin("stats/reset", {})
    assert client.sandbox.admin("stats")["calls"] == {}
