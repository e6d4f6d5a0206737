"""The inbox: what is in it waits until its run is settled, in SQLite and in PostgreSQL."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from qb_assets.quickbooks.faults import ConfigurationError, InboxError, InboxUnavailable
from qb_assets.quickbooks.webhooks.inbox import AskedRun, Inbox
from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
from qb_assets.quickbooks.webhooks.postgres_inbox import postgres_inbox
from qb_assets.quickbooks.webhooks.sql_inbox import sqlite_inbox
from qb_assets_tests.quickbooks.webhooks import NOW, REALM, event, notes

OpenInbox = Callable[[], Inbox]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
RUN = AskedRun("k1", REALM, date(2026, 6, 2), NOW, {"Invoice": 0, "Bill": 0})


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> OpenInbox:
    """Opens one and the same inbox, as another process would."""
    if request.param == "sqlite":
        return lambda: sqlite_inbox(tmp_path / "qb" / "webhooks.db")
    url = request.getfixturevalue("postgres_url")
    return lambda: postgres_inbox(url)


def counts(inbox: Inbox) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for each in inbox.waiting():
        place = each.realm, each.entity
        found[place] = found.get(place, 0) + each.notifications
    return found


def test_repeats_are_dropped_also_within_one_call(opened: OpenInbox) -> None:
    inbox = opened()
    told = notes(event(1), event(2, "bill"), event(1), event(3, realm="7"))
    assert inbox.keep(told) == 3
    assert opened().keep([*told, *notes(event(4))]) == 1
    assert inbox.keep([]) == 0
    assert counts(inbox) == {(REALM, "Invoice"): 2, (REALM, "Bill"): 1, ("7", "Invoice"): 1}


def test_groups_do_not_cross_a_quarter_of_an_hour(opened: OpenInbox) -> None:
    inbox = opened()
    times = ["16:44:59.9", "16:45:00", "16:59:59"]
    inbox.keep(
        notes(*(event(n, time=f"2026-06-02T{time}Z") for n, time in enumerate(times)), at=NOW)
    )
    assert [(each.changed_at.minute, each.notifications) for each in inbox.waiting()] == [
        (44, 1),
        (45, 2),
    ]
    assert {each.received_at for each in inbox.waiting()} == {NOW}


def test_a_run_stands_for_what_was_there_and_is_settled_once(opened: OpenInbox) -> None:
    inbox = opened()
    inbox.keep(notes(event(1), event(2), event(3, "bill"), event(4, "item"), event(5, realm="7")))
    inbox.keep(notes(event(6), at=NOW + SECOND))
    asked = inbox.ask(RUN, changed_before=NOW + MINUTE, received_until=NOW)
    assert asked is not None
    assert asked.notifications == {"Invoice": 2, "Bill": 1}
    assert list(opened().asked()) == [asked]
    assert inbox.last_asked() == {REALM: NOW}
    left = {(REALM, "Invoice"): 1, (REALM, "Item"): 1, ("7", "Invoice"): 1}
    assert counts(inbox) == left
    inbox.settle(RUN.key, NOW)
    assert list(inbox.asked()) == []
    assert counts(inbox) == left
    assert inbox.keep(notes(event(1))) == 0


def test_a_run_for_nothing_is_not_asked_for(opened: OpenInbox) -> None:
    inbox = opened()
    inbox.keep(notes(event(1, time="2026-06-02T16:59:00Z")))
    early = inbox.ask(RUN, changed_before=NOW - MINUTE, received_until=NOW)
    unripe = inbox.ask(RUN, changed_before=NOW, received_until=NOW - SECOND)
    assert early is None
    assert unripe is None
    assert list(inbox.asked()) == []
    assert inbox.last_asked() == {}


def test_what_a_released_run_stood_for_waits_again(opened: OpenInbox) -> None:
    inbox = opened()
    inbox.keep(notes(event(1)))
    assert inbox.ask(RUN, changed_before=NOW, received_until=NOW) is not None
    assert counts(inbox) == {}
    inbox.release(RUN.key)
    assert counts(inbox) == {(REALM, "Invoice"): 1}
    assert list(inbox.asked()) == []


def test_what_is_done_is_forgotten_later_and_what_waits_only_when_it_is_named(
    opened: OpenInbox,
) -> None:
    inbox = opened()
    inbox.keep(notes(event(1), event(2, realm="7")))
    inbox.ask(RUN, changed_before=NOW, received_until=NOW)
    inbox.forget(NOW + MINUTE)
    assert inbox.keep(notes(event(1))) == 0  # it was asked for, and is not settled
    inbox.settle(RUN.key, NOW)
    inbox.forget(NOW)
    assert inbox.keep(notes(event(1))) == 0
    inbox.forget(NOW + SECOND)
    assert inbox.keep(notes(event(1))) == 1
    assert inbox.drop("7", "Invoice", NOW) == 0
    assert inbox.drop("7", "Invoice", NOW + SECOND) == 1
    assert counts(inbox) == {(REALM, "Invoice"): 1}


def test_many_at_once_keep_each_one_once(opened: OpenInbox) -> None:
    def keep(start: int) -> int:
        return opened().keep(notes(*(event(n) for n in range(start, start + 30))))

    with ThreadPoolExecutor(4) as threads:
        new = sum(threads.map(keep, [0, 20, 10, 0, 30]))
    assert new == 60
    assert counts(opened()) == {(REALM, "Invoice"): 60}


def test_the_file_is_its_owners_alone_and_made_when_it_is_written(tmp_path: Path) -> None:
    inbox = sqlite_inbox(tmp_path / "qb" / "webhooks.db")
    assert not inbox.begun()
    inbox.keep(notes(event(1)))
    assert inbox.begun()
    for file in (tmp_path / "qb").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InboxError, match="QB_WEBHOOK_INBOX") as caught:
        sqlite_inbox(tmp_path / "file" / "webhooks.db").waiting()
    assert "the webhook inbox" in str(caught.value)
    (tmp_path / "other.db").write_bytes(b"x" * 4096)
    with pytest.raises(InboxError, match="is not a webhook inbox"):
        sqlite_inbox(tmp_path / "other.db").waiting()
    with pytest.raises(InboxUnavailable) as away:
        postgres_inbox("postgresql://qb:SECRETpassword@127.0.0.1:1/x").waiting()
    assert "SECRETpassword" not in str(away.value)


def test_it_is_beside_the_call_book(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert inbox_place({}) == "~/.qb_assets/webhooks.db"
    assert inbox_place({"QB_TOKEN_STORE": folder}) == f"{folder}/webhooks.db"
    assert inbox_place({"QB_CALL_BOOK": f"{folder}/x/calls.db"}) == f"{folder}/x/webhooks.db"
    assert inbox_place({"QB_CALL_BOOK": "memory:"}) == "~/.qb_assets/webhooks.db"
    url = "postgresql://qb@host/db"
    assert inbox_place({"QB_TOKEN_STORE": url}) == url
    assert inbox_place({"QB_TOKEN_STORE": url, "QB_WEBHOOK_INBOX": "/a/b.db"}) == "/a/b.db"
    assert open_inbox(f"file://{folder}/w.db") is open_inbox(f"file://{folder}/w.db")
    assert "host='host'" in repr(open_inbox(url))
    with pytest.raises(ConfigurationError, match="ftp:"):
        open_inbox("ftp://somewhere")
