"""The lake's promises, kept by a local folder and by a real S3 server alike."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest

from qb_assets.lake.access import S3Access
from qb_assets.lake.errors import LakeError, ObjectExists, ObjectMissing
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer

PATH = "raw/invoice/company=1/updated_on=2024-01-31/x-1.parquet"


def test_create_makes_an_object_once(lake: Lake) -> None:
    lake.create(PATH, b"first")
    with pytest.raises(ObjectExists, match="x-1") as caught:
        lake.create(PATH, b"second")
    assert not caught.value.retryable
    assert lake.read(PATH) == b"first"


def test_replace_makes_and_replaces(lake: Lake) -> None:
    lake.replace(PATH, b"first")
    lake.replace(PATH, b"second, longer")
    lake.replace(PATH, b"3")
    assert lake.read(PATH) == b"3"


def test_an_empty_and_a_large_object_come_back_whole(lake: Lake) -> None:
    large = os.urandom(12_000_000)
    lake.create("a/empty", b"")
    lake.create("a/large", large)
    lake.replace("a/large-too", large)
    assert lake.read("a/empty") == b""
    assert lake.read("a/large") == large == lake.read("a/large-too")


def test_listing_is_sorted_recursive_and_by_whole_segments(lake: Lake) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=5)
    for path in ("raw/b/2", "raw/b/10", "raw/a/company=1/x", "raw/ab/z", "other"):
        lake.create(path, b"12345")
    found = lake.list("raw")
    assert [each.path for each in found] == ["raw/a/company=1/x", "raw/ab/z", "raw/b/10", "raw/b/2"]
    assert {each.size for each in found} == {5}
    assert all(before < each.last_modified for each in found)
    assert all(each.e_tag for each in found)
    assert [each.path for each in lake.list("raw/a")] == ["raw/a/company=1/x"]
    assert [each.path for each in lake.list("raw/a/company=1/")] == ["raw/a/company=1/x"]
    assert lake.list("raw/nothing") == []
    assert len(lake.list()) == 5


def test_a_listing_of_more_than_one_page_is_complete(lake: Lake) -> None:
    paths = [f"many/{number:04}" for number in range(1_100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lake.create, paths, [b"1"] * len(paths)))
    assert [each.path for each in lake.list("many")] == paths


def test_read_many_keeps_the_order(lake: Lake) -> None:
    paths = [f"a/{number}" for number in range(40)]
    for path in paths:
        lake.create(path, path.encode())
    assert lake.read_many(reversed(paths)) == [path.encode() for path in reversed(paths)]
    assert lake.read_many([]) == []
    with pytest.raises(ObjectMissing, match="a/nothing"):
        lake.read_many([*paths, "a/nothing"])


def test_iterate_reads_only_a_bounded_number_ahead(lake: Lake) -> None:
    asked: list[str] = []

    def paths() -> list[str]:
        return [f"a/{number}" for number in range(20)]

    def watched() -> Iterator[str]:
        for path in paths():
            asked.append(path)
            yield path

    for path in paths():
        lake.create(path, path.encode())
    reading = lake.iterate(watched(), concurrency=3)
    assert next(reading) == b"a/0"
    assert len(asked) <= 4
    assert list(reading) == [path.encode() for path in paths()[1:]]


def test_delete_and_exists(lake: Lake) -> None:
    lake.create("a/1", b"1")
    lake.create("a/2", b"1")
    assert lake.exists("a/1")
    lake.delete(["a/1", "a/never-was"])
    lake.delete([])
    assert not lake.exists("a/1")
    assert [each.path for each in lake.list()] == ["a/2"]
    with pytest.raises(ObjectMissing) as caught:
        lake.read("a/1")
    assert lake.url in str(caught.value)
    assert not caught.value.retryable


@pytest.mark.parametrize("path", ["", "/a", "a//b", "a/", "../a", "a/./b", "a b", "a#1", "ä"])
def test_a_path_that_is_not_plain_is_refused(lake: Lake, path: str) -> None:
    with pytest.raises(LakeError, match="cannot hold"):
        lake.create(path, b"1")
    assert lake.list() == []


def test_the_address_of_an_object(lake: Lake, tmp_path: Path) -> None:
    lake.create("a/company=1", b"1")
    uri = lake.uri("a/company=1")
    assert uri.endswith("/a/company=1")
    assert uri.startswith(("s3://lake/tests/", tmp_path.as_uri() + "/a%20lake/"))


def test_probe_leaves_nothing(lake: Lake) -> None:
    lake.probe()
    assert lake.list() == []


def test_of_many_threads_exactly_one_creates(lake_maker: Callable[[], Lake]) -> None:
    lakes = [lake_maker() for _ in range(8)]
    # SeaweedFS lets some of those who lose wait for a second or two.
    turns = 50 if lakes[0].url.startswith("file:") else 2
    for turn in range(turns):
        start = Barrier(len(lakes))

        def contend(number: int, turn: int = turn, start: Barrier = start) -> int | None:
            start.wait()
            try:
                lakes[number].create(f"race/{turn}", b"%d" % number * 1000)
            except ObjectExists:
                return None
            return number

        with ThreadPoolExecutor(len(lakes)) as pool:
            won = [each for each in pool.map(contend, range(len(lakes))) if each is not None]
        assert len(won) == 1
        assert lakes[0].read(f"race/{turn}") == b"%d" % won[0] * 1000


RACER = """
import sys
from qb_assets.lake.errors import ObjectExists
from qb_assets.lake.store import Lake

