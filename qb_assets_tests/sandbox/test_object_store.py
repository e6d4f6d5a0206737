"""The local S3 server starts, keeps what it should, lets no one else in, and ends."""

import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from obstore.exceptions import PermissionDeniedError
from obstore.store import S3Store

from qb_assets.sandbox import object_store
from qb_assets.sandbox.object_store import ObjectStoreError, SeaweedServer
from qb_assets_tests.servers import shared_seaweed

pytestmark = pytest.mark.skipif(
    not object_store.available(), reason="there is no SeaweedFS wheel for this platform"
)


def store(server: SeaweedServer, **other: str) -> Any:
    config: Any = {
        "aws_endpoint_url_s3": server.endpoint,
        "region": server.env["AWS_REGION"],
        "access_key_id": server.env["AWS_ACCESS_KEY_ID"],
        "secret_access_key": server.env["AWS_SECRET_ACCESS_KEY"],
        **other,
    }
    retries: Any = {"max_retries": 0}
    return S3Store(
        server.bucket, config=config, client_options={"allow_http": True}, retry_config=retries
    )


def answers(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.socket() as client:
        return client.connect_ex((host, int(port))) == 0


def wait_until_silent(endpoint: str, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while answers(endpoint):
        assert time.monotonic() < until, f"something still answers at {endpoint}"
        time.sleep(0.05)


def test_a_kept_folder_outlives_the_server(tmp_path: Path) -> None:
    with SeaweedServer(tmp_path / "s3", bucket="books") as first:
        store(first).put("a/company=1/x", b"kept" * 100)
        assert first.env["QB_LAKE_URL"] == "s3://books/lake"
        assert stat.S_IMODE((tmp_path / "s3" / "keys.json").stat().st_mode) == 0o600
    wait_until_silent(first.endpoint)
    with SeaweedServer(tmp_path / "s3", bucket="books") as second:
        assert second.env["AWS_SECRET_ACCESS_KEY"] == first.env["AWS_SECRET_ACCESS_KEY"]
        assert bytes(store(second).get("a/company=1/x").bytes()) == b"kept" * 100
    assert (tmp_path / "s3" / "server.log").stat().st_size > 0


def test_two_servers_beside_each_other_and_nothing_left() -> None:
    with SeaweedServer() as one, SeaweedServer() as two:
        store(one).put("a", b"1")
        assert list(store(two).list()) == []
        folders = [one.log.parent, two.log.parent]
        assert all(folder.is_dir() for folder in folders)
    for server in (one, two):
        wait_until_silent(server.endpoint)
        port = server.endpoint.rpartition(":")[2]
        assert list(Path("/tmp").glob(f"seaweedfs-*-{port}.sock")) == []
    assert not any(folder.exists() for folder in folders)


def test_strangers_are_refused() -> None:
    seaweed = shared_seaweed()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{seaweed.endpoint}/{seaweed.bucket}?list-type=2", timeout=10)
    with pytest.raises(PermissionDeniedError):
        store(seaweed, secret_access_key="wrong").put("a", b"1")
    assert seaweed.env["AWS_SECRET_ACCESS_KEY"] not in repr(seaweed)


def test_it_ends_with_a_killed_process(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from qb_assets.sandbox.object_store import SeaweedServer\n"
        f"server = SeaweedServer(Path({str(tmp_path)!r}))\n"
        "server.start()\n"
        "print(server.endpoint, flush=True)\n"
        "input()\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    endpoint = owner.stdout.readline().strip()
    assert answers(endpoint)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    wait_until_silent(endpoint)
    for left in Path("/tmp").glob(f"seaweedfs-*-{endpoint.rpartition(':')[2]}.sock"):
        left.unlink(missing_ok=True)


def test_a_server_that_cannot_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((ObjectStoreError, OSError)):
        SeaweedServer(tmp_path / "file").start()
    bad = tmp_path / "bad"
    (bad / "data").mkdir(parents=True)
    (bad / "data" / "filerldb2").write_text("not a folder")
    server = SeaweedServer(bad)
    with pytest.raises(ObjectStoreError, match="did not start; its log ends with"):
        server.start()
    server.stop()


def test_taken_ports_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken, socket.socket() as twin:
        for port in range(12_000, 22_000, 7):
            try:
                taken.bind(("127.0.0.1", port))
                twin.bind(("127.0.0.1", port + 10_001))
            except OSError:
                continue
            break
        number = taken.getsockname()[1]
        monkeypatch.setattr(object_store, "_PORTS", range(number, number + 240))
        chosen = object_store._free_ports(5)  # pyright: ignore[reportPrivateUsage]
        assert number not in chosen
        assert number + 1 not in chosen
        assert len(set(chosen)) == 5
