"""An independent reader of the links in QuickBooks' JSON.

Nothing of the pipeline is used here, neither its parser nor its catalog.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from qb_assets_tests.expected import WRAPPED, Record

Link = tuple[str, str, int | None, str, str, str | None, Decimal | None]
"""From which entity, Id and line; to which kind, Id and line's Id; the amount."""


def links_of(records: Mapping[str, Sequence[Record]]) -> list[Link]:
    """All links of records by entity."""
    return [
        link for entity, rows in records.items() for row in rows for link in _of_record(entity, row)
    ]


def links_in(file: Path, where: str = "NOT _deleted") -> list[Link]:
    """All links that the view has."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(
            "SELECT from_type, from_id, from_line, to_type, to_id, to_line_id, amount"
            f" FROM quickbooks.linked_txn WHERE {where}"
        ).fetchall()


def _of_record(entity: str, record: Record) -> Iterator[Link]:
    inner = next(iter(record.values())) if entity in WRAPPED else record
    yield from _of(entity, inner["Id"], None, inner, None)
    for place, line in enumerate(inner.get("Line", [])):
        yield from _of_line(entity, inner["Id"], place, line)


def _of_line(entity: str, identity: str, place: int, line: Record) -> Iterator[Link]:
    amount = line.get("Amount") if len(line.get("LinkedTxn", [])) == 1 else None
    yield from _of(entity, identity, place, line, amount)
    for part in line.get("GroupLineDetail", {}).get("Line", []):
        yield from _of_line(entity, identity, place, part)


def _of(
    entity: str, identity: str, line: int | None, holder: Record, amount: Any
) -> Iterator[Link]:
    for link in holder.get("LinkedTxn", []):
        told = (link.get("TxnType"), link.get("TxnId"), link.get("TxnLineId"))
        yield (entity, identity, line, *told, amount)
