"""The company of the bench: so many invoices, and everything else in exact proportion to them.

    python -m qb_assets_tests.bench.company FOLDER 100000

Writes the lists that the sandbox then serves byte for byte, one record a line, and beside them in
`truth` what an independent walker finds in these bytes. A program of its own, so that its
memory is not the memory of what measures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from qb_assets.sandbox.company import Company, Record
from qb_assets.sandbox.documents import read_fields, write_fields
from qb_assets.sandbox.generate import generate_company

ENTITIES = ("Invoice", "Customer", "Payment")
FEWEST = 1_000
TRUTH = "truth"
_NOTE = (
    b'{"Id":"900","Description":"Thank you for your order","DetailType":"DescriptionOnly",'
    b'"DescriptionLineDetail":{}}'
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is of a company: counts and exact sums in dollars."""

    invoices: int
    lines: int
    customers: int
    payments: int
    invoiced: Decimal
    """Sum of Invoice.TotalAmt."""
    on_lines: Decimal
    """Sum of the Amount of every line of every invoice; those inside a bundle's line not."""
    paid: Decimal
    """Sum of Payment.TotalAmt."""


def shape(invoices: int) -> tuple[int, int, int]:
    """How many lines, customers and payments there are: 505,000, 10,000, 50,000 of 100,000."""
    return invoices * 505 // 100, invoices // 10, invoices // 2


def shaped(company: Company, invoices: int) -> dict[str, list[Record]]:
    """A generated company's lists in exactly that shape.

    A twelfth of the payments are left out, evenly, and evenly chosen invoices get one more line,
    of text only. Raises ValueError where the generator made too little for that.
    """
    lines, customers, payments = shape(invoices)
    made = company.records
    missing = lines - sum(_lines(row) for row in made["Invoice"])
    if (
        not 0 <= missing <= invoices
        or len(made["Customer"]) != customers
        or len(made["Payment"]) < payments
    ):
        raise ValueError(f"no company of {invoices} invoices can be made: take {FEWEST} or more")
    noted = {id(row) for row in _evenly(made["Invoice"], missing)}
    rows = [_with_note(row) if id(row) in noted else row for row in made["Invoice"]]
    kept = list(_evenly(made["Payment"], payments))
    return {"Invoice": rows, "Customer": made["Customer"], "Payment": kept}


def _evenly(rows: list[Record], count: int) -> Iterator[Record]:
    return (rows[n * len(rows) // count] for n in range(count))


def _lines(record: Record) -> int:
    return len(json.loads(record.body)["Line"])


def _with_note(record: Record) -> Record:
    fields = read_fields(record.body)
    fields["Line"] = Raw(b"[" + _NOTE + b"," + bytes(fields["Line"])[1:])
    return Record(record.id, write_fields(fields), record.updated)


def write(folder: Path, lists: dict[str, list[Record]]) -> None:
    """Write each list as a JSON array with a record on each line."""
    folder.mkdir(parents=True)
    for entity, records in lists.items():
        with (folder / f"{entity}.json").open("wb") as file:
            file.write(b"[")
            for place, record in enumerate(records):
                file.write((b",\n" if place else b"\n") + record.body)
            file.write(b"\n]\n")


def walk(folder: Path) -> Figures:
    """What the JSON of a folder says, read record by record with decimals of the literals."""
    lines, on_lines, invoiced = 0, Decimal(0), Decimal(0)
    invoices = customers = payments = 0
    for invoice in _records(folder / "Invoice.json"):
        invoices += 1
        invoiced += invoice["TotalAmt"]
        lines += len(invoice["Line"])
        on_lines += sum(line.get("Amount", Decimal(0)) for line in invoice["Line"])
    for _ in _records(folder / "Customer.json"):
        customers += 1
    paid = Decimal(0)
    for payment in _records(folder / "Payment.json"):
        payments += 1
        paid += payment["TotalAmt"]
    return Figures(invoices, lines, customers, payments, invoiced, on_lines, paid)


def _records(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(b"{"):
                text = line.rstrip(b",\n")
                yield json.loads(text, parse_float=Decimal, parse_int=Decimal)


def save(folder: Path, figures: Figures) -> None:
    """Keep the figures beside the folder's lists."""
    (folder / TRUTH).write_bytes(msgspec.json.encode(figures))


def load(folder: Path) -> Figures:
    """The figures that were kept."""
    return msgspec.json.decode((folder / TRUTH).read_bytes(), type=Figures)


def main(words: Iterable[str]) -> None:
    """Make the company in a folder and count it."""
    folder, invoices = words
    target = Path(folder)
    write(target, shaped(generate_company(1, int(invoices)), int(invoices)))
    save(target, walk(target))


if __name__ == "__main__":
    main(sys.argv[1:])
