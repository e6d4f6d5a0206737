"""Files of a real sandbox into a real lake: what is kept, what is not, and what a rerun does."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qb_assets.attachments.fetch import MOST_IN_A_ROW, FileFetch
from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import all_rows, contents_held
from qb_assets.quickbooks.faults import ServerUnavailable
from qb_assets_tests.attachments.company import DAY, Company, attached, company, hash_of
from qb_assets_tests.raw.fetching import record

MB = 1_000_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Company]:
    """Three files, of which two have the same content, and a note."""
    files = [attached(1), attached(2), attached(3, "scan.PNG", Size=None, ContentType=None)]
    with company(tmp_path, *files, record(4, DAY, Note="call back")) as found:
        found.change(2, seed="1")
        found.change(3, size=200_000, content_type="image/png")
        yield found


def test_files_are_kept_once_by_their_content(small: Company) -> None:
    done = small.fetch()
    assert done.states == {"kept": 3}
    assert (done.stored, done.stored_bytes, done.bytes) == (2, 201_000, 202_000)
    same, other = hash_of("1", 1000), hash_of("3", 200_000)
    assert contents_held(small.lake) == {same: 1000, other: 200_000}
    assert small.whole()
    rows = small.rows()
    assert {identity: row["sha256"] for identity, row in rows.items()} == {
        "1": same,
        "2": same,
        "3": other,
    }
    assert rows["3"] == {
        "_company": small.realm,
        "attachable_id": "3",
        "version": "0",
        "file_name": "scan.PNG",
        "state": "kept",
        "reason": None,
        "sha256": other,
        "size": 200_000,
        "stated_size": None,
        "content_type": "image/png",
        "path": f"attachments/sha256/{other[:2]}/{other}",
        "max_bytes": 25 * MB,
        "fetched_at": rows["3"]["fetched_at"],
    }
    assert small.calls() == small.calls("file") == 3


def test_a_rerun_asks_for_what_is_missing_or_changed_alone(small: Company) -> None:
    small.fetch()
    again = small.fetch()
    assert (small.calls(), again.unchanged, again.states.total()) == (0, 3, 0)
    assert all_rows(small.lake, small.realm).num_rows == 3

    small.box.admin("edit", {"entity": "Attachable", "id": "1", "fields": {"Size": 1500}})
    small.land()
    small.fetch()
    assert small.calls() == 1
    newest = all_rows(small.lake, small.realm).to_pylist()[-1]
    assert (newest["attachable_id"], newest["version"], newest["size"]) == ("1", "1", 1500)

    small.lake.delete([small.rows()["3"]["path"]])
    assert small.fetch().stored == 1
    assert [each["id"] for each in small.asked()] == ["3"]
    small.lake.replace(small.rows()["3"]["path"], b"half")
    assert small.fetch().stored == 1
    assert small.whole()

    small.box.admin("delete", {"entity": "Attachable", "id": "2"})
    small.box.admin("edit", {"entity": "Attachable", "id": "3", "fields": {"FileName": None}})
    small.fetcher.fetch(small.fetcher.later(), entities=["Attachable"], sweep=True)
    assert small.fetch().unchanged == 1


def test_files_beyond_the_limit_are_refused_as_soon_as_that_is_known(tmp_path: Path) -> None:
    files = [attached(1, Size=2 * MB), attached(2, Size=None), attached(3, Size=None), attached(4)]
    with company(tmp_path, *files) as small:
        small.change(2, size=2 * MB)
        small.change(3, size=2 * MB, length=False)
        small.change(4, length=False)
        done = small.fetch(max_bytes=MB)
        assert done.states == {"too_large": 3, "kept": 1}
        assert small.calls() == 3
        assert {i: row["size"] for i, row in small.rows().items()} == {
            "1": 2 * MB,
            "2": 2 * MB,
            "3": None,
            "4": 1000,
        }
        assert small.rows()["1"]["reason"] == "it is larger than 1,000,000 bytes"
        assert list(contents_held(small.lake)) == [hash_of("4", 1000)]
        assert small.fetch(max_bytes=MB).unchanged == 4
        assert small.fetch(max_bytes=MB // 2).unchanged == 4
        assert small.fetch(max_bytes=2 * MB).states == {"kept": 3}


def test_files_of_other_types_are_refused(tmp_path: Path) -> None:
    files = [
        attached(1, "run.exe", ContentType=None),
        attached(2, "page.pdf", ContentType="text/html; charset=utf-8"),
        attached(3, "trick.pdf"),
        attached(4, "no extension"),
        attached(5, "archive.pdf.ZIP", ContentType="application/zip"),
    ]
    with company(tmp_path, *files) as small:
        small.change(3, content_type="text/html")
        assert small.fetch().states == {"type_not_allowed": 4, "kept": 1}
        assert sorted(each["id"] for each in small.asked()) == ["3", "4"]
        assert small.states()["4"] == "kept"
        # What a host says may be an error of the moment; what QuickBooks says is not.
        assert small.fetch().unchanged == 4
        assert small.fetch(types=frozenset({"zip", "pdf"})).states["kept"] == 1
        assert small.states()["5"] == "kept"


@pytest.mark.parametrize(
    "fault", ["link_expired", "reset", "reset_midway", "503_html", "cut_off", "429_xml"]
)
def test_what_passes_by_itself_is_tried_again_with_a_new_address(
    tmp_path: Path, fault: str
) -> None:
    on = "download" if fault == "429_xml" else "file"
    with company(tmp_path, attached(1, Size=200_000), attached(2, Size=200_000)) as large:
        large.befall(fault, on=on)
        assert large.fetch().states == {"kept": 2}
        assert contents_held(large.lake) == {hash_of(i, 200_000): 200_000 for i in ("1", "2")}
        assert large.calls() == 3
        assert large.calls("file") == (2 if on == "download" else 3)


def test_a_file_that_is_gone_or_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    files = [attached(identity) for identity in range(1, 8)]
    with company(tmp_path, *files, attempts=2) as small:
        small.change(1, gone=True)
        small.box.admin("delete", {"entity": "Attachable", "id": "2"})
        small.change(3, size=999)
        small.change(4, moved_to="https://intuit-qbo-prod-1.s3.amazonaws.com/elsewhere")
        small.change(5, link="http://10.0.0.7/latest/meta-data/iam")
        small.change(6, link="https://files.example.com/x?Signature=s3cret")
        done = small.fetch()
        assert done.states == {"gone": 2, "failed": 4, "kept": 1}
        assert {identity: row["reason"] for identity, row in small.rows().items()} == {
            "1": "the host of the files has no such file",
            "2": "there is no such object",
            "3": "WrongSize: the file has 999 bytes, and the attachable says 1,000",
            "4": "LinkNotTrusted: the address of the file leads on to another",
            "5": "LinkNotTrusted: the address of a file on 10.0.0.7 is not https on port 443",
            "6": "LinkNotTrusted: the address of a file leads to files.example.com",
            "7": None,
        }
        small.change(1)
        small.change(3)
        assert small.fetch().states == {"gone": 1, "failed": 3, "kept": 2}


def test_a_slow_file_ends_by_its_deadline(tmp_path: Path) -> None:
    with company(tmp_path, attached(1), attached(2), attempts=1) as small:
        small.befall("trickle", seconds=30)
        small.box.admin("weather", {"script": [{"on": "file", "fault": "trickle"}], "seconds": 30})
        assert small.fetch(seconds=1.0).states == {"kept": 1, "failed": 1}
        reason = next(row["reason"] for row in small.rows().values() if row["state"] == "failed")
        assert reason == "ConnectionFailed: the file was not whole in 1 s"


def test_a_host_in_trouble_is_not_asked_for_every_file(tmp_path: Path) -> None:
    files = [attached(identity) for identity in range(1, 31)]
    with company(tmp_path, *files, attempts=1) as small:
        small.box.admin("weather", {"rates": {"503_html": 1.0}, "only": ["file"]})
        with pytest.raises(ServerUnavailable, match="trouble of its own"):
            small.fetch()
        failed = len(small.rows())
        assert MOST_IN_A_ROW <= failed < MOST_IN_A_ROW + 5
        assert small.calls() == failed
        small.box.admin("weather", {})
        assert small.fetch().states == {"kept": 30}


def test_no_token_goes_to_the_host_of_the_files_and_no_address_to_a_log(
    small: Company,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    caplog.set_level(logging.DEBUG)
    small.befall("link_expired")
    small.change(3, moved_to="/files/elsewhere?X-Amz-Signature=abc")
    small.fetch()
    asked = small.asked()
    assert len(asked) >= 3
    for each in asked:
        assert not {"authorization", "cookie"} & set(each["headers"])
        assert each["headers"]["accept-encoding"] == "identity"
    lines = [line for line in caplog.messages if "kind=file" in line]
    assert len(lines) == 4
    assert "kind=download" in caplog.text
    assert "error=LinkExpired" in caplog.text
    for secret in ("Signature", "/files/", "Jane", "scan"):
        assert secret not in caplog.text


def test_two_fetches_at_once_keep_every_file_once_and_whole(small: Company) -> None:
    def one(name: str) -> int:
        return FileFetch(small.fetcher.client, small.lake, FileLimits(), name).run().states["kept"]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(one, ["20260312T180000000Z-a", "20260312T180000000Z-b"])) == [3, 3]
    assert len(contents_held(small.lake)) == 2
    assert small.whole()


def test_requests_are_counted_and_addresses_alone_are_metered(small: Company) -> None:
    before = small.fetcher.client.usage.snapshot()
    small.befall("reset_midway")
    small.fetch()
    spent = small.fetcher.client.usage.snapshot() - before
    assert dict(spent.sent) == {("download", "Attachable"): 4, ("file", "Attachable"): 4}
    assert dict(spent.metered) == {("download", "Attachable"): 4}
    assert small.box.admin("stats")["metered"] == 4
    assert spent.by["file", "Attachable"].errors == {"ConnectionFailed": 1}
