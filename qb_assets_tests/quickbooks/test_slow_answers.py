"""Answers that hang, trickle or break off, from real servers: each ends by the timeout."""

import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.faults import Unreachable
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.usage import Figures
from qb_assets_tests.quickbooks.servers import Reply, ScriptedServer, reply
from qb_assets_tests.quickbooks.test_transport import COUNT, client_of

BILL = ENTITIES["Bill"]


def slowly(handler: BaseHTTPRequestHandler, head: bytes, drops: bytes) -> None:
    """Sends the head, then a byte each 50 ms, for longer than anyone should wait."""
    handler.close_connection = True
    try:
        handler.wfile.write(head)
        for place in range(100):
            handler.wfile.write(drops[place % len(drops) :][:1])
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def silence(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.rfile.read(1)  # until the other side is gone


def status_line(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b"HTTP/1.1 200 ", b"O")


def headers(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")


def body(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b" ")


def body_without_length(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b'HTTP/1.1 200 OK\r\n\r\n{"QueryResponse":{"totalCount":1}}', b" ")


def chunk_sizes(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0")


def gzip_header(handler: BaseHTTPRequestHandler) -> None:
    """A header of gzip whose file name never ends: nothing to unpack ever comes."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 500\r\n\r\n"
    slowly(handler, head + b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03", b"name")


def interim_answers(handler: BaseHTTPRequestHandler) -> None:
    slowly(handler, b"", b"HTTP/1.1 100 Continue\r\n\r\n")


TROUBLES = (
    silence,
    status_line,
    headers,
    body,
    body_without_length,
    chunk_sizes,
    gzip_header,
    interim_answers,
)


def test_no_answer_takes_longer_than_the_timeout(store: FileTokenStore) -> None:
    def took(trouble: Reply) -> tuple[float, Figures]:
        with ScriptedServer(trouble, COUNT) as server:
            client = client_of(server, store, timeout=1.0)
            begun = time.monotonic()
            assert client.count(BILL) == 26
            return time.monotonic() - begun, client.usage.snapshot().total

    with ThreadPoolExecutor(len(TROUBLES)) as pool:
        for seconds, figures in pool.map(took, TROUBLES):
            assert 1 <= seconds < 4
            assert figures.errors == {"TooSlow": 1}
            assert (figures.sent, figures.retried) == (2, 1)


def reset_in_the_body(handler: BaseHTTPRequestHandler) -> None:
    """Resets the connection (RST, not an orderly end) in the middle of a body."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"QueryRes')
    handler.wfile.flush()
    time.sleep(0.05)
    at_once = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    handler.connection.close()
    handler.close_connection = True


def cut_off_in_chunks(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{")
    handler.close_connection = True


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (reset_in_the_body, "ConnectionFailed"),
        (cut_off_in_chunks, "ConnectionFailed"),
        (reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "ConnectionFailed"),
        (reply(b""), "BadAnswer"),
        (reply(b'{"QueryResponse":{"totalCount":26}}\xff'), "BadAnswer"),
    ],
)
def test_a_spoilt_answer_is_asked_for_again(
    store: FileTokenStore, trouble: Reply, error: str
) -> None:
    with ScriptedServer(trouble, COUNT) as server:
        client = client_of(server, store)
        assert client.count(BILL) == 26
        assert len(server.seen) == 2
        errors = client.usage.snapshot().total.errors
    assert errors == {error: 1}
    # It was answered with HTTP 200, so Intuit has counted it, whatever became of the body.
    assert sum(client.calls.values()) == 2


def test_a_call_that_cannot_be_sent_says_so(store: FileTokenStore) -> None:
    with ScriptedServer(COUNT) as server:
        client = client_of(server, store, attempts=2)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        client.count(BILL)


def test_a_host_without_tls_is_told_from_one_that_is_away(store: FileTokenStore) -> None:
    with ScriptedServer(COUNT) as server:
        address = server.url.replace("http:", "https:")
        client = client_of(server, store, attempts=1, base_url=address)
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ makes no secure connection"):
            client.count(BILL)


def test_a_host_that_accepts_no_connection_takes_no_longer_than_the_connect_timeout(
    store: FileTokenStore,
) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    full = [socket.socket() for _ in range(8)]
    for each in full:  # fill its queue, so that the next one gets no answer
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
    with ScriptedServer(COUNT) as server:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = client_of(server, store, attempts=1, connect_timeout=0.5, base_url=address)
        begun = time.monotonic()
        with pytest.raises(Unreachable):
            client.count(BILL)
    assert time.monotonic() - begun < 2
    for each in (*full, listener):
        each.close()
