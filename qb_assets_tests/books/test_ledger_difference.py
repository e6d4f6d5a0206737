"""Derived postings against the ledger of record: what differs, and the reason it is given."""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from qb_assets.books.build import build_models
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import run_check
from qb_assets.catalog.reports import REPORTS
from qb_assets.sandbox.generate import GeneratedBooks, Profile, generate_books
from qb_assets_tests.books.reported import reported_warehouse

LEDGER = [REPORTS["GeneralLedger"]]
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def made() -> GeneratedBooks:
    return generate_books(9, 40, date(2026, 6, 1), 200, Profile(multi_currency=True))


@pytest.fixture(scope="module")
def books(made: GeneratedBooks) -> Iterator[duckdb.DuckDBPyConnection]:
    """The books of a company with several currencies, with the ledger of its last two months."""
    with reported_warehouse([made], 2, reports=LEDGER) as connection:
        build_models(connection)
        yield connection


@contextmanager
def changed(
    books: duckdb.DuckDBPyConnection, *relations: str
) -> Generator[duckdb.DuckDBPyConnection]:
    """What is done to some tables inside is undone."""
    for relation in relations:
        books.execute(f"CREATE TEMP TABLE {relation.replace('.', '_')} AS FROM {relation}")
    try:
        yield books
    finally:
        for relation in relations:
            kept = relation.replace(".", "_")
            books.execute(f"DELETE FROM {relation}; INSERT INTO {relation} FROM {kept}")
            books.execute(f"DROP TABLE {kept}")


def differences(books: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """What differs, without what no entity carries."""
    build_models(books, ["ledger_difference"])
    return books.execute(
        "SELECT txn_type || ':' || txn_id, account_id, derived, recorded, difference, reason"
        " FROM books.ledger_difference WHERE reason <> 'not_exposed' ORDER BY ALL"
    ).fetchall()


def posting(books: duckdb.DuckDBPyConnection, where: str) -> tuple[Any, ...]:
    """The first derived posting: its Id, document, account, and amount."""
    row = books.execute(
        "SELECT posting_id, txn_type || ':' || txn_id, account_id, amount FROM books.posting"
        f" WHERE {where} ORDER BY length(posting_id), posting_id LIMIT 1"
    ).fetchone()
    assert row is not None
    return row


def test_what_no_entity_carries_is_all_that_differs(
    books: duckdb.DuckDBPyConnection, made: GeneratedBooks
) -> None:
    assert differences(books) == []
    held = books.execute(
        "SELECT account_id, txn_date, recorded, derived FROM books.ledger_difference"
    ).fetchall()
    assert Counter(held) == Counter(
        (each.account_id, entry.date, each.amount, None)
        for entry in made.entries
        for each in entry.postings
        if entry.doc_id is None and each.cents
    )


def test_another_amount_is_unexplained_and_shows_both_sides(
    books: duckdb.DuckDBPyConnection,
) -> None:
    key, document, account, amount = posting(books, "role = 'line' AND txn_type = 'Invoice'")
    with changed(books, "books.posting"):
        books.execute("UPDATE books.posting SET amount = amount - 1 WHERE posting_id = ?", [key])
        found = differences(books)
        outcome = run_check(books, checks()["ledger_difference.explained"])
    assert found == [(document, account, amount - 1, amount, Decimal(-1), "unexplained")]
    (mismatch,) = outcome.mismatches
    assert (mismatch.txn_ids, mismatch.difference) == (document, Decimal(-1))


def test_another_account_and_another_day_are_a_row_on_each_side(
    books: duckdb.DuckDBPyConnection,
) -> None:
    key, document, account, amount = posting(books, "role = 'line' AND txn_type = 'Bill'")
    for change in ("account_id = '1'", "txn_date = txn_date + 1"):
        with changed(books, "books.posting"):
            books.execute(f"UPDATE books.posting SET {change} WHERE posting_id = ?", [key])
            found = differences(books)
        assert sorted(row[4] for row in found) == sorted([amount, -amount])
        assert {(row[0], row[5]) for row in found} == {(document, "unexplained")}
        assert account in {row[1] for row in found}


def test_a_document_changed_after_the_ledger_was_fetched_is_timing(
    books: duckdb.DuckDBPyConnection,
) -> None:
    key, document, *_ = posting(books, "role = 'line' AND txn_type = 'Invoice'")
    number = document.partition(":")[2]
    with changed(books, "books.posting", "quickbooks.invoice"):
        books.execute("UPDATE books.posting SET amount = 5 WHERE posting_id = ?", [key])
        books.execute(
            "UPDATE quickbooks.invoice SET _changed_at = TIMESTAMPTZ '2026-06-01 21:00:00+00'"
            " WHERE id = ?",
            [number],
        )
        assert [(row[0], row[5]) for row in differences(books)] == [(document, "timing")]


def test_a_month_whose_ledger_was_not_fetched_is_timing(books: duckdb.DuckDBPyConnection) -> None:
    with changed(books, "reports.general_ledger", "reports.snapshot"):
        for table in ("reports.general_ledger", "reports.snapshot"):
            books.execute(f"DELETE FROM {table} WHERE month = '2026-05-01'")
        build_models(books)
        found = differences(books)
    build_models(books)
    assert {row[5] for row in found} == {"timing"}
    assert {row[3] for row in found} == {None}
    assert len(found) > 10


def test_a_cent_of_a_foreign_line_is_rounding_but_not_of_a_total_that_quickbooks_gives(
    books: duckdb.DuckDBPyConnection,
) -> None:
    foreign = "txn_type = 'Invoice' AND exchange_rate <> 1"
    for role, reason in (("line", "rounding"), ("control", "unexplained")):
        key, document, account, _ = posting(books, f"{foreign} AND role = '{role}'")
        with changed(books, "books.posting"):
            books.execute(
                "UPDATE books.posting SET amount = amount + 0.01 WHERE posting_id = ?", [key]
            )
            ((txn, where, *_, difference, found),) = differences(books)
        assert (txn, where, difference, found) == (document, account, CENT, reason)


def test_a_gain_of_exchange_that_is_left_on_receivables_is_exchange(
    books: duckdb.DuckDBPyConnection,
) -> None:
    _, document, gains, _ = posting(books, "txn_type = 'Payment' AND role = 'exchange'")
    kind, _, number = document.partition(":")
    of = f"txn_type = '{kind}' AND txn_id = '{number}'"
    control = posting(books, f"{of} AND role = 'control'")[2]
    with changed(books, "books.posting"):
        for account, change in ((gains, "+ 3"), (control, "- 3")):
            books.execute(
                f"UPDATE books.posting SET amount = amount {change} WHERE posting_id ="
                f" (SELECT min(posting_id) FROM books.posting WHERE {of} AND account_id = ?)",
                [account],
            )
        found = differences(books)
    assert {(row[0], row[1], row[4], row[5]) for row in found} == {
        (document, gains, Decimal(3), "exchange"),
        (document, control, Decimal(-3), "exchange"),
    }
