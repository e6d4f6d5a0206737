"""The rules by which lines add up, against every recorded document."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from qb_assets.catalog import ENTITIES, LineSum, column_at, entity
from qb_assets_tests.catalog.paths import company_records, sample_records

ZERO = Decimal(0)

# Documents in Intuit's own examples whose figures contradict each other.
CONTRADICTORY = {
    "bill-6.json": "a total of 225 with one line of 100 left in the example",
}


def dig(value: Any, path: Iterable[str]) -> Any:
    """The value at a path; an array on the way stands for its first element."""
    for name in path:
        if isinstance(value, list):
            value = next(iter(cast(list[Any], value)), None)
        value = cast(dict[str, Any], value).get(name) if isinstance(value, dict) else None
    return value


def difference(rule: LineSum, document: dict[str, Any]) -> Decimal | None:
    """What the sum is above the total; None where the rule does not apply."""
    if rule.unless and dig(document, rule.unless):
        return None
    lines = [
        (dig(line, rule.by) if rule.by else None, line.get("Amount", ZERO))
        for line in document.get("Line", [])
    ]
    signs: dict[Any, int] = dict(rule.signs)
    if rule.alone and not any(value in signs for value, _ in lines):
        signs = dict(rule.alone)
    found = [(signs.get(value, rule.otherwise), amount) for value, amount in lines]
    total = ZERO if rule.total is None else dig(document, rule.total) or ZERO
    for path, sign in rule.header:
        total -= sign * (dig(document, path) or ZERO)
    for sign, amount in found:
        if sign is None:
            return None
        total -= sign * amount
    return -total


@pytest.mark.parametrize("records", [company_records, sample_records])
def test_recorded_documents_add_up(records: Any, shared_data: Path) -> None:
    judged = 0
    for each, document, source in records(shared_data):
        if each.line_sum and source not in CONTRADICTORY and "Line" in document:
            found = difference(each.line_sum, document)
            assert found == 0, f"{each.name} {source}: {found}"
            judged += 1
    assert judged > 40


def test_the_contradictory_examples_do_not_add_up(shared_data: Path) -> None:
    found = {
        source
        for each, document, source in sample_records(shared_data)
        if each.line_sum and "Line" in document and difference(each.line_sum, document) != 0
    }
    assert found == set(CONTRADICTORY)


def test_every_rule_names_columns_that_there_are() -> None:
    for each in ENTITIES.values():
        rule = each.line_sum
        if rule is None:
            continue
        header = [path for path, _ in rule.header]
        for path in (*header, rule.total, rule.unless):
            assert path is None or column_at(each, path)[0].name == each.table
        table, _ = column_at(each, ("Line", *rule.by) if rule.by else ("Line", "Amount"))
        assert table.name.startswith(f"{each.table}_line")


def _document(total: str, *amounts: str, **more: Any) -> dict[str, Any]:
    lines = [{"Amount": Decimal(amount)} for amount in amounts]
    return {"TotalAmt": Decimal(total), "Line": lines, **more}


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("Bill", _document("11", "10", TxnTaxDetail={"TotalTax": Decimal(1)}), "0"),
        ("Bill", _document("10", "10", "0.01"), "0.01"),
        ("Deposit", _document("8", "10", CashBack={"Amount": Decimal(2)}), "0"),
        ("Deposit", _document("10", "10", CashBack={"Amount": Decimal(2)}), "-2"),
    ],
)
def test_what_a_sum_is_above_the_total(name: str, document: dict[str, Any], expected: str) -> None:
    rule = entity(name).line_sum
    assert rule is not None
    assert difference(rule, document) == Decimal(expected)


def test_discounts_are_subtracted_and_subtotals_count_only_alone() -> None:
    rule = entity("Invoice").line_sum
    assert rule is not None
    item = {"DetailType": "SalesItemLineDetail", "Amount": Decimal(100)}
    subtotal = {"DetailType": "SubTotalLineDetail", "Amount": Decimal(100)}
    discount = {"DetailType": "DiscountLineDetail", "Amount": Decimal(10)}
    whole = {"TotalAmt": Decimal(90), "Line": [item, subtotal, discount]}
    assert difference(rule, whole) == 0
    assert difference(rule, {"TotalAmt": Decimal(100), "Line": [subtotal]}) == 0


def test_payments_and_journal_entries_of_unknown_sides_are_left_out() -> None:
    payment, entry = entity("Payment").line_sum, entity("JournalEntry").line_sum
    assert payment is not None
    assert entry is not None
    line = {"Amount": Decimal(5), "LinkedTxn": [{"TxnType": "JournalEntry"}]}
    assert difference(payment, {"TotalAmt": Decimal(7), "Line": [line]}) is None
    assert difference(entry, {"TxnTaxDetail": {"TotalTax": Decimal(1)}}) is None