lake, me = Lake.open(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
won = []
for turn in range(30):
    try:
        lake.create(f"race/{turn}", me.encode())
        won.append(str(turn))
    except ObjectExists:
        pass
print(" ".join(won))
"""


def start_script(script: str, lake: Lake, env: dict[str, str], *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, lake.url, *more],
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def script_env(lake: Lake, request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment by which another process reaches the same lake."""
    if lake.url.startswith("file:"):
        return {}
    server: SeaweedServer = request.getfixturevalue("seaweed")
    return server.env


def test_of_many_processes_exactly_one_creates(lake: Lake, script_env: dict[str, str]) -> None:
    racers = [start_script(RACER, lake, script_env, f"racer-{n}") for n in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    winners: dict[str, str] = {}
    for number, racer in enumerate(racers):
        for turn in racer.communicate(timeout=60)[0].split():
            assert winners.setdefault(turn, f"racer-{number}") == f"racer-{number}"
    assert len(winners) == 30
    for turn, winner in winners.items():
        assert lake.read(f"race/{turn}") == winner.encode()


WRITER = """
import sys
from qb_assets.lake.store import Lake

lake = Lake.open(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    lake.create(f"new/{number}", bytes([number % 251]) * 8_000_000)
    lake.replace("replaced", bytes([number % 251]) * 8_000_000)
    number += 1
"""


@pytest.mark.parametrize("seconds", [0.05, 0.16, 0.31])
def test_a_killed_writer_leaves_no_half_object(
    lake: Lake, script_env: dict[str, str], seconds: float
) -> None:
    lake.replace("replaced", b"\0" * 8_000_000)
    writer = start_script(WRITER, lake, script_env)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    for found in lake.list():
        content = lake.read(found.path)
        assert len(content) == found.size == 8_000_000
        assert len(set(content)) == 1
    lake.create("new/after", b"1")


HEAVY_WRITER = """
import sys
from qb_assets.lake.store import Lake

lake = Lake.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
lake.create("new/heavy", bytes(200_000_000))
"""


def test_a_writer_killed_in_the_middle_of_an_object(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    (tmp_path / "new").mkdir()
    writer = start_script(HEAVY_WRITER, lake, {})
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()
    until = time.monotonic() + 30
    while not any((tmp_path / "new").iterdir()):
        assert time.monotonic() < until
        time.sleep(0.001)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    (left,) = (tmp_path / "new").iterdir()
    assert left.stat().st_size < 200_000_000, "the writer was killed too late to show anything"
    assert lake.list() == []
    assert not lake.exists("new/heavy")
    lake.create("new/heavy", b"whole")
    assert lake.read("new/heavy") == b"whole"
    left.unlink()


def test_a_file_half_written_in_place_of_an_object_is_not_listed(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    lake.create("raw/a", b"1")
    (tmp_path / "raw" / f"b#{2**62}").write_bytes(b"half")
    assert [each.path for each in lake.list()] == ["raw/a"]
    lake.create("raw/b", b"whole")
    assert lake.read("raw/b") == b"whole"


def test_a_local_writer_tidies_up(tmp_path: Path) -> None:
    lake = Lake.open(str(tmp_path))
    lake.create("raw/a", b"1")
    with pytest.raises(ObjectExists):
        lake.create("raw/a", b"2")
    lake.replace("raw/a", b"3")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["a"]


def test_a_lake_can_be_opened_again_by_its_own_address(lake: Lake, s3: S3Access) -> None:
    lake.create("a", b"1")
    assert Lake.open(lake.url, s3).read("a") == b"1"
