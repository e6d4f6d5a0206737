"""Files of attachments over HTTP: signed addresses, and what lies behind them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from qb_assets.sandbox.process import start

from .conftest import FREE, NOW, Client, named

FILES = [
    named("1", '"FileName": "a b.pdf", "Size": 70000, "ContentType": "application/pdf"', NOW),
    named("2", '"Note": "call back"', NOW),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("attachments")
    (folder / "Attachable.json").write_text(f"[{','.join(FILES)}]", encoding="utf-8")
    with start(company_dir=folder, settings=replace(FREE, frozen=True)) as sandbox:
        yield Client(sandbox)


def address(client: Client, accept: str = "text/plain") -> str:
    answer = client.session.get(f"{client.root}/download/1", headers={"Accept": accept}, timeout=9)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    return answer.text


def test_an_address_needs_a_token_and_the_file_none(client: Client) -> None:
    link = address(client)
    assert set(parse_qs(urlsplit(link).query)) == {"X-Amz-Expires", "X-Amz-Signature"}
    assert link != address(client, "application/json")
    answer = requests.get(link, timeout=9)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == "70000" == str(len(answer.content))
    assert requests.get(f"{client.root}/download/1", timeout=9).status_code == 401


def test_an_address_ends_after_15_minutes(client: Client) -> None:
    link = address(client)
    client.sandbox.admin("clock", {"advance": 899})
    assert requests.get(link, timeout=9).status_code == 200
    client.sandbox.admin("clock", {"advance": 1})
    over = requests.get(link, timeout=9)
    assert (over.status_code, "Request has expired" in over.text) == (403, True)
    assert requests.get(link.replace("Signature=", "Signature=0"), timeout=9).status_code == 403
    client.sandbox.admin("clock", {"advance": -900})


def test_what_has_no_file_is_not_found(client: Client) -> None:
    for identity in ("2", "9"):
        answer = client.get(f"download/{identity}")
        assert answer.status_code == 400
        assert answer.json()["Fault"]["Error"][0]["code"] == "610"


def test_files_can_be_other_than_their_records_say(client: Client) -> None:
    def changed(**changes: object) -> requests.Response:
        client.sandbox.admin("file", {"id": "1", **changes})
        return requests.get(address(client), timeout=9, allow_redirects=False)

    assert changed(gone=True).status_code == 404
    assert changed(moved_to="/x").headers["location"] == "/x"
    chunked = changed(length=False, content_type="text/csv", size=5)
    assert "content-length" not in chunked.headers
    assert (chunked.headers["transfer-encoding"], len(chunked.content)) == ("chunked", 5)
    one, same, other = changed(seed="x"), changed(seed="x"), changed(seed="y")
    assert one.content == same.content != other.content
    assert len({hashlib.sha256(each.content).digest() for each in (one, same, other)}) == 2
    client.sandbox.admin("file", {"id": "1", "link": "http://elsewhere/"})
    assert address(client) == "http://elsewhere/"
    client.sandbox.admin("file", {"id": "1"})


def test_requests_are_counted_and_remembered(client: Client) -> None:
    client.sandbox.admin("stats/reset", {})
    requests.get(address(client), headers={"X-Me": "7"}, timeout=9)
    stats = client.sandbox.admin("stats")
    assert (stats["calls"], stats["metered"]) == ({"download": 1, "file": 1}, 1)
    [asked] = client.sandbox.admin("files")
    assert (asked["id"], asked["status"], asked["headers"]["x-me"]) == ("1", 200, "7")


def test_the_weather_befalls_files_and_addresses(client: Client) -> None:
    script = [{"on": "file", "fault": "cut_off"}, {"on": "download", "fault": "503_html", "nth": 2}]
    client.sandbox.admin("weather", {"script": script})
    assert len(requests.get(address(client), timeout=9).content) < 70_000
    assert client.get("download/1").status_code == 503
    client.sandbox.admin("weather", {"script": [{"on": "file", "fault": "reset_midway"}]})
    with pytest.raises(requests.RequestException):
        requests.get(address(client), timeout=9)
    client.sandbox.admin("weather", {})
