"""Each way a lake can be unusable gives one plain line, and no line gives a secret away."""

import os
import re
import secrets
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from qb_assets.lake.access import S3Access
from qb_assets.lake.errors import LakeDataError, LakeError, LakeUnavailable, explain
from qb_assets.lake.store import Lake


def said(url: str, s3: S3Access | None, do: Callable[[Lake], object]) -> LakeError:
    """The error of doing something with a lake, after looking that it is one line, no secret."""
    with pytest.raises(LakeError) as caught:
        do(Lake.open(url, s3, retries=1))
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 400
    everything = "".join(traceback.format_exception(caught.value))
    if s3 is not None:
        assert s3.secret_access_key not in everything + repr(caught.value)
        assert s3.access_key_id not in everything + repr(caught.value)
    return caught.value


ACTIONS: dict[str, Callable[[Lake], object]] = {
    "probe": Lake.probe,
    "create": lambda lake: lake.create("a", b"1"),
    "replace": lambda lake: lake.replace("a", b"1"),
    "read": lambda lake: lake.read("a"),
    "list": lambda lake: lake.list("a"),
    "delete": lambda lake: lake.delete(["a"]),
}
every_action = pytest.mark.parametrize("action", list(ACTIONS))


@every_action
def test_no_such_bucket(s3: S3Access, action: str) -> None:
    error = said("s3://nobucket/x", s3, ACTIONS[action])
    assert isinstance(error, LakeUnavailable)
    assert not error.retryable
    assert "s3://nobucket/x has no such bucket: create the bucket" in str(error)


@every_action
def test_unknown_access_key(s3: S3Access, action: str) -> None:
    wrong = replace(s3, access_key_id="AKIANOBODY" + secrets.token_hex(5))
    error = said("s3://lake/x", wrong, ACTIONS[action])
    assert isinstance(error, LakeUnavailable)
    assert not error.retryable
    assert "s3://lake/x refused the credentials (InvalidAccessKeyId): check" in str(error)


@every_action
def test_wrong_secret_key(s3: S3Access, action: str) -> None:
    error = said("s3://lake/x", replace(s3, secret_access_key="wrong-secret"), ACTIONS[action])
    assert isinstance(error, LakeUnavailable)
    assert "refused the credentials (SignatureDoesNotMatch)" in str(error)


@every_action
def test_unsigned_requests_are_not_allowed(s3: S3Access, action: str) -> None:
    error = said("s3://lake/x", replace(s3, unsigned=True), ACTIONS[action])
    assert isinstance(error, LakeUnavailable)
    assert "AccessDenied" in str(error)
    assert "grant list, read, write and delete" in str(error)


@every_action
def test_unreachable_endpoint(action: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://user:hunter2@127.0.0.1:{free.getsockname()[1]}"
    s3 = S3Access(endpoint, access_key_id="AKIAKEY", secret_access_key="very-secret")
    error = said("s3://lake/x", s3, ACTIONS[action])
    assert isinstance(error, LakeUnavailable)
    assert error.retryable
    assert f"could not be reached at {s3.server}: check the network" in str(error)
    assert "hunter2" not in str(error) + repr(s3)


def test_credentials_that_cannot_be_had() -> None:
    def broken() -> dict[str, str]:
        raise RuntimeError("token=very-secret")

    s3 = S3Access("http://127.0.0.1:9", provider=broken)  # pyright: ignore[reportArgumentType]
    with pytest.raises(LakeUnavailable, match="refused the credentials") as caught:
        Lake.open("s3://lake/x", s3).create("a", b"1")
    assert "very-secret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_error_is_retryable_and_its_text_is_not_repeated() -> None:
    text = "status code: 500 Internal: <Code>InternalError</Code><AWSAccessKeyId>AKIAX</A>"
    error = explain(RuntimeError(text), url="s3://b", endpoint="https://x", path="a/b")
    assert error.retryable
    assert "could not serve a/b (InternalError)" in str(error)
    assert "AKIAX" not in str(error)


class Careless(BaseHTTPRequestHandler):
    """Keeps what it is given, and knows nothing of If-None-Match; `status` makes it fail."""

    protocol_version = "HTTP/1.1"
    status = 200
    held: ClassVar[dict[str, bytes]] = {}

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status if self.status == 200 else self.status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self) -> None:
        self.held[self.path] = self.body()
        self.answer(200)

    def do_GET(self) -> None:
        empty = b"<ListBucketResult><Name>b</Name></ListBucketResult>"
        self.answer(200, empty if "?" in self.path else self.held[self.path])

    def do_POST(self) -> None:
        keys = re.findall("<Key>(.*?)</Key>", self.body().decode())
        for key in keys:
            del self.held[f"/bucket/{key}"]
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self.answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Access]:
    monkeypatch.setattr(Careless, "held", {})
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        yield S3Access(endpoint, access_key_id="AKIAKEY", secret_access_key="very-secret")
        server.shutdown()


def test_probe_finds_a_store_that_overwrites(careless: S3Access) -> None:
    error = said("s3://bucket/x", careless, Lake.probe)
    assert isinstance(error, LakeUnavailable)
    assert "lets one writer overwrite another's new object" in str(error)
    assert Careless.held == {}


@pytest.mark.parametrize(
    ("status", "words", "retryable"),
    [
        (503, "is busy: try again later", True),
        (500, "(status 500)", True),
        (301, "set AWS_REGION to the bucket's region", False),
        (401, "refused the credentials", False),
        (403, "does not allow access to a", False),
        (501, "(status 501)", False),
    ],
)
def test_what_a_server_answers(
    careless: S3Access,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    words: str,
    retryable: bool,
) -> None:
    monkeypatch.setattr(Careless, "status", status)
    error = said("s3://bucket/x", careless, lambda lake: lake.create("a", b"1"))
    assert words in str(error)
    assert error.retryable == retryable


@pytest.mark.parametrize("status", [301, 400])
def test_another_region(status: int) -> None:
    text = f"status code: {status}: <Code>AuthorizationHeaderMalformed</Code>"
    error = explain(RuntimeError(text), url="s3://b", endpoint="https://x", path="a")
    assert "set AWS_REGION" in str(error)


def test_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = said(f"{tmp_path}/file/lake", None, Lake.probe)
    assert isinstance(error, LakeUnavailable)
    assert f"file://{tmp_path}/file/lake runs through a file" in str(error)
    assert "set QB_LAKE_URL to another place" in str(error)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is a file: move it away" in str(said(f"{tmp_path}/file", None, Lake.probe))


def test_an_object_below_an_object(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    lake.create("a", b"1")
    with pytest.raises(LakeUnavailable, match="runs through a file"):
        lake.create("a/b", b"1")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only Linux has a /proc")
def test_a_folder_that_not_even_root_can_write() -> None:
    error = said("file:///proc/self/lake", None, Lake.probe)
    assert isinstance(error, LakeUnavailable)
    assert "The lake at file:///proc/self/lake" in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir(mode=0o500)
    error = said(f"{tmp_path}/lake", None, Lake.probe)
    assert "may not be read or written by this user" in str(error)


@pytest.mark.parametrize(
    "url",
    ["", "gs://bucket/x", "file://relative/x", "s3://", "s3://key:hunter2@bucket", "s3://b?x"],
)
def test_an_address_that_is_none(url: str, s3: S3Access) -> None:
    with pytest.raises(LakeUnavailable, match="set QB_LAKE_URL") as caught:
        Lake.open(url, s3)
    assert "hunter2" not in str(caught.value)


def test_data_errors_are_lake_errors() -> None:
    assert issubclass(LakeDataError, LakeError)
