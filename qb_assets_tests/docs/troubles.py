"""Makes each trouble that the runbook tells of, and gives the errors that come of it.

The troubles are real where that is quick: files, folders, processes and HTTP servers. An object
store's answers are told to the code that reads them.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryFile
from typing import ParamSpec, TypedDict
from urllib.parse import parse_qsl, urlsplit

import duckdb
import pyarrow as pa
import pytest
import requests
from cryptography.fernet import Fernet
from obstore.exceptions import GenericError, PermissionDeniedError, UnauthenticatedError

from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import Attached
from qb_assets.attachments.spool import Spool
from qb_assets.catalog import ENTITIES
from qb_assets.lake import parquet
from qb_assets.lake.access import S3Access, s3_access
from qb_assets.lake.errors import explain
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.budget import Budget
from qb_assets.quickbooks.callback import CallbackServer
from qb_assets.quickbooks.calls import report_call
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.connect import connect_in_browser, connect_with_refresh_token
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.links import check_link
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.paging import sweep_by_position, sweep_slices
from qb_assets.quickbooks.query import EVERYTHING, Span, Window
from qb_assets.quickbooks.refresh import load
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.sqlite_book import SqliteBook
from qb_assets.quickbooks.stores import FileTokenStore, token_store_from_url
from qb_assets.quickbooks.stores.locks import lock_timeout
from qb_assets.quickbooks.throttle import ProcessThrottle
from qb_assets.quickbooks.tokens import Connection, check_realm
from qb_assets.quickbooks.verdict import Answer, verdict
from qb_assets.quickbooks.webhooks.places import open_inbox
from qb_assets.quickbooks.webhooks.server import serve
from qb_assets.quickbooks.wire import Wire
from qb_assets.warehouse.ddl import relation
from qb_assets.warehouse.resource import WarehouseResource
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token
from qb_assets_tests.quickbooks.servers import ScriptedServer, reply
from qb_assets_tests.quickbooks.test_paging import Books, still

NOBODY = "http://127.0.0.1:9"


class Place(TypedDict):
    """Where an object store was asked."""

    url: str
    endpoint: str
    path: str


HOLDER = (
    "import fcntl, sys; file = open(sys.argv[1], 'rb+'); fcntl.lockf(file, fcntl.LOCK_EX);"
    " print('held', flush=True); sys.stdin.read()"
)
CUT_OFF = b"""{"Header": {"ReportName": "TrialBalance"}, "Columns": {"Column": []},
"Rows": {"Row": [
{"ColData": [{"value": "Unable to display more data. Please reduce the date range."}],
"type": "Data"}]}}"""
P = ParamSpec("P")
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def error_of(do: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Exception:
    """What goes wrong with something that must."""
    try:
        do(*args, **kwargs)
    except Exception as error:  # whatever it is: the test looks at it
        return error
    raise AssertionError("nothing went wrong")


def fault(code: str, http_status: int) -> Exception | None:
    """What an answer with one of Intuit's codes means."""
    body = (
        f'{{"error":"{code}"}}'
        if code.startswith("invalid_")
        else f'{{"Fault":{{"Error":[{{"Message":"m","code":"{code}"}}],"type":"ValidationFault"}}}}'
    )
    return verdict(Answer(http_status, {}, body.encode()), company=REALM, entity="Invoice")


def answers() -> Iterator[Exception | None]:
    """Answers without a code that says what they mean, or none that is whole."""
    for status in (401, 403, 408, 429, 503, 404):
        yield verdict(Answer(status, {}, b""), company=REALM, entity="Bill")
    for body in (b'{"cut', b"<html>"):
        yield verdict(Answer(200, {}, body), company=REALM, entity="Bill")
    report = report_call("TrialBalance", {})
    yield error_of(report.read, CUT_OFF)
    yield error_of(read_report, b"[]")
    throttle = ProcessThrottle(1, 1)
    throttle.pause(5)
    yield error_of(throttle.slot(timeout=0).__enter__)


def wires(folder: Path) -> Iterator[Exception]:
    """Connections that cannot be made, or that end too early."""

    def hang(_handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)

    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        handler.close_connection = True

    def close(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)

    def ask(url: str, seconds: float = 5.0) -> Exception:
        wire = Wire(Settings(client_id="a", client_secret="b", base_url=url), REALM)
        return error_of(wire.ask, "query", {}, a_token(), seconds=seconds)

    yield ask(NOBODY)
    yield ask(NOBODY.replace("http:", "https:"))
    with ScriptedServer(hang) as server:
        yield ask(server.url, 0.1)
        yield ask(server.url.replace("http:", "https:"))
    for reply_with in (cut, close):
        with ScriptedServer(reply_with) as server:
            yield ask(server.url)
    with ScriptedServer(hang) as server:
        store = FileTokenStore(folder / "slow")
        store.save(a_connection(), replaces=None)
        client = QuickBooksClient(server.settings(attempts=1, timeout=0.1), store, REALM)
        yield error_of(client.report, "TrialBalance", {}, divisible=True)
        client.close()
    with ScriptedServer(reply(b""), token_reply=close) as server:
        settings = server.settings()
        yield error_of(OAuth(settings).exchange, "code", REALM)
    for body, status in ((b"{}", 200), (b'{"error":"invalid_grant"}', 400), (b"{}", 401)):
        with ScriptedServer(reply(b""), token_reply=reply(body, status)) as server:
            settings, store = server.settings(), FileTokenStore(folder / f"new-{status}")
            yield error_of(connect_with_refresh_token, settings, store, REALM, "secret")


