import gzip
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import (
    BadAnswer,
    BadRecord,
    ConnectionFailed,
    NotAuthorised,
    QueryRejected,
    QuickBooksError,
    RequestRefused,
    ServerUnavailable,
    Throttled,
    UnknownCompany,
)
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.throttle import ProcessThrottle
from qb_assets_tests.quickbooks.conftest import REALM
from qb_assets_tests.quickbooks.servers import ACCESS, CLIENT_SECRET, Reply, ScriptedServer, reply

BILL = ENTITIES["Bill"]
COUNT = reply(b'{"QueryResponse":{"totalCount":26},"time":"x"}')
HTML = reply(b"<html><body>502 Bad Gateway</body></html>", 502)
RECORD = b'{"QueryResponse":{"Bill":[{"Id":"1","PrivateNote":"Jane Doe owes"}],"maxResults":1}}'


def fault(code: str, status: int, detail: str = "") -> Reply:
    return reply(
        f'{{"Fault":{{"Error":[{{"Message":"m","Detail":"{detail}","code":"{code}"}}],'
        '"type":"ValidationFault"}}'.encode(),
        status,
    )


def throttled(headers: dict[str, str] | None = None, status: int = 429) -> Reply:
    return reply(
        b'<IntuitResponse><Fault type="SERVICE"><Error code="3001"><Message>message='
        b"ThrottleExceeded; errorCode=003001; statusCode=429</Message></Error></Fault>"
        b"</IntuitResponse>",
        status,
        headers,
    )


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"QueryResponse":{"totalCount"')
    handler.close_connection = True


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def bad_gzip(handler: BaseHTTPRequestHandler) -> None:
    """Gzip with bytes changed in its middle."""
    whole = bytearray(gzip.compress(RECORD * 20))
    whole[20:30] = b"\0" * 10
    headers = {"Content-Encoding": "gzip"}
    reply(bytes(whole), headers=headers)(handler)


def short_gzip(handler: BaseHTTPRequestHandler) -> None:
    """Gzip that ends too soon, with a length that fits."""
    reply(gzip.compress(RECORD * 20)[:-30], headers={"Content-Encoding": "gzip"})(handler)


def client_of(server: ScriptedServer, store: FileTokenStore, **changes: object) -> QuickBooksClient:
    settings = server.settings(**changes)
    return QuickBooksClient(settings, store, REALM, throttle=ProcessThrottle(500, 10))


def test_a_call_carries_what_quickbooks_asks_for(store: FileTokenStore) -> None:
    with ScriptedServer(reply(RECORD, zipped=True)) as server:
        [page] = client_of(server, store).query_pages(BILL)
        [(method, path, headers, _)] = server.seen
    assert [row.id for row in page] == ["1"]
    asked = urlsplit(path)
    assert (method, asked.path) == ("GET", f"/v3/company/{REALM}/query")
    assert parse_qs(asked.query)["minorversion"] == ["75"]
    assert parse_qs(asked.query)["query"][0].startswith("SELECT * FROM Bill")
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Authorization"] == f"Bearer {ACCESS.format(0)}"


def test_a_long_statement_goes_as_a_body(store: FileTokenStore) -> None:
    with ScriptedServer(reply(RECORD)) as server:
        names = [f"Property{n}" for n in range(300)]
        list(client_of(server, store).select(BILL, names))
        [(method, path, headers, body)] = server.seen
    assert (method, urlsplit(path).path) == ("POST", f"/v3/company/{REALM}/query")
    assert headers["Content-Type"] == "application/text"
    assert body.startswith(b"SELECT Id, MetaData.LastUpdatedTime, Property0")


@pytest.mark.parametrize(
    "trouble",
    [
        HTML,
        cut_off,
        reset,
        bad_gzip,
        short_gzip,
        reply(b"<html>all is well</html>"),
        reply(b'{"QueryResponse":{"totalCount":'),
        reply(b'{"QueryResponse":{}}'),
        reply(b"", 504),
        fault("10000", 500),
        fault("10000", 200),
        fault("150", 400),
    ],
)
def test_what_may_pass_is_sent_again(store: FileTokenStore, trouble: Reply) -> None:
    with ScriptedServer(trouble, COUNT) as server:
        client = client_of(server, store)
        assert client.count(BILL) == 26
        assert len(server.seen) == 2
        assert sum(client.usage.sent.values()) == 2


@pytest.mark.parametrize(
    ("trouble", "kind", "times"),
    [
        (HTML, ServerUnavailable, 6),
        (cut_off, ConnectionFailed, 6),
        (reply(b"{"), BadAnswer, 6),
        (fault("10000", 500), BadRecord, 2),
        (fault("4001", 400), QueryRejected, 1),
        (fault("2500", 400), RequestRefused, 1),
        (fault("3100", 403), UnknownCompany, 1),
        (reply(b"", 302, {"Location": "http://127.0.0.1:9/elsewhere"}), RequestRefused, 1),
    ],
)
def test_what_stays_is_a_typed_error(
    store: FileTokenStore, trouble: Reply, kind: type[QuickBooksError], times: int
) -> None:
    with ScriptedServer(trouble) as server:
        with pytest.raises(kind) as caught:
            client_of(server, store).count(BILL)
        assert len(server.seen) == times
    assert str(caught.value).startswith(f"company {REALM}, Bill: ")
    assert caught.value.attempts == times


def test_an_unreachable_host_is_named(store: FileTokenStore) -> None:
    with ScriptedServer(COUNT) as server:
        client = client_of(server, store)
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:\d+ cannot be reached") as caught:
        client.count(BILL)
    assert "QB_BASE_URL" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_call_ends_at_its_deadline(store: FileTokenStore) -> None:
    with ScriptedServer(throttled({"Retry-After": "30"})) as server:
        begun = time.monotonic()
        with pytest.raises(Throttled):
            client_of(server, store, deadline=2.0).count(BILL)
        assert time.monotonic() - begun < 2
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("headers", "status", "pause"),
    [({"Retry-After": "1"}, 429, 1.0), ({}, 429, 0.4), ({}, 403, 0.4)],
)
def test_after_a_429_every_caller_waits(
    store: FileTokenStore, headers: dict[str, str], status: int, pause: float
) -> None:
    at: list[float] = []

    def late(handler: BaseHTTPRequestHandler) -> None:
        at.append(time.monotonic())
        throttled(headers, status)(handler)

    def counted(handler: BaseHTTPRequestHandler) -> None:
        at.append(time.monotonic())
        COUNT(handler)

    with ScriptedServer(late, counted) as server:
        client = client_of(server, store, throttle_pause=0.4)
        with ThreadPoolExecutor(4) as pool:
            first = pool.submit(client.count, BILL)
            while not at:
                time.sleep(0.005)
            time.sleep(0.05)
            others = [pool.submit(client.count, BILL) for _ in range(3)]
            assert [each.result() for each in (first, *others)] == [26] * 4
    assert len(at) == 5
    assert min(at[1:]) - at[0] >= pause


