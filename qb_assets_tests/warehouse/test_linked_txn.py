"""The view of all links: each link of the JSON once, with its other end, and which are no more."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.normalized.build import build
from qb_assets.partitions import CompanyDays, days_between
from qb_assets.warehouse.linked_txn import ALIASES, COLUMNS
from qb_assets.warehouse.load import load
from qb_assets_tests.expected import Record, read_records
from qb_assets_tests.raw.fetching import UTC, Fetcher, books, record
from qb_assets_tests.warehouse.links import links_in, links_of

FIRST_DAY = date(2026, 6, 1)
BEGIN = datetime(2026, 6, 1, 18, tzinfo=UTC)
NOW = datetime(2026, 6, 3, 18, tzinfo=UTC)


def to(kind: str, identity: int, line: str | None = None) -> Record:
    told = {"TxnId": str(identity), "TxnType": kind}
    return told if line is None else {**told, "TxnLineId": line}


def line(amount: float, *links: Record) -> Record:
    return {"Amount": amount, "LinkedTxn": list(links)}


def made(identity: int, *lines: Record, linked: tuple[Record, ...] = ()) -> Record:
    return record(identity, BEGIN, Line=list(lines), LinkedTxn=list(linked))


BUNDLE = {"Amount": 30, "GroupLineDetail": {"Line": [line(30, to("TimeActivity", 56))]}}

BOOKS = {
    "Payment": [
        made(1, line(40.1, to("Invoice", 50)), line(40.1, to("CreditMemo", 60))),
        made(2, line(7, to("Expense", 70)), line(8, to("Check", 71))),
        made(3, line(9, to("JournalEntry", 80)), line(1, to("StatementCharge", 9))),
        made(4, line(5.25, to("Invoice", 51), to("Invoice", 52)), line(3)),
    ],
    "Deposit": [
        made(10, line(12.5, to("JournalEntry", 80, "0")), line(1)),
        made(11, line(2, to("RefundReceipt", 90, "1"))),
    ],
    "RefundReceipt": [made(90, linked=(to("Deposit", 11),))],
    "JournalEntry": [made(80, linked=(to("Payment", 3), to("Deposit", 10)))],
    "CreditMemo": [made(60, line(40.1), linked=(to("Payment", 1),))],
    "BillPayment": [made(20, line(6, to("Bill", 30)), line(4, to("VendorCredit", 31)))],
    "Bill": [made(30, linked=(to("BillPaymentCheck", 20), to("BillPaymentCreditCard", 21)))],
    "Invoice": [
        made(50, line(1, to("Estimate", 55)), BUNDLE, linked=(to("ReceivePayment", 1),)),
        made(51, linked=(to("Payment", 4),)),
        made(52),
    ],
}


class Linked:
    """A warehouse of the books above, and what QuickBooks says of them."""

    def __init__(self, fetcher: Fetcher, file: Path) -> None:
        self.fetcher = fetcher
        self.file = file

    def load(self, at: datetime) -> None:
        """Brings what changed since the first day."""
        self.fetcher.fetch(at, entities=list(BOOKS))
        days = tuple(days_between(FIRST_DAY, self.fetcher.calendar.today(at)))
        scope = CompanyDays(self.fetcher.box.realm_id, days)
        with duckdb.connect(str(self.file), config={"threads": 1}) as connection:
            for entity in map(ENTITIES.__getitem__, BOOKS):
                build(self.fetcher.lake, entity, scope)
                load(connection, self.fetcher.lake, entity, scope)

    def books(self) -> dict[str, list[Record]]:
        """The records that QuickBooks has now."""
        asked = self.fetcher.box.admin_bytes
        return {entity: read_records(asked(f"records/{entity}")) for entity in BOOKS}

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    folder = tmp_path_factory.mktemp("linked")
    with books(folder, BOOKS, first_day=FIRST_DAY) as fetcher:
        linked = Linked(fetcher, folder / "warehouse.duckdb")
        linked.load(NOW)
        yield linked


def test_links_have_both_ends_lines_and_amounts(linked: Linked) -> None:
    found = links_in(linked.file)
    assert Counter(found) == Counter(links_of(linked.books()))
    assert len(found) == 22
    amounts = {(kind, of): amount for kind, of, *_, amount in found if kind == "Payment"}
    assert amounts["Payment", "4"] is None  # nobody says how much of the line is of which
    places = linked.ask("SELECT from_line FROM quickbooks.linked_txn WHERE to_type='TimeActivity'")
    assert places == [(1,)]  # the bundle's


def test_other_ends_are_named_as_the_tables_that_hold_them(linked: Linked) -> None:
    told = "SELECT DISTINCT to_type, to_entity FROM quickbooks.linked_txn"
    named = dict(linked.ask(told))
    assert {kind: entity for kind, entity in named.items() if kind != entity} == {
        "BillPaymentCheck": "BillPayment",
        "BillPaymentCreditCard": "BillPayment",
        "Check": "Purchase",
        "Expense": "Purchase",
        "ReceivePayment": "Payment",
        "StatementCharge": None,
    }
    assert set(ALIASES.values()) <= ENTITIES.keys()


def test_payments_join_invoices_across_entities(linked: Linked) -> None:
    """The statement of the README."""
    assert linked.ask(
        """
        SELECT invoice.id, sum(link.amount) FROM quickbooks.linked_txn AS link
        JOIN quickbooks.invoice ON invoice._company = link._company AND invoice.id = link.to_id
        WHERE link.from_type = 'Payment' AND link.to_entity = 'Invoice' AND NOT link._deleted
        GROUP BY ALL HAVING sum(link.amount) IS NOT NULL
        """
    ) == [("50", Decimal("40.1"))]


def test_the_view_tells_what_it_is(linked: Linked) -> None:
    [(comment,)] = linked.ask("SELECT comment FROM duckdb_views() WHERE view_name = 'linked_txn'")
    assert "QuickBooks tells of most links at both ends" in str(comment)
    columns = linked.ask("SELECT name, type FROM pragma_table_info('quickbooks.linked_txn')")
    assert columns == [(name, kind) for name, (kind, _) in COLUMNS.items()]


def test_links_of_what_is_void_are_no_more_and_of_what_is_gone_are_marked(linked: Linked) -> None:
    at = (NOW + timedelta(hours=1)).isoformat()
    linked.fetcher.at(NOW + timedelta(hours=1))
    linked.fetcher.box.admin("void", {"entity": "Invoice", "id": "51", "at": at})
    linked.fetcher.box.admin("delete", {"entity": "Payment", "id": "1", "at": at})
    kept = {"LinkedTxn": [], "Line": BOOKS["BillPayment"][0]["Line"][1:]}
    asked = {"entity": "BillPayment", "id": "20", "fields": kept, "at": at}
    linked.fetcher.box.admin("edit", asked)
    linked.load(NOW + timedelta(hours=2))
    assert Counter(links_in(linked.file)) == Counter(links_of(linked.books()))
    assert len(links_in(linked.file)) == 18
    gone = {(kind, to_id) for *_, kind, to_id, _, _ in links_in(linked.file, "_deleted")}
    assert gone == {("Invoice", "50"), ("CreditMemo", "60")}
    states = linked.ask("SELECT DISTINCT _state FROM quickbooks.linked_txn ORDER BY 1")
    assert states == [("deleted",), ("live",)]
