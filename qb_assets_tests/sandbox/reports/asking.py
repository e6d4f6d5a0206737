"""A generated company whose reports are asked for, and a plain reading of their JSON."""

from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import Entry, generate_books
from qb_assets.sandbox.generate.model import Account, Txn
from qb_assets.sandbox.generate.profile import Profile
from qb_assets.sandbox.generate.world import PLAIN, World
from qb_assets.sandbox.reports import Reports
from qb_assets.sandbox.settings import Settings

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)
EVER = date(1990, 1, 1)
HOME = {
    "debt_amt": "debt_home_amt",
    "credit_amt": "credit_home_amt",
    "subt_nat_amount": "subt_nat_home_amount",
    "rbal_nat_amount": "rbal_nat_home_amount",
}
"""The keys of amounts in home currency in a company that has others."""
SIGNS = {"Asset": 1, "Expense": 1, "Liability": -1, "Equity": -1, "Revenue": -1}


class Row(NamedTuple):
    """A row with the names of the sections it is in; `kind` is data, header or summary.

    `cells` and `ids` are by ColKey; `label` and `id` are the first cell's.
    """

    path: tuple[str, ...]
    kind: str
    cells: dict[str, str]
    ids: dict[str, str]
    label: str
    id: str
    group: str

    def number(self, key: str) -> Decimal:
        return Decimal(self.cells[key] or "0")


class Asker:
    """The reports of a company made from a seed."""

    def __init__(self, seed: int, invoices: int, days: int, profile: Profile = PLAIN) -> None:
        self.made = generate_books(seed, invoices, TODAY, days, profile)
        self.books = Books(self.made.company, Clock("America/Los_Angeles", NOW, frozen=True))
        self.reports = Reports(self.books, Settings())

    @property
    def world(self) -> World:
        assert self.books.world
        return self.books.world

    @property
    def entries(self) -> list[Entry]:
        return self.world.ledger.entries

    @property
    def accounts(self) -> dict[str, Account]:
        return self.world.account_ids

    def txns(self, *entities: str) -> list[Txn]:
        return [txn for entity in entities for txn in self.world.documents.get(entity, [])]

    def ask(self, name: str, **asked: str) -> dict[str, Any]:
        """A report, accrual where nothing else is asked for, its amounts in home currency."""
        if self.world.profile.multi_currency and "columns" in asked:
            asked["columns"] = ",".join(HOME.get(key, key) for key in asked["columns"].split(","))
        answer = self.reports.answer(name, {"accounting_method": "Accrual", **asked})
        return msgspec.json.decode(b"{%b}" % answer.body)

    def rows(self, name: str, **asked: str) -> list[Row]:
        return list(read(self.ask(name, **asked)))

    def data(self, name: str, **asked: str) -> list[Row]:
        return [row for row in self.rows(name, **asked) if row.kind == "data"]

    def sums(self, start: date = EVER, end: date = TODAY) -> dict[str, Decimal]:
        """Dollars posted by account from a day to another, straight from the ledger."""
        found: dict[str, Decimal] = {}
        for entry in self.entries:
            if start <= entry.date <= end:
                for posting in entry.postings:
                    before = found.get(posting.account_id, Decimal())
                    found[posting.account_id] = before + posting.amount
        return found


def keys(report: dict[str, Any]) -> list[str]:
    """The ColKeys of a report's columns; those of home currency as if there were no other."""
    plain = {home: key for key, home in HOME.items()}
    found: list[str] = [
        next(meta["Value"] for meta in column["MetaData"] if meta["Name"] == "ColKey")
        for column in report["Columns"]["Column"]
    ]
    return [plain.get(key, key) for key in found]


def read(report: dict[str, Any]) -> Iterator[Row]:
    """Every row of a report, in its order."""
    yield from _walk(keys(report), report["Rows"].get("Row", []), ())


def _walk(columns: list[str], rows: list[dict[str, Any]], path: tuple[str, ...]) -> Iterator[Row]:
    for row in rows:
        within = path
        if "ColData" in row:
            yield _row(columns, row["ColData"], path, "data", row)
        if "Header" in row:
            cells = row["Header"]["ColData"]
            within = (*path, cells[0]["value"])
            yield _row(columns, cells, within, "header", row)
        yield from _walk(columns, row.get("Rows", {}).get("Row", []), within)
        if "Summary" in row:
            yield _row(columns, row["Summary"]["ColData"], within, "summary", row)


def _row(
    columns: list[str], cells: list[dict[str, str]], path: tuple[str, ...], kind: str, row: Any
) -> Row:
    found = list(zip(columns, cells, strict=len(cells) > 1))
    return Row(
        path,
        kind,
        {key: cell["value"] for key, cell in found},
        {key: cell["id"] for key, cell in found if "id" in cell},
        cells[0]["value"],
        cells[0].get("id", ""),
        row.get("group", ""),
    )
