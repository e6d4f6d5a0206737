"""How files lie in the lake: whole or not at all when the process is killed, and on S3 as well."""

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path

from qb_assets.attachments.records import all_rows, contents_held
from qb_assets.lake.access import S3Access
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets_tests.attachments.company import Company, attached, company, hash_of

FILES = 40
SIZE = 2_000_000


def begun(large: Company, folder: Path) -> "subprocess.Popen[str]":
    """A fetch in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qb_assets_tests.attachments.child"],
        stdin=subprocess.PIPE,
        text=True,
    )
    asked = {
        "environment": {**large.box.env, "QB_TOKEN_STORE": str(folder / "tokens")},
        "tokens": str(folder / "tokens"),
        "realm": large.realm,
        "lake": large.lake.url,
        "max_bytes": SIZE,
        "name": "20260312T180000000Z-killed",
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.close()
    return process


def test_a_killed_fetch_leaves_whole_files_and_the_next_brings_the_rest(tmp_path: Path) -> None:
    files = [attached(identity, Size=SIZE) for identity in range(1, FILES + 1)]
    with company(tmp_path, *files) as large:
        process = begun(large, tmp_path)
        try:
            until = time.monotonic() + 60
            while len(contents_held(large.lake)) < 5:
                assert process.poll() is None, "it ended before it could be killed"
                assert time.monotonic() < until
                time.sleep(0.005)
        finally:
            process.kill()
            process.wait()
        left = contents_held(large.lake)
        assert 5 <= len(left) < FILES
        assert large.whole()
        assert large.fetch().states == {"kept": FILES}
        assert len(contents_held(large.lake)) == FILES
        assert large.whole()
        assert large.fetch().unchanged == FILES


def test_on_a_real_s3_server(tmp_path: Path, seaweed: SeaweedServer) -> None:
    env = seaweed.env
    access = S3Access(
        endpoint=env["AWS_ENDPOINT_URL"],
        access_key_id=env["AWS_ACCESS_KEY_ID"],
        secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )
    files = [attached(1, Size=SIZE), attached(2, Size=SIZE), attached(3, Size=0)]
    with company(tmp_path, *files) as found:
        found.change(2, seed="1")
        found.fetcher.lake = Lake.open(f"s3://lake/tests/{secrets.token_hex(6)}", access)
        found.land()
        done = found.fetch()
        assert (done.states, done.stored, done.bytes) == ({"kept": 3}, 2, 2 * SIZE)
        assert contents_held(found.lake) == {hash_of("1", SIZE): SIZE, hash_of("3", 0): 0}
        assert found.whole()
        assert found.fetch().unchanged == 3
        assert all_rows(found.lake, found.realm).num_rows == 3