def paging() -> Iterator[Exception]:
    """Books that are edited faster than they are read."""

    class Short(Books):
        def counts(self, spans: Sequence[Span]) -> list[int]:
            return [number + 1 for number in super().counts(spans)]

    class Backwards(Books):
        def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
            return super().page(span, start=start, limit=limit)[::-1]

    rows = {number: START + timedelta(seconds=number) for number in range(8)}
    window = Window(START, START + timedelta(days=1))
    yield error_of(list, sweep_slices(Short(dict(rows), still), [window], limit=5))
    yield error_of(list, sweep_by_position(Short(dict(rows), still), EVERYTHING, limit=5))
    yield error_of(list, sweep_slices(Backwards(dict(rows), still), [window], limit=5))


def files(folder: Path) -> Iterator[Exception]:
    """What the host of the files answers in place of a file, and links that lead elsewhere."""

    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx")
        handler.close_connection = True

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx")
        handler.wfile.flush()
        time.sleep(1.2)

    store = FileTokenStore(folder / "files")
    store.save(a_connection(), replaces=None)
    replies = [reply(b"", status) for status in (403, 404, 302, 503, 400)]
    for each in (*replies, broken, drips, reply(b"1234")):
        with ScriptedServer(reply(b"to come")) as server:
            server.replies = [reply(f"{server.url}/v3/file".encode()), each]
            client = QuickBooksClient(server.settings(attempts=1), store, REALM)
            with TemporaryFile() as disk:
                spool = Spool(_attached(5), FileLimits(), disk)
                host = client.files(seconds=1)
                yield error_of(host.download, "1", spool)
                host.close()
            client.close()
    settings = Settings(client_id="a", client_secret="b")
    for link in ("https://files.example.com/a", "http://x.intuit.com/a", "https://u@intuit.com/"):
        yield error_of(check_link, link, settings)


def _attached(size: int) -> Attached:
    return Attached(REALM, "1", "0", "a.pdf", size, "application/pdf")


def tokens(folder: Path) -> Iterator[Exception]:
    """Token stores that do not give, or do not keep."""
    store = FileTokenStore(folder / "tokens")
    yield error_of(store.load, REALM)
    store.save(a_connection(), replaces=None)
    yield error_of(store.save, a_connection(), replaces=None)
    other = FileTokenStore(folder / "tokens", key=Fernet.generate_key().decode())
    yield error_of(other.load, REALM)
    production = Settings(client_id="a", client_secret="b", environment="production")
    yield error_of(load, production, store, REALM)
    (folder / "file").write_text("in the way")
    yield error_of(FileTokenStore(folder / "file" / "tokens").save, a_connection(), replaces=None)
    yield lock_timeout(REALM, "token", "the holder of 1.lock")


