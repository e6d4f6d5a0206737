"""Reports in QuickBooks' shape, written by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any

import pyarrow as pa

from qb_assets.catalog.reports import REPORTS, Method
from qb_assets.quickbooks.report_answer import ReportAnswer, read_report
from qb_assets.reports.long import Origin, long_table

COMPANY = "9130355000000001"
JANUARY = date(2026, 1, 1)
FETCHED = datetime(2026, 2, 20, tzinfo=timezone.utc)
Json = dict[str, Any]
Cell = str | tuple[str, str]
"""A value, or a value and its Id."""

LEDGER = [
    *("memo", "tx_date", "txn_type"),
    *("subt_nat_amount", "debt_amt", "credit_amt", "rbal_nat_amount"),
]
"""The columns of a ledger, not in the order in which they are asked for."""


def cells(values: Sequence[Cell]) -> list[Json]:
    """Values as ColData."""
    return [
        {"value": each} if isinstance(each, str) else {"value": each[0], "id": each[1]}
        for each in values
    ]


def data(*values: Cell, group: str = "") -> Json:
    """A row of data."""
    return {"ColData": cells(values), "type": "Data"} | ({"group": group} if group else {})


def section(
    header: Sequence[Cell] | None,
    rows: Sequence[Json] = (),
    summary: Sequence[Cell] | None = None,
    group: str = "",
) -> Json:
    """A section, without what is not given."""
    made: Json = {"type": "Section"}
    if header is not None:
        made["Header"] = {"ColData": cells(header)}
    if rows:
        made["Rows"] = {"Row": list(rows)}
    if summary is not None:
        made["Summary"] = {"ColData": cells(summary)}
    return made | ({"group": group} if group else {})


def body(keys: Sequence[str], rows: Sequence[Json], **header: str) -> bytes:
    """A whole answer; titles are in no language at all."""
    columns = [
        {"ColTitle": "…", "ColType": "…", "MetaData": [{"Name": "ColKey", "Value": key}]}
        for key in keys
    ]
    return json.dumps(
        {
            "Header": {"Time": "2026-02-20T01:02:03-08:00", **header},
            "Columns": {"Column": columns},
            "Rows": {"Row": list(rows)} if rows else {},
        }
    ).encode()


def ledger_row(
    day: str, kind: str, id: str, amount: str, balance: str, *, debit: bool = True, memo: str = ""
) -> Json:
    """A posting of a ledger with the columns `LEDGER`."""
    value = amount.removeprefix("-")
    sides = (value, "") if debit else ("", value)
    return data(memo, day, (kind, id), amount, *sides, balance)


def beginning(balance: str) -> Json:
    """A beginning balance of a ledger, in the first column whatever that is."""
    return data("Solde d’ouverture", "", "", "", "", "", balance)


def ledger_sum(amount: str, debit: str, credit: str) -> list[Cell]:
    """The sum of a section of a ledger."""
    return ["Total pour …", "", "", amount, debit, credit, ""]


def answer(keys: Sequence[str], rows: Sequence[Json]) -> ReportAnswer:
    """A whole answer, read."""
    return read_report(body(keys, rows))


def rows_of(
    report: str,
    answers: Sequence[ReportAnswer],
    firsts: Sequence[date] = (JANUARY,),
    *,
    month: date = JANUARY,
    method: Method = "Accrual",
) -> pa.Table:
    """The long table of some answers."""
    origin = Origin(COMPANY, month, method, "20260220T000000000Z-00000000-accrual", FETCHED)
    return long_table(REPORTS[report], zip(firsts, answers, strict=True), origin)


def texts(table: pa.Table, *columns: str) -> list[tuple[str, ...]]:
    """Some columns of every row, as text; figures as short as they can be."""
    return [tuple(_text(row[column]) for column in columns) for row in table.to_pylist()]


def _text(value: object) -> str:
    if value is None:
        return "-"
    text = f"{value}"
    return text if isinstance(value, (str, date, int)) else f"{value:.2f}"


def ledger(amounts: Mapping[str, Sequence[tuple[str, str]]]) -> ReportAnswer:
    """A ledger of accounts by Id, each with (invoice's Id, amount) on 5 January, all debits."""
    sections: list[Json] = []
    for account, postings in amounts.items():
        total, rows = 0, list[Json]()
        for id, amount in postings:
            total += int(amount)
            rows.append(ledger_row("2026-01-05", "Invoice", id, amount, f"{total}.00"))
        header: list[Cell] = [(f"Account {account}", account), *[""] * 6]
        sections.append(section(header, rows, ledger_sum(str(total), str(total), "")))
    return answer(LEDGER, sections)
