import json
from datetime import datetime, timezone
from pathlib import Path

import msgspec
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.envelope import (
    Fetched,
    batch_parts,
    changed_rows,
    fetched,
    moment,
    part_count,
    part_rows,
    query_part,
    read_row,
    records,
)
from qb_assets.quickbooks.fault_shapes import Fault
from qb_assets.quickbooks.faults import BadAnswer
from qb_assets.quickbooks.identity import is_made_up

ODD = '{ "Id":"7" ,\n "TotalAmt": 10.50,"Note":"é \\u00e9 \\"]}", "Rate":1.2300000}'.encode()


def test_records_keep_their_exact_bytes() -> None:
    body = b'{"time":"x","QueryResponse":{"maxResults":2,"Bill":[ %b, {"Id":"8"}]}}' % ODD
    assert records(body, "Bill") == [ODD, b'{"Id":"8"}']
    assert [row.body for row in part_rows(query_part(body), ENTITIES["Bill"])] == [
        ODD,
        b'{"Id":"8"}',
    ]


def test_an_empty_answer_has_no_records() -> None:
    assert records(b'{"QueryResponse":{},"time":"x"}', "Bill") == []


def test_records_under_an_unexpected_key_are_not_taken_for_none() -> None:
    with pytest.raises(BadAnswer, match="CreditCardPaymentTxn"):
        records(b'{"QueryResponse":{"CreditCardPaymentTxn":[{"Id":"1"}]}}', "CreditCardPayment")


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"QueryResponse":[]}', b'{"QueryResponse":'])
def test_another_shape_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        records(body, "Bill")


@pytest.mark.parametrize("value", [b'{"Id":"5"}', b"null", b"5", b'"x"'])
def test_records_that_are_no_array_are_not_taken_for_none(value: bytes) -> None:
    with pytest.raises(BadAnswer, match="no array of Bill"):
        records(b'{"QueryResponse":{"Bill":%b}}' % value, "Bill")


def test_a_record_says_who_it_is_and_when_it_changed() -> None:
    row = fetched(
        b'{"Id":"5","SyncToken":"3","MetaData":{"LastUpdatedTime":"2026-03-08T01:30:00-08:00"}}',
        ENTITIES["Invoice"],
    )
    assert (row.id, row.sync_token, row.deleted) == ("5", "3", False)
    assert row.updated == datetime(2026, 3, 8, 9, 30, tzinfo=timezone.utc)
    assert fetched(b'{"Id":"5"}', ENTITIES["Invoice"]).updated is None


@pytest.mark.parametrize("key", ["", '"Id":null,', '"Id":"",', '"Id":5,', '"Id":{"a":1},'])
def test_a_record_without_its_id_is_known_by_its_values(key: str) -> None:
    meta = '"MetaData":{"LastUpdatedTime":"2026-03-08T01:30:00-08:00"}'
    invoice = ENTITIES["Invoice"]
    row = fetched(f'{{{key}{meta},"TotalAmt":10.50}}'.encode(), invoice)
    again = fetched(f'{{"TotalAmt": 10.50, {key} {meta}}}'.encode(), invoice)
    other = fetched(f'{{{key}{meta},"TotalAmt":10.5}}'.encode(), invoice)
    assert row.state == "keyless"
    assert is_made_up(row.id)
    assert row.id == again.id != other.id
    assert row.updated == datetime(2026, 3, 8, 9, 30, tzinfo=timezone.utc)
    assert row.body == f'{{{key}{meta},"TotalAmt":10.50}}'.encode()


def test_a_notice_of_deletion_without_an_id_is_no_delete() -> None:
    row = fetched(b'{"status":"Deleted","domain":"QBO"}', ENTITIES["Invoice"])
    assert (row.deleted, row.state) == (False, "keyless")


@pytest.mark.parametrize("body", [b"5", b'"a"', b"[]", b"null"])
def test_what_is_no_object_is_no_record(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        fetched(body, ENTITIES["Invoice"])


def bills(*bodies: str) -> list[Fetched]:
    listed = ",".join(bodies).encode()
    return part_rows(query_part(b'{"QueryResponse":{"Bill":[%b]}}' % listed), ENTITIES["Bill"])


def test_of_two_records_with_one_id_the_same_one_keeps_it_in_any_order() -> None:
    one, other = '{"Id":"5","TotalAmt":1}', '{"Id":"5","TotalAmt":2}'
    rows, turned = bills(one, '{"Id":"6"}', other), bills(other, one, '{"Id":"6"}')
    assert sorted(row.id for row in rows) == sorted(row.id for row in turned)
    assert {row.id: row.body for row in rows} == {row.id: row.body for row in turned}
    [extra] = [row for row in rows if row.state == "duplicate"]
    assert extra.id.startswith("5~")
    assert is_made_up(extra.id)
    assert [row.state for row in rows].count("whole") == 2


def test_of_two_records_with_one_id_the_later_one_keeps_it() -> None:
    early, late = (
        f'{{"Id":"5","MetaData":{{"LastUpdatedTime":"2026-03-0{day}"}}}}' for day in (1, 2)
    )
    for rows in (bills(early, late), bills(late, early)):
        [kept] = [row for row in rows if row.id == "5"]
        assert kept.body == late.encode()


def test_a_record_that_is_merely_repeated_is_itself() -> None:
    assert [row.id for row in bills('{"Id":"5","A":1}', '{"A": 1, "Id":"5"}')] == ["5", "5"]


def test_moments_of_every_form() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone.utc)
    assert moment("2026-07-01T05:00:00-07:00") == noon
    assert moment("2026-07-01T12:00:00Z") == noon
    assert moment("2026-07-01") == noon.replace(hour=0)
    assert moment("soon") is None
    assert moment(None) is None


@pytest.mark.parametrize(
    "said",
    [
        "2026-07-01T10:00:00-07:00",
        "2026-07-01T10:00:00",
        "2026-07-01",
        "0001-01-01T00:00:00+09:00",
        "soon",
        "",
        None,
    ],
)
def test_a_record_was_updated_when_it_says_in_whatever_form(said: str | None) -> None:
    body = msgspec.json.encode({"Id": "7", "SyncToken": "2", "MetaData": {"LastUpdatedTime": said}})
    row = fetched(body, ENTITIES["Bill"])
    assert row == Fetched("7", moment(said), "2", deleted=False, body=body)
    assert row.updated is None or row.updated.tzinfo is timezone.utc


def test_one_strange_property_does_not_hide_the_others() -> None:
    body = b'{"Id":"7","SyncToken":3,"MetaData":{"LastUpdatedTime":"2026-07-01T10:00:00Z"}}'
    moment_said = datetime(2026, 7, 1, 10, tzinfo=timezone.utc)
    assert fetched(body, ENTITIES["Bill"]) == Fetched("7", moment_said, None, False, body)


def test_a_wrapped_record_is_known_by_what_it_wraps() -> None:
    entity = ENTITIES["RecurringTransaction"]
    body = b'{"Bill":{"Id":"20","SyncToken":"0","MetaData":{"LastUpdatedTime":"2020-07-05"}}}'
    row = fetched(body, entity)
    assert (row.id, row.body, row.deleted) == ("20", body, False)
    gone = fetched(b'{"status":"Deleted","domain":"QBO","Invoice":{"Id":"1483"}}', entity)
    assert (gone.id, gone.deleted) == ("1483", True)


def test_an_exchange_rate_is_known_by_its_key() -> None:
    entity = ENTITIES["ExchangeRate"]
    assert "Id" not in entity.key
    rate = {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "AsOfDate": "2026-01-01"}
    one = fetched(json.dumps(rate).encode(), entity).id
    other = fetched(json.dumps({**rate, "AsOfDate": "2026-01-02"}).encode(), entity).id
    assert one != other
    for keyless in ({"Rate": 2.5}, {**rate, "AsOfDate": None}, {**rate, "AsOfDate": ""}):
        assert fetched(json.dumps(keyless).encode(), entity).state == "keyless"


def test_changes_tell_live_from_deleted() -> None:
    body = (
        b'{"CDCResponse":[{"QueryResponse":[{"Customer":[{"Id":"63"},{"Id":"99"}],"maxResults":2},'
        b'{"startPosition":1,"Estimate":[{"Id":"34"},{"status":"Deleted","domain":"QBO",'
        b'"Id":"979","MetaData":{"LastUpdatedTime":"2015-12-23T12:55:50-08:00"}}]}]}],"time":"x"}'
    )
    names = ["Customer", "Estimate", "Bill"]
    found = changed_rows(body, [ENTITIES[name] for name in names])
    assert {name: [row.id for row in found[name]] for name in names} == {
        "Customer": ["63", "99"],
        "Estimate": ["34", "979"],
        "Bill": [],
    }
    assert [row.deleted for row in found["Estimate"]] == [False, True]
    assert found["Estimate"][1].updated == datetime(2015, 12, 23, 20, 55, 50, tzinfo=timezone.utc)
    with pytest.raises(BadAnswer, match="not asked for"):
        changed_rows(body, [ENTITIES["Customer"]])


def test_no_change_is_no_record() -> None:
    body = b'{"CDCResponse":[{"QueryResponse":[{}]}],"time":"x"}'
    assert changed_rows(body, [ENTITIES["Bill"]]) == {"Bill": []}


def test_the_parts_of_a_batch_fail_one_by_one() -> None:
    parts = batch_parts(
        b'{"BatchItemResponse":[{"Fault":{"Error":[{"Message":"m","code":"4001"}],"type":'
        b'"ValidationFault"},"bId":"1"},{"bId":"0","QueryResponse":{"totalCount":26}}]}'
    )
    part = parts["0"]
    assert not isinstance(part, Fault)
    assert part_count(part) == 26
    assert parts["1"] == Fault("4001", "m", "", "ValidationFault")
    for strange in ({}, {"totalCount": True}, {"totalCount": "26"}):
        with pytest.raises(BadAnswer, match="no count"):
            part_count(strange)


def test_a_read_answers_one_record() -> None:
    body = b'{"Invoice":{"Id":"5","domain":"QBO"},"time":"x"}'
    assert read_row(body, ENTITIES["Invoice"]).body == b'{"Id":"5","domain":"QBO"}'
    for other in (b'{"time":"x"}', b'{"Invoice":{"SyncToken":"0"}}'):
        with pytest.raises(BadAnswer):
            read_row(other, ENTITIES["Invoice"])


def test_intuits_own_examples_can_be_read(shared_data: Path) -> None:
    samples = shared_data / "samples"
    changes = (samples / "changedatacapture-1.json").read_bytes()
    found = changed_rows(changes, [ENTITIES["Customer"], ENTITIES["Estimate"]])
    assert [row.id for row in found["Estimate"] if row.deleted] == ["979"]
    recurring = part_rows(
        query_part((samples / "recurringtransaction-1.json").read_bytes()),
        ENTITIES["RecurringTransaction"],
    )
    assert [row.id for row in recurring] == ["20"]
    rates = (samples / "exchangerate-2.json").read_bytes()
    assert len(part_rows(query_part(rates), ENTITIES["ExchangeRate"])) == 2
    parts = batch_parts((samples / "batch-2.json").read_bytes())
    assert [isinstance(parts[f"bid{n}"], Fault) for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_wrapped_example_keeps_its_bytes(shared_data: Path) -> None:
    text = (shared_data / "samples" / "recurringtransaction-1.json").read_bytes()
    [row] = part_rows(query_part(text), ENTITIES["RecurringTransaction"])
    assert row.body in text
    assert (
        msgspec.json.decode(row.body)
        == json.loads(text)["QueryResponse"]["RecurringTransaction"][0]
    )
