"""Lines add up exactly, also where 38 digits do not hold the sum."""

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.line_sums import off_balance
from qb_assets.normalized.parse import parse
from qb_assets.normalized.read import frame

LARGE = "9" * 28
LARGEST = f"{LARGE}.{'9' * 10}"


def off(entity: str, *documents: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The totals and sums of the documents that do not add up, by Id."""
    chosen = ENTITIES[entity]
    texts = [json.dumps({"Id": str(n), **each}) for n, each in enumerate(documents)]
    parsed = parse(chosen, [text.replace('"#', "").replace('#"', "").encode() for text in texts])
    assert parsed.rejects == []
    count = len(documents)
    carried = pa.table(
        {"_company": ["7"] * count, "_extracted_at": [0] * count, "_deleted": [False] * count}
    )
    tables = flatten(chosen, parsed.rows, carried)
    assert chosen.line_sum is not None
    found = off_balance(
        chosen, chosen.line_sum, {name: frame(rows) for name, rows in tables.items()}
    )
    return {row["id"]: (row["total"], row["summed"]) for row in found.iter_rows(named=True)}


def number(text: str) -> str:
    """A number that goes into the JSON digit by digit."""
    return f"#{text}#"


def bill(total: str, *lines: str, tax: str = "0") -> dict[str, Any]:
    return {
        "TotalAmt": number(total),
        "Line": [{"Amount": number(each)} for each in lines],
        "TxnTaxDetail": {"TotalTax": number(tax)},
    }


@pytest.mark.parametrize(
    "document",
    [
        bill("0"),
        bill("3.30", "1.10", "1.10", tax="1.10"),
        bill("-0.0000000001", "-0.0000000002", "0.0000000001"),
        bill(LARGEST, LARGEST),
        bill(LARGEST, LARGEST, LARGEST, f"-{LARGEST}"),
        bill(f"-{LARGEST}", *[f"-{LARGEST}"] * 9, *[LARGEST] * 8),
        bill("0.5", LARGE, "0.5", tax=f"-{LARGE}"),
        bill("0", *["1" + "0" * 27] * 9, *["-1" + "0" * 27] * 9),
    ],
)
def test_what_adds_up(document: dict[str, Any]) -> None:
    assert off("Bill", document, bill("1", "1")) == {}


@pytest.mark.parametrize(
    ("document", "total", "summed"),
    [
        (bill("1", "1", "0.0000000001"), "1", "1.0000000001"),
        (bill(LARGEST, LARGEST, "0.0000000001"), LARGEST, "1" + "0" * 28),
        (bill("0", LARGEST, LARGEST), "0", f"1{'9' * 28}.{'9' * 9}8"),
        (bill("1", f"-{LARGEST}", f"-{LARGEST}"), "1", f"-1{'9' * 28}.{'9' * 9}8"),
        # 2^128 ten-billionths above the total: what a sum that runs over would come to.
        (
            bill("0", *["8507059173023461586584365185.7942052864"] * 4),
            "0",
            "34028236692093846346337460743.1768211456",
        ),
    ],
)
def test_what_does_not_add_up_is_told_to_the_last_digit(
    document: dict[str, Any], total: str, summed: str
) -> None:
    [(found, of_lines)] = off("Bill", document).values()
    assert (Decimal(found), Decimal(of_lines)) == (Decimal(total), Decimal(summed))


def test_debits_and_credits_of_any_size() -> None:
    def line(side: str, amount: str) -> dict[str, Any]:
        return {"Amount": number(amount), "JournalEntryLineDetail": {"PostingType": side}}

    even = {"Line": [line("Debit", LARGE), line("Debit", LARGE), line("Credit", LARGE)] * 2}
    even["Line"] += [line("Credit", LARGE)] * 2
    odd = {"Line": [*even["Line"], line("Credit", "0.01")]}
    assert {key: Decimal(s) for key, (_, s) in off("JournalEntry", even, odd).items()} == {
        "1": Decimal("-0.01")
    }