def calls(folder: Path) -> Iterator[Exception]:
    """Call books that are none, and one that is full."""
    (folder / "book").write_text("this is no database, but it is long enough to look like one" * 9)
    yield error_of(SqliteBook(folder / "book").counts, "app", "2026-01")
    yield error_of(SqliteBook(folder / "file" / "book").counts, "app", "2026-01")
    away = call_book("postgresql://nobody@127.0.0.1:9/x")
    yield error_of(away.counts, "app", "2026-01")
    for place in (folder / "book", folder / "file" / "book", "postgresql://nobody@127.0.0.1:9/x"):
        yield error_of(open_inbox(str(place)).waiting)
    yield error_of(open_inbox, "ftp://x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        inbox, port = open_inbox(str(folder / "inbox")), int(taken.getsockname()[1])
        yield error_of(serve, inbox, ["verifier"], host="127.0.0.1", port=port, announce=print)
    spent = Settings(client_id="spent", client_secret="b", monthly_call_budget=0)
    yield error_of(Budget(spent, REALM).reserve, "query", "Invoice")


def settings(folder: Path) -> Iterator[Exception]:
    """Settings that make no sense."""
    keys = {"QB_CLIENT_ID": "a", "QB_CLIENT_SECRET": "b"}
    for wrong in (
        {"QB_CLIENT_ID": ""},
        {"QB_ENVIRONMENT": "moon"},
        {"QB_BASE_URL": "here"},
        {"QB_TIMEOUT": "soon"},
        {"QB_FORCE_CALLS": "perhaps"},
        {"QB_CLIENT_SECRET": "", "QB_CLIENT_SECRET_FILE": str(folder / "nothing")},
    ):
        yield error_of(Settings.from_environment, {**keys, **wrong})
    yield error_of(check_realm, "no realm!")
    yield error_of(FileTokenStore(folder / "t", key="short").save, a_connection(), replaces=None)
    yield error_of(token_store_from_url, "ftp://x")
    yield error_of(call_book, "ftp://x")


def pages(folder: Path) -> Iterator[Exception]:
    """What can become of connecting in the browser."""

    def finish(_code: str, _realm: str) -> Connection:
        return a_connection()

    yield error_of(CallbackServer, "https://example.com/", "state", finish)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        uri = f"http://localhost:{taken.getsockname()[1]}/callback"
        yield error_of(CallbackServer, uri, "state", finish)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://localhost:{free.getsockname()[1]}/callback"
    yield error_of(CallbackServer(uri, "state", finish).wait, 0)
    settings, store = (
        Settings(client_id="a", client_secret="b", redirect_uri=uri),
        FileTokenStore(folder / "chosen"),
    )
    with ThreadPoolExecutor(1) as person:

        def comes_back(address: str, **given: str) -> None:
            state = dict(parse_qsl(urlsplit(address).query))["state"]
            person.submit(requests.get, uri, {"state": state, **given}, timeout=5)

        for given in ({"error": "access_denied"}, {"code": "c", "realmId": "2"}):
            click = partial(comes_back, **given)
            yield error_of(
                connect_in_browser,
                settings,
                store,
                company="1",
                open_page=click,
                announce=str,
                timeout=5,
            )


def object_store() -> Iterator[Exception]:
    """What an S3 server says of requests that it does not take."""
    said = {
        "404 <Code>NoSuchBucket</Code>": GenericError,
        "400 <Code>InvalidBucketName</Code>": GenericError,
        "403 <Code>SignatureDoesNotMatch</Code>": UnauthenticatedError,
        "403 <Code>AccessDenied</Code>": PermissionDeniedError,
        "301 Moved": GenericError,
        "403 <Code>RequestTimeTooSkewed</Code>": PermissionDeniedError,
        "503 Slow down": GenericError,
        "500 Internal": GenericError,
    }
    place = Place(url="s3://books/a", endpoint="https://s3", path="raw/x")
    for text, kind in said.items():
        yield explain(kind(f"status code: {text}"), **place)
    yield explain(GenericError("HTTP error: connection refused"), **place)


def lake(folder: Path) -> Iterator[Exception]:
    """A lake on a disk, and objects that are not as they should be."""
    for number in (errno.EACCES, errno.ENOSPC, errno.EROFS):
        error = OSError(number, os.strerror(number))
        yield explain(error, url="file:///lake", endpoint="", path="raw/x")
    yield error_of(Lake.open, "http://lake")
    yield error_of(Lake.open, "s3://user@bucket", S3Access("https://s3"))
    yield error_of(s3_access, profile_name="nobody's")
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, str(folder / "nothing"))
        yield error_of(Lake.open, "s3://bucket")
    (folder / "no-folder").write_text("in the way")
    yield error_of(Lake.open, str(folder / "no-folder"))
    there = Lake.open(str(folder / "lake"))
    there.create("a", b"1")
    yield error_of(there.create, "a", b"2")
    yield error_of(there.read, "b")
    yield error_of(there.create, "../b", b"1")
    yield error_of(parquet.decode, b"no Parquet")
    data = parquet.encode(pa.Table.from_pylist([{"a": 1}]))
    yield error_of(parquet.decode, data, ["b"])


def warehouse(folder: Path) -> Iterator[Exception]:
    """Warehouses that do not open, and one of another schema."""
    file = folder / "broken.duckdb"
    file.write_text("this is no DuckDB database, but a text of some length")
    yield error_of(WarehouseResource(database=str(file)).get_connection().__enter__)
    yield error_of(WarehouseResource(database="postgres://x").path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QB_WAREHOUSE_WAIT", "long")
        yield error_of(WarehouseResource().wait)
    term = ENTITIES["Term"]
    with duckdb.connect(str(folder / "old.duckdb")) as connection:
        ensure_tables(connection, term)
        connection.execute(f"ALTER TABLE {relation('term')} ADD COLUMN old_note VARCHAR")
        yield error_of(ensure_tables, connection, term)
    yield _held(folder / "old.duckdb")


def _held(file: Path) -> Exception:
    """The error of opening a file that another process has locked, as DuckDB does."""
    words = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        resource = WarehouseResource(database=str(file), wait_seconds=0)
        error = error_of(resource.get_connection().__enter__)
        holder.communicate("")
    return error
