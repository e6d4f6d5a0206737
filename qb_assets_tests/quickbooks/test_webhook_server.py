"""`qb-assets webhooks serve` as Intuit meets it: over HTTP, in a process of its own."""

import asyncio
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from qb_assets.cli_webhooks import app
from qb_assets.quickbooks.webhooks.group_commit import GroupCommit
from qb_assets.quickbooks.webhooks.server import MAX_BYTES
from qb_assets.quickbooks.webhooks.sql_inbox import SqlInbox, sqlite_inbox
from qb_assets_tests.quickbooks.webhooks import (
    VERIFIER,
    body_of,
    change,
    event,
    legacy,
    post,
    server,
    signed,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox") / "webhooks.db"


@pytest.fixture(scope="module")
def url(place: Path) -> Iterator[str]:
    """The address of a server whose tokens are being rotated."""
    with server(str(place), verifier=f"the-next-one {VERIFIER}") as (address, _):
        yield address


@pytest.fixture
def inbox(place: Path) -> SqlInbox:
    return sqlite_inbox(place)


def kept(inbox: SqlInbox, realm: str) -> int:
    return sum(each.notifications for each in inbox.waiting() if each.realm == realm)


def test_both_formats_are_kept_before_they_are_answered(url: str, inbox: SqlInbox) -> None:
    assert post(url, body_of(event(1, realm="a"), event(2, realm="b"))).status_code == 200
    assert (kept(inbox, "a"), kept(inbox, "b")) == (1, 1)
    assert post(url, body_of(legacy(change(1), change(2), realm="a"))).status_code == 200
    assert kept(inbox, "a") == 3
    assert post(url, body_of(legacy(change(1), change(2), realm="a"))).status_code == 200
    assert kept(inbox, "a") == 3


def test_a_body_of_others_is_refused(url: str, inbox: SqlInbox) -> None:
    body = body_of(event(3, realm="c"))
    for headers in ({}, {"intuit-signature": "x"}, signed(body, "no token of ours"), signed(b"")):
        answer = post(url, body, headers)
        assert answer.status_code == 401
        assert "intuit-signature is missing, or not of this body" in answer.text
    assert kept(inbox, "c") == 0
    assert post(url, body, signed(body, "the-next-one")).status_code == 200
    assert kept(inbox, "c") == 1


def test_a_body_that_is_no_notification_is_refused_with_a_reason(url: str) -> None:
    answer = post(url, b'[{"id": 1}, ["SECRET-12"]]')
    assert answer.status_code == 400
    assert "neither of Intuit's formats" in answer.text
    assert "$[1]" in answer.text
    assert "SECRET" not in answer.text


def test_a_body_that_is_too_large_is_refused_whatever_its_length_says(url: str) -> None:
    body = b" " * (MAX_BYTES + 1)
    assert post(url, body).status_code == 413
    answer = requests.post(url, data=iter([body]), headers=signed(body), timeout=10)
    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.text
    assert post(url, b"[]".ljust(MAX_BYTES)).status_code == 200


def test_other_ways_to_ask(url: str) -> None:
    assert requests.get(url, timeout=10).status_code == 405
    assert requests.get(url.replace("/webhooks", "/health"), timeout=10).text == "ok\n"
    assert requests.get(url.replace("/webhooks", "/other"), timeout=10).status_code == 404


def test_what_cannot_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    with server(str(tmp_path / "w.db")) as (url, _):
        with closing(sqlite3.connect(tmp_path / "w.db")) as db:
            db.executescript("DROP TABLE qb_webhook_runs; DROP TABLE qb_webhook_notifications")
        answer = post(url, body_of(event(1)))
        health = requests.get(url.replace("/webhooks", "/health"), timeout=10)
    assert (answer.status_code, health.status_code) == (503, 503)
    assert "send them again" in answer.text
    assert str(tmp_path) not in answer.text + health.text


def test_it_says_what_is_missing_before_it_listens(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for verifier, reason in (("", "QB_WEBHOOK_VERIFIER is not set"), ("x", "cannot listen on")):
            done = CliRunner().invoke(
                app,
                ["serve", "--port", port],
                env={"QB_WEBHOOK_VERIFIER": verifier, "QB_WEBHOOK_INBOX": str(tmp_path / "w.db")},
            )
            assert reason in str(done.exception)


def test_what_comes_during_a_write_is_in_the_next_one_together() -> None:
    writes: list[list[int]] = []

    def keep(items: Sequence[int]) -> int:
        writes.append(list(items))
        if 13 in items:
            raise OSError
        return len(items)

    async def many() -> Sequence[object]:
        commit = GroupCommit(keep)
        first = asyncio.create_task(commit.add([1]))
        while not writes:
            await asyncio.sleep(0)
        others = [asyncio.create_task(commit.add([n, n])) for n in (2, 3)]
        outcome = await asyncio.gather(first, *others, return_exceptions=True)
        outcome += await asyncio.gather(commit.add([13]), commit.add([4]), return_exceptions=True)
        await commit.add([5])
        return outcome

    outcome = asyncio.run(many())
    assert writes == [[1], [2, 2, 3, 3], [13, 4], [5]]
    assert outcome[:3] == [None] * 3
    assert all(isinstance(each, OSError) for each in outcome[3:])
