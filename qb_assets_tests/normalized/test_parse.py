"""Reading JSON exactly: what fits keeps each digit, what does not steps aside by itself."""

from decimal import Decimal

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.parse import BLOCK_BYTES, Parsed, parse

INVOICE = ENTITIES["Invoice"]


def read(*fields: str) -> Parsed:
    bodies = [f'{{"Id": "{place}", {text}}}' for place, text in enumerate(fields)]
    return parse(INVOICE, [body.encode() for body in bodies])


@pytest.mark.parametrize(
    "literal",
    [
        *("0", "-0", "0.0", "1201.0", "10.50", "0.1", "1e2", "1.5E-3", "-0.0000000001"),
        *("9" * 28 + "." + "9" * 10, "-" + "9" * 28, "123456789012345678.0123456789"),
    ],
)
def test_a_number_that_fits_is_its_literal(literal: str) -> None:
    parsed = read(f'"TotalAmt": {literal}')
    assert parsed.rejects == []
    assert parsed.rows.field("TotalAmt")[0].as_py() == Decimal(literal)


def test_a_number_in_quotes_is_the_number() -> None:
    parsed = read('"TotalAmt": "12.50"')
    assert parsed.rows.field("TotalAmt").to_pylist() == [Decimal("12.50")]


def test_records_longer_than_what_is_read_at_once_are_read_whole() -> None:
    long = "ñ" * (BLOCK_BYTES // 3)
    fields = [f'"TotalAmt": {place}.25, "PrivateNote": "{long}{place}"' for place in range(7)]
    read(fields[0])
    parsed = read(*fields[:3], '"TotalAmt": true', *fields[3:], '"TotalAmt": 1, "Novelty": [7]')
    assert parsed.places == [0, 1, 2, 4, 5, 6, 7, 8]
    assert [reject.place for reject in parsed.rejects] == [3]
    amounts = [*(Decimal(place) + Decimal("0.25") for place in range(7)), Decimal(1)]
    assert parsed.rows.field("TotalAmt").to_pylist() == amounts
    notes = parsed.rows.field("PrivateNote").to_pylist()
    assert notes == [*(f"{long}{place}" for place in range(7)), None]
    assert [(each.path, each.count) for each in parsed.unmodeled] == [("Novelty[]", 1)]


@pytest.mark.parametrize(
    "fields",
    [
        '"TotalAmt": 0.12345678901',
        '"TotalAmt": ' + "1" + "0" * 28,
        '"TotalAmt": 1e40',
        '"TotalAmt": true',
        '"TotalAmt": {"a": 1}',
        '"TxnDate": "2026-02-30"',
        '"TxnDate": "2026-02-03T10:00:00"',
        '"TxnDate": "tomorrow"',
        '"DocNumber": 5',
        '"Line": {}',
        '"Line": [1]',
        '"Line": [{"Amount": 0.12345678901}]',
        '"Line": [{"LineNum": 1.5}]',
        '"MetaData": {"CreateTime": "noon"}',
        '"CustomerRef": "5"',
        '"AllowOnlinePayment": "yes"',
    ],
)
def test_what_does_not_fit_steps_aside_by_itself(fields: str) -> None:
    parsed = read('"TotalAmt": 1', fields, '"TotalAmt": 3')
    assert parsed.places == [0, 2]
    [reject] = parsed.rejects
    assert reject.place == 1
    assert reject.reason
    assert parsed.rows.field("TotalAmt").to_pylist() == [Decimal(1), Decimal(3)]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"Id": "\xff"}', b"{} {}", b"5"])
def test_what_is_no_json_object_steps_aside_by_itself(body: bytes) -> None:
    good = b'{"Id": "1", "TotalAmt": 2}'
    parsed = parse(INVOICE, [good, body, good])
    assert parsed.places == [0, 2]
    assert [reject.place for reject in parsed.rejects] == [1]


def test_many_bad_records_among_many_good_ones() -> None:
    bad = {0, 7, 8, 9, 63, 64, 99}
    fields = [f'"TotalAmt": {"0.12345678901" if n in bad else n}' for n in range(100)]
    parsed = read(*fields)
    assert [reject.place for reject in parsed.rejects] == sorted(bad)
    assert parsed.places == [n for n in range(100) if n not in bad]
    values = parsed.rows.field("TotalAmt").to_pylist()
    assert values == [Decimal(n) for n in range(100) if n not in bad]


def test_unknown_properties_are_told_of_and_change_nothing() -> None:
    parsed = read(
        '"Novelty": {"a": [1, 2]}, "TotalAmt": 1, "Line": [{"Amount": 1, "Odd": "x"}]',
        '"Novelty": 5, "TotalAmt": 2, "CustomerRef": {"value": "1", "rank": 3}',
        '"TotalAmt": 3, "Empty": [], "Nothing": null',
    )
    assert parsed.rejects == []
    assert parsed.rows.field("TotalAmt").to_pylist() == [Decimal(n) for n in (1, 2, 3)]
    told = {(each.path, each.type): each.count for each in parsed.unmodeled}
    assert told == {
        ("Novelty.a[]", "number"): 2,
        ("Novelty", "number"): 1,
        ("Line[].Odd", "text"): 1,
        ("CustomerRef.rank", "number"): 1,
    }


def test_lines_within_a_record_are_no_records() -> None:
    body = b'{\n "Id": "1",\n "TotalAmt": 1,\n "PrivateNote": "a\\nb"\n}'
    parsed = parse(INVOICE, [body, body.replace(b"\n", b"")])
    assert parsed.places == [0, 1]
    assert parsed.rows.field("PrivateNote").to_pylist() == ["a\nb", "a\nb"]
