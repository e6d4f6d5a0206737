"""A corruption in a report of the lake: in the JSON of the answer that a snapshot keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa

from qb_assets.catalog.reports import Report
from qb_assets.lake import parquet
from qb_assets.lake.store import Lake
from qb_assets.reports.snapshots import Snapshot, snapshots_of
from qb_assets_tests.mutations.corruption import Corruption, report_of

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a report's table, where the JSON tells it.

    `cells` are the cells it is made of. `place` is that of its own cell in them, in a report with
    a row for each; a row that holds all cells has none.
    """

    cells: list[Json]
    remove: Callable[[], object]
    place: int | None = None


def corrupt_snapshot(lake: Lake, corruption: Corruption) -> None:
    """Rewrites the object of the snapshot that the row is from."""
    report = report_of(corruption.target)
    path = snapshot_of(lake, corruption).paths[0]
    data = lake.read(path)
    table = parquet.decode(data)
    row: Json = table.to_pylist()[0]
    answer: Json = json.loads(row["payload"])
    number: int = corruption.key["row_number"]
    told = list(_told(report, answer))[number - 1]
    _change(report, answer, told, corruption)
    row["payload"] = json.dumps(answer, ensure_ascii=False).encode()
    written = pa.Table.from_pylist([row], schema=table.schema)
    lake.replace(path, parquet.encode(written, metadata=parquet.read_metadata(data)))


def snapshot_of(lake: Lake, corruption: Corruption) -> Snapshot:
    """The snapshot that the row is from, which came in one part."""
    kept = snapshots_of(lake, report_of(corruption.target), corruption.company)
    (found,) = kept[corruption.key["month"], corruption.key["accounting_method"]]
    assert found.parts == 1
    return found


def _change(report: Report, answer: Json, told: Told, corruption: Corruption) -> None:
    if corruption.target.kind == "line":
        told.remove()
        return
    column = corruption.target.column
    after = corruption.after
    if column == "row_id":
        _put(told.cells[0], "id", corruption)
    elif column == "account_id" and report.has_balances:  # a ledger: its accounts are its sections
        told.remove()
        answer["Rows"]["Row"].append(_section(answer, str(after), told.cells))
    elif column == "account_id":
        _put(told.cells[_places(report, answer)["account_name"]], "id", corruption)
    elif told.place is not None:
        _put(told.cells[told.place], "value", corruption)
    elif report.says_once and column == "txn_date":
        _put(_first_of(report, answer, told, "txn_date"), "value", corruption)
    else:
        _put(told.cells[_places(report, answer)[column]], "value", corruption)


def _put(cell: Json, key: str, corruption: Corruption) -> None:
    """Changes what a cell says, which must be what the row of the warehouse says."""
    before, after = corruption.before, corruption.after
    if isinstance(before, Decimal):
        assert Decimal(cell[key].replace(",", "")) == before, (corruption, cell)
        assert isinstance(after, Decimal)
        cell[key] = f"{after.normalize():f}"
    else:
        assert cell[key] == str(before), (corruption, cell)
        cell[key] = str(after)


def _first_of(report: Report, answer: Json, told: Told, column: str) -> Json:
    """The cell of the row which says for all of its transaction what a column holds."""
    place = _places(report, answer)[column]
    first = told.cells
    for each in _told(report, answer):
        if each.cells[place].get("value"):
            first = each.cells
        if each.cells is told.cells:
            break
    return first[place]


def _section(answer: Json, account: str, cells: list[Json]) -> Json:
    """A section of an account, of the name that the account has elsewhere, with a row in it."""
    heads = (row["Header"]["ColData"][0] for row in _rows(answer) if "Header" in row)
    name = next((head["value"] for head in heads if head.get("id") == account), "Another account")
    blank = [{"value": ""}] * (len(cells) - 1)
    return {
        "Header": {"ColData": [{"value": name, "id": account}, *blank]},
        "Rows": {"Row": [{"ColData": cells, "type": "Data"}]},
        "type": "Section",
    }


def _places(report: Report, answer: Json) -> Mapping[str, int]:
    """The place of each column by our name."""
    keys = [_key_of(column) for column in answer["Columns"]["Column"]]
    found = {
        column.name: next((keys.index(key) for key in column.keys if key in keys), None)
        for column in report.columns
    }
    return {name: place for name, place in found.items() if place is not None}


def _key_of(column: Json) -> str | None:
    return next((m["Value"] for m in column["MetaData"] if m["Name"] == "ColKey"), None)


def _rows(of: Json) -> Iterator[Json]:
    for row in of.get("Rows", {}).get("Row", ()):
        yield row
        yield from _rows(row)


def _told(report: Report, of: Json) -> Iterator[Told]:
    """What the rows of the report's table are told by, in their order."""
    siblings: list[Json] = of.get("Rows", {}).get("Row", [])
    for row in siblings:
        if "ColData" in row:
            yield from _cells(report, row["ColData"], _taking_out(siblings, row))
            continue
        head = row.get("Header", {}).get("ColData", [{}])
        if report.kind == "detail":
            if head[0].get("value") and not any(map(_speaks, _rows(row))):
                continue
        elif "Header" in row:
            yield from _cells(report, head, _without(row, "Header"))
        yield from _told(report, row)
        if "Summary" in row:
            yield from _cells(report, row["Summary"]["ColData"], _without(row, "Summary"))


def _cells(report: Report, cells: list[Json], remove: Callable[[], object]) -> Iterator[Told]:
    if report.kind == "summary":
        yield from (Told(cells, remove, place) for place in range(1, len(cells)))
    elif any(cell.get("value") or cell.get("id") for cell in cells):
        yield Told(cells, remove)


def _speaks(row: Json) -> bool:
    return any(cell.get("value") or cell.get("id") for cell in row.get("ColData", ()))


def _taking_out(siblings: list[Json], row: Json) -> Callable[[], object]:
    def remove() -> None:
        siblings[:] = [each for each in siblings if each is not row]

    return remove


def _without(row: Json, part: str) -> Callable[[], object]:
    return lambda: row.pop(part)