def test_a_token_refused_twice_is_not_asked_for_again(store: FileTokenStore) -> None:
    expired = reply(
        b'{"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; '
        b'statusCode=401","detail":"Token expired: SECRET","code":"3200"}],"type":"A"}}',
        401,
    )
    with ScriptedServer(expired) as server:
        with pytest.raises(NotAuthorised, match="qb-assets connect --company"):
            client_of(server, store).count(BILL)
        assert server.tokens == 1
        assert len(server.seen) == 3


def test_netrc_does_not_replace_the_token(
    store: FileTokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with ScriptedServer(COUNT) as server:
        client_of(server, store).count(BILL)
        assert server.seen[0][2]["Authorization"].startswith("Bearer ")


def test_metered_calls_are_those_answered_well(store: FileTokenStore) -> None:
    with ScriptedServer(HTML, fault("10000", 200), COUNT) as server:
        client = client_of(server, store)
        with pytest.raises(BadRecord):
            client.count(BILL)
        assert client.count(BILL) == 26
    assert client.calls == {("count", "Bill"): 2}
    assert client.usage.sent == {("count", "Bill"): 3}


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_a_call_is_one_line_of_log(
    store: FileTokenStore, everything_logged: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(HTML, reply(RECORD)) as server:
        list(client_of(server, store).query_pages(BILL))
    lines = [each.getMessage() for each in everything_logged.records if "kind=" in each.message]
    first, second = [line for line in lines if line.startswith("call ")]
    told = vars(everything_logged.records[-1])
    assert (told["company"], told["status"], told["rows"], told["attempt"]) == (REALM, 200, 1, 2)
    assert (told["intuit_tid"], told["error"]) == ("1-tid-7", None)
    assert "status=502" in first
    assert "error=ServerUnavailable" in first
    for part in (
        f"company={REALM}",
        "entity=Bill",
        "kind=query",
        "status=200",
        "rows=1",
        f"bytes={len(RECORD)}",
        "attempt=2",
        "intuit_tid=1-tid-7",
        f"waited_ms={told['waited_ms']}",
        "error=-",
    ):
        assert part in second
    assert 0 <= told["waited_ms"] < 1000  # for the limits, of which a lone call is far


def test_no_secret_in_logs_errors_tracebacks_or_reprs(
    store: FileTokenStore, everything_logged: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    detail = f"Token expired: {ACCESS.format(0)}"
    refused = fault("3200", 401, detail)
    for script in (
        [refused, COUNT],
        [refused],
        [fault("4001", 400, detail)],
        [fault("2500", 400, "Jane Doe")],
        [cut_off, reset, reply(RECORD)],
        [reply(RECORD[:-1])],
    ):
        with ScriptedServer(*script) as server:
            client = client_of(server, store, attempts=3)
            shown.append(repr(client.settings))
            try:
                list(client.query_pages(BILL))
            except QuickBooksError as error:
                shown += [str(error), repr(error), *traceback.format_exception(error)]
    shown.append(everything_logged.text)
    text = "\n".join(shown)
    assert "kind=query" in text
    for secret in ("SECRET", CLIENT_SECRET, "Jane Doe", "Basic "):
        assert secret not in text
