"""Faults below HTTP, seen on the socket: resets, and answers that never end."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from qb_assets.sandbox.process import start

from .conftest import FREE, Client

PAGE = "select * from Invoice maxresults 1000"


@pytest.fixture(scope="module")
def client(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox whose weather the tests of this file make."""
    with start(company_dir=company_dir, settings=FREE) as sandbox:
        yield Client(sandbox)
        # Answers that hang end with their client, so nothing is left to complain about.
        assert sandbox.errors() == ""


def asked(client: Client, fault: str) -> socket.socket:
    """A connection on which a query was just sent that has this fault."""
    client.sandbox.admin("weather", {"script": [{"on": "query", "fault": fault}], "seconds": 600})
    at = urlsplit(client.root)
    connection = socket.create_connection((at.hostname or "", at.port or 0), timeout=10)
    connection.sendall(
        f"GET {at.path}/query?query={quote(PAGE)} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Accept: application/json\r\nAuthorization: {client.session.headers['Authorization']!s}"
        "\r\n\r\n".encode()
    )
    return connection


def received(connection: socket.socket, until: type[OSError] = ConnectionResetError) -> bytes:
    """What came before an error of the connection."""
    data = b""
    try:
        while piece := connection.recv(65_536):
            data += piece
    except until:
        return data
    raise AssertionError("the connection ended as it should")


def promised(head: bytes) -> int:
    found = re.search(rb"content-length: (\d+)", head)
    assert found is not None
    return int(found[1])


def test_a_reset_before_the_answer(client: Client) -> None:
    client.sandbox.admin("stats/reset", {})
    with closing(asked(client, "reset")) as connection:
        assert received(connection) == b""
    report = client.sandbox.admin("stats")
    assert report["statuses"] == {"0": 1}
    assert report["in_flight"] == 0
    assert report["statements"] == []


def test_a_reset_within_the_body(client: Client) -> None:
    with closing(asked(client, "reset_midway")) as connection:
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert 0 < len(body) < promised(head)


def test_an_answer_that_never_comes(client: Client) -> None:
    with closing(asked(client, "hang")) as connection:
        connection.settimeout(0.3)
        assert received(connection, TimeoutError) == b""
        assert client.sandbox.admin("stats")["in_flight"] == 1
    wait_until_left(client)


def test_an_answer_that_stops_within_its_body(client: Client) -> None:
    with closing(asked(client, "hang_midway")) as connection:
        connection.settimeout(0.3)
        head, _, body = received(connection, TimeoutError).partition(b"\r\n\r\n")
        assert 0 < len(body) < promised(head)
    wait_until_left(client)


def test_leaving_a_trickle_ends_it(client: Client) -> None:
    with closing(asked(client, "trickle")) as connection:
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    wait_until_left(client)


def wait_until_left(client: Client) -> None:
    """A call of a client that has gone is over; fails by the test's own time-out otherwise."""
    for _ in range(1_000):
        if client.sandbox.admin("stats")["in_flight"] == 0:
            return
    raise AssertionError("the call still goes on")
