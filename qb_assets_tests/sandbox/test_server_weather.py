"""Faults over HTTP: each one looks as it should, and does nothing by halves."""

import gzip
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests

from qb_assets.sandbox.process import SandboxError, start
from qb_assets.sandbox.weather import Step, Weather

from .conftest import FREE, Client
from .test_server_oauth import connected

COUNT = "select count(*) from Item"
PAGE = "select * from Invoice maxresults 200"


@pytest.fixture(scope="module")
def stormy(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox whose weather the tests of this file make."""
    with start(company_dir=company_dir, settings=replace(FREE, rotate_every=0)) as sandbox:
        yield Client(sandbox)


def befall(client: Client, fault: str, on: str = "query", **more: float) -> None:
    """The next call of a kind has this fault, and no other call has any."""
    step = {"on": on, "fault": fault}
    client.sandbox.admin("weather", {"script": [step], **more})


def struck(client: Client, fault: str, statement: str = COUNT) -> requests.Response:
    befall(client, fault)
    return client.ask(statement)


def raw(client: Client, statement: str, encoding: str = "gzip") -> requests.Response:
    """The answer with its body as it came."""
    url, asked = f"{client.root}/query", {"query": statement}
    accepted = {"Accept-Encoding": encoding}
    return client.session.get(url, params=asked, headers=accepted, timeout=10, stream=True)


def gateway_fault(answer: requests.Response) -> tuple[int, str, str]:
    fault = answer.json()["fault"]
    return answer.status_code, fault["error"][0]["code"], fault["type"]


def test_fair_weather_is_the_default_and_comes_back(stormy: Client) -> None:
    stormy.sandbox.admin("weather", {"rates": {"503_html": 1.0}, "only": ["query"]})
    assert stormy.ask(COUNT).status_code == 503
    assert stormy.get("customer/1").status_code == 200
    report = stormy.sandbox.admin("weather")
    assert report["done"] == [{"n": 1, "kind": "query", "nth": 1, "fault": "503_html"}]
    assert report["calls"] == 2
    assert report["counts"] == {"503_html": 1}
    stormy.sandbox.admin("weather", {})
    assert stormy.ask(COUNT).status_code == 200
    assert stormy.sandbox.admin("weather")["calls"] == 0


def test_a_process_may_start_with_it(company_dir: Path) -> None:
    weather = Weather(script=(Step("query", "empty", nth=2),))
    with start(company_dir=company_dir, settings=replace(FREE, weather=weather)) as sandbox:
        client = Client(sandbox)
        assert [len(client.ask(COUNT).content) > 0 for _ in range(3)] == [True, False, True]


def test_what_makes_no_sense_is_refused(stormy: Client) -> None:
    with pytest.raises(SandboxError, match="no fault 'rain'"):
        stormy.sandbox.admin("weather", {"rates": {"rain": 1}})


def test_refused_tokens_look_as_real_ones(stormy: Client) -> None:
    stale = {"Authorization": "Bearer stale"}
    real = stormy.session.get(f"{stormy.root}/query", headers=stale, timeout=10)
    fake = struck(stormy, "401_json")
    assert gateway_fault(fake) == gateway_fault(real) == (401, "3200", "AUTHENTICATION")
    token = str(stormy.session.headers["Authorization"]).removeprefix("Bearer ")
    assert fake.json()["fault"]["error"][0]["detail"] == f"Token expired: {token}"
    assert struck(stormy, "401_xml").text.startswith("<?xml")
    assert gateway_fault(struck(stormy, "403_json")) == (403, "3100", "AUTHORIZATION")
    assert stormy.ask(COUNT).status_code == 200


def test_throttles_look_as_real_ones(stormy: Client) -> None:
    def looks(answer: requests.Response) -> tuple[int, str, list[str]]:
        apart = answer.text.partition('time="')
        text = apart[0] + apart[2].partition('"')[2]
        return answer.status_code, text, sorted(answer.headers)

    stormy.sandbox.admin("weather", {})
    stormy.sandbox.admin("limits", {"requests_per_minute": 500, "batches_per_minute": 1})
    item = {"bId": "1", "Query": COUNT}
    real = [stormy.batch(item) for _ in range(2)][-1]
    stormy.sandbox.admin("limits", {"requests_per_minute": 0, "batches_per_minute": 0})
    befall(stormy, "429_xml", on="batch")
    fake = stormy.batch(item)
    told = looks(real)[1].replace("1 batches a minute", "500 requests a minute")
    assert looks(fake) == (429, told, looks(real)[2])
    assert "Retry-After" not in fake.headers
    assert gateway_fault(struck(stormy, "429_json")) == (429, "3001", "SERVICE")
    for form in ("xml", "json"):
        befall(stormy, f"429_{form}_retry_after", retry_after=7)
        assert stormy.ask(COUNT).headers["Retry-After"] == "7"
    old = struck(stormy, "403_throttled")
    assert old.status_code == 403
    assert "message=ThrottleExceeded; errorCode=003001; statusCode=403" in old.text


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_outages_in_every_form(stormy: Client, status: int) -> None:
    fault = struck(stormy, f"{status}_fault")
    gateway = struck(stormy, f"{status}_gateway")
    xml = struck(stormy, f"{status}_xml")
    html = struck(stormy, f"{status}_html")
    assert {answer.status_code for answer in (fault, gateway, xml, html)} == {status}
    assert fault.json()["Fault"]["type"] == "SystemFault"
    assert f"statusCode={status}" in gateway.json()["fault"]["error"][0]["message"]
    assert xml.headers["Content-Type"].startswith("application/xml")
    assert f'<Fault type="SERVICE"><Error code="{gateway_fault(gateway)[1]}">' in xml.text
    assert html.headers["Content-Type"].startswith("text/html")
    assert html.text.startswith("<html>")


def test_faults_of_the_api_with_any_status(stormy: Client) -> None:
    for name, status, code in (
        ("200_fault", 200, "150"),
        ("200_10000", 200, "10000"),
        ("400_10000", 400, "10000"),
        ("500_authorization", 500, "120"),
    ):
        answer = struck(stormy, name)
        assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (status, code)
    empty = struck(stormy, "empty")
    assert (empty.status_code, empty.content) == (200, b"")


def test_every_answer_has_its_tid(stormy: Client) -> None:
    for fault in ("401_xml", "503_html", "429_json", "empty", "truncated_json"):
        assert struck(stormy, fault).headers["intuit_tid"]
    assert stormy.ask(COUNT).headers["intuit_tid"]


def test_bodies_that_are_cut_or_corrupt(stormy: Client) -> None:
    stormy.sandbox.admin("weather", {})
    whole = len(raw(stormy, PAGE).raw.read(decode_content=False))
    befall(stormy, "truncated_gzip")
    cut = raw(stormy, PAGE)
    body = cut.raw.read(decode_content=False)
    assert cut.headers["Content-Length"] == str(len(body))
    assert cut.headers["Content-Encoding"] == "gzip"
    assert 0.1 * whole <= len(body) <= 0.9 * whole
    with pytest.raises(EOFError):
        gzip.decompress(body)
    befall(stormy, "corrupt_gzip")
    with pytest.raises((zlib.error, gzip.BadGzipFile)):
        gzip.decompress(raw(stormy, PAGE).raw.read(decode_content=False))
    plain = struck(stormy, "truncated_json", PAGE)
    assert "Content-Encoding" not in plain.headers
    assert plain.text.startswith('{"QueryResponse":{"Invoice":[')
    with pytest.raises(requests.JSONDecodeError):
        plain.json()
    befall(stormy, "corrupt_gzip")
    assert "Content-Encoding" not in raw(stormy, PAGE, "identity").headers


def test_slow_and_trickling_answers_are_whole(stormy: Client) -> None:
    expected = stormy.rows(PAGE)
    for fault in ("slow", "trickle"):
        befall(stormy, fault, seconds=0.3)
        before = monotonic()
        assert stormy.rows(PAGE) == expected
        assert monotonic() - before >= 0.3


def test_a_client_that_leaves_a_slow_answer_has_asked_nothing(stormy: Client) -> None:
    stormy.sandbox.admin("stats/reset", {})
    used = connected(stormy)
    befall(stormy, "slow", on="token", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        refresh(stormy, used, 0.2)
    assert stormy.refreshed(used)["refresh_token"] != used


def refresh(client: Client, token: str, timeout: float) -> requests.Response:
    env = client.sandbox.env
    form = {"grant_type": "refresh_token", "refresh_token": token}
    keys = (env["QB_CLIENT_ID"], env["QB_CLIENT_SECRET"])
    return requests.post(env["QB_TOKEN_URL"], form, auth=keys, timeout=timeout)


def test_tokens_survive_what_comes_before_the_grant(stormy: Client) -> None:
    token = connected(stormy)
    for fault in ("500_html", "503_gateway"):
        befall(stormy, fault, on="token")
        assert refresh(stormy, token, 10).status_code == int(fault[:3])
    befall(stormy, "reset", on="token")
    with pytest.raises(requests.ConnectionError):
        refresh(stormy, token, 10)
    stormy.sandbox.admin("stats/reset", {})
    new = stormy.refreshed(token)["refresh_token"]
    befall(stormy, "reset_after_grant", on="token")
    with pytest.raises(requests.ConnectionError):
        refresh(stormy, new, 10)
    assert stormy.refreshed(new)["error"] == "invalid_grant"
    stats = stormy.sandbox.admin("stats")
    assert (stats["refreshes"], stats["refused_refreshes"]) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "code", "kind"),
    [
        ("batch_item_10000", "10000", "SystemFault"),
        ("batch_item_3001", "3001", "SERVICE"),
        ("batch_item_500", "500", "SystemFault"),
    ],
)
def test_one_item_of_a_batch_fails(stormy: Client, fault: str, code: str, kind: str) -> None:
    befall(stormy, fault, on="batch")
    answer = stormy.batch(*[{"bId": str(i), "Query": COUNT} for i in range(5)])
    items: list[dict[str, Any]] = answer.json()["BatchItemResponse"]
    failed = [item for item in items if "Fault" in item]
    assert sorted(item["bId"] for item in items) == list("01234")
    assert [item["Fault"]["Error"][0]["code"] for item in failed] == [code]
    assert failed[0]["Fault"]["type"] == kind
    assert sum("QueryResponse" in item for item in items) == 4


def test_books_that_are_edited_while_read_know_no_half_pages(stormy: Client) -> None:
    churn = {"entity": "Invoice", "edits_per_page": 2, "pages": 1}
    stormy.sandbox.admin("churn", churn)
    for fault in ("503_html", "401_json", "429_xml", "empty", "400_10000"):
        struck(stormy, fault, PAGE)
    assert stormy.sandbox.admin("churn")["Invoice"]["pages"] == 0
    struck(stormy, "truncated_json", PAGE)
    assert stormy.sandbox.admin("churn")["Invoice"]["pages"] == 1


def test_a_storm_can_be_replayed(stormy: Client) -> None:
    storm = {"seed": 11, "rates": {"any": 0.5}, "seconds": 0.01}

    def outcomes() -> list[str]:
        stormy.sandbox.admin("weather", storm)
        seen: list[str] = []
        for _ in range(40):
            try:
                answer = stormy.ask(PAGE)
                seen.append(f"{answer.status_code} {len(answer.content)}")
            except requests.RequestException:
                seen.append("broken")
        return seen

    first = outcomes()
    done = stormy.sandbox.admin("weather")["done"]
    assert outcomes() == first
    assert stormy.sandbox.admin("weather")["done"] == done
    assert 10 < len(done) < 30
    stormy.sandbox.admin("weather", {})


def test_calls_at_once_roll_one_dice_each(stormy: Client) -> None:
    stormy.sandbox.admin("weather", {"seed": 2, "rates": {"503_html": 0.5}})
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(raw, stormy, COUNT) for _ in range(40)]
    statuses = [call.result().status_code for call in calls]
    report = stormy.sandbox.admin("weather")
    assert report["calls"] == 40
    assert report["counts"] == {"503_html": statuses.count(503)}
    stormy.sandbox.admin("weather", {"seed": 2, "rates": {"503_html": 0.5}})
    one_by_one = [raw(stormy, COUNT).status_code for _ in range(40)]
    assert one_by_one.count(503) == statuses.count(503)
    stormy.sandbox.admin("weather", {})
