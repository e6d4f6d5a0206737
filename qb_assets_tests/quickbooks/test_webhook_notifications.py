"""Both of Intuit's formats say the same; what is odd is kept, and nothing of it is quoted."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.webhooks.notification import LATEST, parse
from qb_assets.quickbooks.webhooks.signature import is_genuine, verifiers_from_environment
from qb_assets_tests.quickbooks.webhooks import (
    NOW,
    REALM,
    VERIFIER,
    body_of,
    change,
    event,
    legacy,
    notes,
    signed,
)


def test_cloud_events() -> None:
    merged = event(7, type="qbo.customer.merged.v1", data={"deletedid": "27"})
    [one, two] = notes(event(1, "salesreceipt", realm="5"), merged)
    assert (one.realm, one.entity, one.id, one.operation) == ("5", "SalesReceipt", "1", "updated")
    assert one.changed_at == datetime(2026, 6, 2, 16, 58, 25, 179852, timezone.utc)
    assert one.received_at == NOW
    assert (two.entity, two.id, two.operation, two.deleted_id) == ("Customer", "7", "merged", "27")


def test_the_old_format_with_several_companies() -> None:
    first = legacy(
        change(1, "BillPayment"), change(2, "Customer", operation="Merge", deletedId="3")
    )
    second = legacy(change(9, "Currency", operation="Void"), realm="77")
    found = notes(first, second)
    assert [(n.realm, n.entity, n.id, n.operation, n.deleted_id) for n in found] == [
        (REALM, "BillPayment", "1", "updated", ""),
        (REALM, "Customer", "2", "merged", "3"),
        ("77", "CompanyCurrency", "9", "voided", ""),
    ]
    assert found[0].changed_at == datetime(2026, 6, 2, 16, 58, tzinfo=timezone.utc)


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete", "Merge", "Void", "Emailed"])
def test_both_formats_have_the_same_operations(operation: str) -> None:
    verb = {"Void": "voided", "Emailed": "emailed"}.get(operation, f"{operation.lower()}d")
    [old] = notes(legacy(change(1, operation=operation)))
    [new] = notes(event(1, type=f"qbo.invoice.{verb}.v1"))
    assert old.operation == new.operation == verb


def test_a_repeat_has_the_same_key_and_nothing_else_has() -> None:
    [event_again] = notes(event(1), at=NOW + timedelta(minutes=5))
    [change_again] = notes(legacy(change(1)), at=NOW + timedelta(minutes=5))
    others = notes(event(1), event(2), event(1, source="other"), event(1, id=""), event(2, id=""))
    others += notes(
        legacy(
            change(1),
            change(1, lastUpdated="2026-06-02T09:58:01-0700"),
            change(1, operation="Create"),
            change(1, "Bill"),
            change(2),
        ),
        legacy(change(1), realm="7"),
    )
    keys = [each.key for each in others]
    assert len(set(keys)) == len(keys)
    assert keys[0] == event_again.key
    assert keys[5] == change_again.key != keys[0]


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-06-02T16:00:00Z", NOW - timedelta(hours=1)),
        ("2026-06-02T09:00:00.5-07:00", NOW - timedelta(seconds=3599.5)),
        ("2026-06-02T16:00:00", NOW - timedelta(hours=1)),
        ("2030-01-01T00:00:00Z", NOW),
        ("2015-01-01T00:00:00Z", NOW - LATEST),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_the_time_of_a_change_is_not_after_it_was_told_nor_long_before(
    told: str, moment: datetime
) -> None:
    assert notes(event(1, time=told))[0].changed_at == moment


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"id": "1"},
        {"type": "x"},
        {"intuitaccountid": 12},
        {"id": ["1"], "data": [], "time": None, "type": "qbo"},
    ],
)
def test_what_is_odd_is_kept_all_the_same(odd: Any) -> None:
    [found, again] = notes(odd, odd)
    assert found.realm == str(odd.get("intuitaccountid", ""))
    assert found.entity == odd.get("type", "")
    assert found == again
    [old] = notes(legacy({**odd, "name": "Invoice"}))
    assert old.entity == "Invoice"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"SECRET-12",
        b'{"eventNotifications": {"SECRET-12": 1}}',
        b'[{"id": 1}, ["SECRET-12"]]',
        b'"SECRET-12"',
        b"{}",
        b"\xff\xfe[",
        b'[{"id": "\xff"}]',
    ],
)
def test_another_body_is_refused_without_its_words(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"neither of Intuit's formats") as caught:
        parse(body, NOW)
    assert "SECRET-12" not in str(caught.value)


def test_nothing_is_in_an_empty_body() -> None:
    assert parse(b"[]", NOW) == parse(b'{"eventNotifications": []}', NOW) == []


def test_a_signature_is_of_the_exact_body_and_a_token() -> None:
    body = body_of(event(1))
    made = signed(body)["intuit-signature"]
    assert is_genuine(body, made, [VERIFIER])
    assert is_genuine(body, made, ["another", VERIFIER])
    assert not is_genuine(body + b" ", made, [VERIFIER])
    assert not is_genuine(body, made, ["another"])
    assert not is_genuine(body, made[:-1], [VERIFIER])
    assert not is_genuine(body, "", [VERIFIER])
    assert not is_genuine(body, "é" * 44, [VERIFIER])


def test_several_tokens_while_they_are_rotated() -> None:
    assert verifiers_from_environment({"QB_WEBHOOK_VERIFIER": " old, new\n"}) == ("old", "new")
    with pytest.raises(ConfigurationError, match="QB_WEBHOOK_VERIFIER is not set"):
        verifiers_from_environment({"QB_WEBHOOK_VERIFIER": " ,"})
