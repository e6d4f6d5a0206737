"""The sandbox tells a webhook of its writes, as Intuit does: signed, repeated, in any order."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from qb_assets.sandbox.process import SandboxError, SandboxProcess, start
from qb_assets.sandbox.webhooks import signature_of
from qb_assets_tests.sandbox.conftest import FREE

VERIFIER = "SECRETverifier"


class App:
    """An app's webhook: the bodies that it took, and the statuses that it answers before 200."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.refusals: list[int] = []
        self.url = ""

    def events(self) -> list[Any]:
        return [event for body in self.bodies for event in body]


@contextmanager
def running() -> Generator[App, None, None]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            genuine = self.headers["intuit-signature"] == signature_of(body, VERIFIER)
            status = app.refusals.pop(0) if app.refusals else 200 if genuine else 401
            if status == 200:
                app.bodies.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        app.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield app
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def sandbox(company_dir: Path) -> Iterator[SandboxProcess]:
    with start(company_dir=company_dir, settings=FREE) as sandbox:
        yield sandbox


@pytest.fixture
def app(sandbox: SandboxProcess) -> Iterator[App]:
    with running() as app:
        yield app
        sandbox.admin("webhooks", {})


def begin(sandbox: SandboxProcess, app: App, **hook: object) -> None:
    sandbox.admin("webhooks", {"url": app.url, "verifier": VERIFIER, **hook})


def delivered(sandbox: SandboxProcess) -> dict[str, int]:
    """Waits until nothing is on its way; the answers by status."""
    until = time.monotonic() + 20
    while sandbox.admin("webhooks")["waiting"]:
        assert time.monotonic() < until
        time.sleep(0.01)
    return sandbox.admin("webhooks")["answers"]


def test_each_write_is_told(sandbox: SandboxProcess, app: App) -> None:
    begin(sandbox, app)
    bird, zed, receipt = (("Customer", "1"), ("Customer", "2"), ("SalesReceipt", "11"))
    made = sandbox.admin("create", {"entity": "Customer", "fields": {"DisplayName": "Bo"}})
    sandbox.admin("edit", {"entity": bird[0], "id": bird[1], "fields": {"Notes": "x"}})
    sandbox.admin("edit", {"entity": bird[0], "id": bird[1], "silent": True})
    sandbox.admin("void", {"entity": receipt[0], "id": receipt[1]})
    sandbox.admin("delete", {"entity": receipt[0], "id": receipt[1]})
    sandbox.admin("merge", {"entity": zed[0], "id": made["Id"], "into": zed[1]})
    sandbox.admin("edit", {"entity": "TaxRate", "id": "1", "fields": {}})
    delivered(sandbox)
    events = app.events()
    assert [(e["type"], e["intuitentityid"]) for e in events] == [
        ("qbo.customer.created.v1", made["Id"]),
        ("qbo.customer.updated.v1", "1"),
        ("qbo.salesreceipt.void.v1", "11"),
        ("qbo.salesreceipt.deleted.v1", "11"),
        ("qbo.customer.updated.v1", "2"),
        ("qbo.customer.merged.v1", "2"),
    ]
    assert events[-1]["data"] == {"deletedid": made["Id"]}
    assert {e["intuitaccountid"] for e in events} == {sandbox.realm_id}
    assert len({e["id"] for e in events}) == 6


def test_the_old_format(sandbox: SandboxProcess, app: App) -> None:
    begin(sandbox, app, format="legacy")
    moment = "2026-03-04T10:00:00-08:00"
    [id] = sandbox.admin("touch", {"entity": "Invoice", "count": 1, "at": moment})
    delivered(sandbox)
    [body] = app.bodies
    [notification] = body["eventNotifications"]
    assert notification["realmId"] == sandbox.realm_id
    assert notification["dataChangeEvent"]["entities"] == [
        {
            "id": id,
            "operation": "Update",
            "name": "Invoice",
            "lastUpdated": "2026-03-04T18:00:00.000Z",
        }
    ]


def test_repeats_and_disorder_are_those_of_the_seed(sandbox: SandboxProcess, app: App) -> None:
    rounds: list[Counter[str]] = []
    for seed in (1, 1, 2):
        app.bodies.clear()
        hook = {"delay": 0.05, "repeats": 0.5, "disorder": True, "per_post": 8, "seed": seed}
        begin(sandbox, app, **hook)
        ids = sandbox.admin("touch", {"entity": "Invoice", "count": 30})
        delivered(sandbox)
        assert max(map(len, app.bodies)) <= 8
        rounds.append(Counter(event["id"].partition("-Invoice")[0] for event in app.events()))
        order = list(dict.fromkeys(event["intuitentityid"] for event in app.events()))
        assert order != ids
        assert sorted(order) == sorted(ids)
    first, again, other = rounds
    assert first == again != other
    assert len(first) == 30 < first.total() < 60


def test_what_is_refused_comes_again(sandbox: SandboxProcess, app: App) -> None:
    app.refusals = [500, 503]
    before = sandbox.admin("webhooks")["answers"]
    begin(sandbox, app)
    ids = sandbox.admin("touch", {"entity": "Invoice", "count": 3})
    answers = Counter(delivered(sandbox)) - Counter(before)
    assert answers["500"] == answers["503"] == 1
    assert sorted(event["intuitentityid"] for event in app.events()) == sorted(ids)


@pytest.mark.parametrize(
    "hook", [{"url": "http://x"}, {"url": "x", "verifier": "y"}, {"delay": -1}, {"form": "x"}]
)
def test_a_hook_that_makes_no_sense(sandbox: SandboxProcess, hook: dict[str, object]) -> None:
    with pytest.raises(SandboxError):
        sandbox.admin("webhooks", hook)
