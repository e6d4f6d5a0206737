"""The ledger of record and the trial balance against the ledger that the company was made of."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from qb_assets.books.build import build_models
from qb_assets.books.registry import models
from qb_assets_tests.books.conftest import Made
from qb_assets_tests.books.truth import balances, months_of


def rows(made: Made, statement: str) -> list[tuple[Any, ...]]:
    return made.connection.execute(statement).fetchall()


def test_every_posting_is_in_the_ledger(made: Made) -> None:
    for company, books in made.books.items():
        held = Counter(
            rows(
                made,
                "SELECT account_id, txn_date, amount FROM books.general_ledger"
                f" WHERE _company = '{company}' AND accounting_method = 'Accrual'",
            )
        )
        assert held == Counter(
            (posting.account_id, entry.date, posting.amount)
            for entry in books.entries
            for posting in entry.postings
        )


def test_transactions_are_named_as_their_entities(made: Made) -> None:
    for company, books in made.books.items():
        held = rows(
            made,
            "SELECT DISTINCT txn_type, txn_id, in_documents FROM books.general_ledger"
            f" WHERE _company = '{company}' AND accounting_method = 'Accrual'",
        )
        assert set(held) == {
            (entry.doc_entity or entry.kind, entry.doc_id or f"9{entry.number}", bool(entry.doc_id))
            for entry in books.entries
        }


def test_postings_have_the_lines_of_their_documents_each_once(made: Made) -> None:
    found = rows(
        made,
        "SELECT _company, txn_type, txn_id, role, line_position, inner_position, account_id, amount"
        " FROM books.general_ledger WHERE accounting_method = 'Accrual' AND role IS NOT NULL",
    )
    derived = rows(
        made,
        "SELECT _company, txn_type, txn_id, role, line_position, inner_position, account_id, amount"
        " FROM books.posting",
    )
    joined, all_derived = Counter(found), Counter(derived)
    assert not joined - all_derived
    assert sum(joined.values()) > 0.98 * sum(all_derived.values())


def test_unknown_names_of_kinds_are_found_by_id_and_day(made: Made) -> None:
    before = rows(made, LEDGER_KINDS)
    try:
        rename(made, "Invoice", "Facture")
        assert rows(made, LEDGER_KINDS) == before
    finally:
        rename(made, "Facture", "Invoice")


def rename(made: Made, before: str, after: str) -> None:
    made.connection.execute(
        "UPDATE reports.general_ledger SET txn_type = ? WHERE txn_type = ?", [after, before]
    )
    build_models(made.connection, ["general_ledger"])


def test_the_trial_balance_is_the_sum_of_the_postings_in_each_month(made: Made) -> None:
    for company, books in made.books.items():
        held: dict[date, dict[str, Decimal]] = {}
        for month, account, balance in rows(
            made,
            "SELECT month, account_id, sum(balance) FROM books.trial_balance"
            f" WHERE _company = '{company}' AND accounting_method = 'Accrual'"
            " GROUP BY month, account_id HAVING sum(balance) <> 0",
        ):
            held.setdefault(month, {})[account] = balance
        first = made.fiscal_months[company]
        assert held == {month: balances(books, month, first) for month in months_of(books)}


def test_opening_balances_debits_and_credits_give_the_balances(made: Made) -> None:
    assert not rows(
        made,
        "SELECT * FROM books.trial_balance WHERE opening_balance + debit - credit <> balance",
    )
    assert rows(made, "SELECT count(*) > 1000 FROM books.trial_balance WHERE debit > 0") == [
        (True,)
    ]


def test_each_month_balances_by_method(made: Made) -> None:
    found = rows(
        made,
        "SELECT accounting_method, sum(balance) FROM books.trial_balance"
        " GROUP BY _company, accounting_method, month",
    )
    assert {method for method, _ in found} == {"Accrual", "Cash"}
    assert {balance for _, balance in found} == {0}


def test_the_chart_has_the_hierarchy_and_the_statements(made: Made) -> None:
    for company, books in made.books.items():
        held = rows(
            made,
            "SELECT account_id, path, root_id, depth, classification, is_listed"
            f" FROM books.chart_of_accounts WHERE _company = '{company}'",
        )
        expected: set[tuple[Any, ...]] = set()
        for account in books.accounts:
            root = account
            while root.parent:
                root = root.parent
            name = account.full_name
            expected.add((account.id, name, root.id, name.count(":"), account.classification, True))
        assert {(row[0], row[1].replace(" (deleted)", ""), *row[2:]) for row in held} == expected


LEDGER_KINDS = """
    SELECT _company, txn_type, txn_id, in_documents, count(*) FROM books.general_ledger
    GROUP BY ALL ORDER BY ALL
"""


def test_a_month_of_which_the_ledger_was_fetched_is_there_before_anything_is_posted(
    made: Made,
) -> None:
    last = rows(made, "SELECT _company, max(month) FROM books.fiscal_month GROUP BY ALL")
    company, month = max(last)
    made.connection.begin()
    made.connection.execute(
        "INSERT INTO reports.general_ledger BY NAME SELECT * REPLACE (NULL AS txn_date, "
        " 'beginning_balance' AS row_kind, DATE '2026-08-01' AS month)"
        f" FROM reports.general_ledger WHERE _company = '{company}' LIMIT 1"
    )
    select = models()["fiscal_month"].select
    found = rows(made, f"SELECT _company, max(month) FROM ({select}) GROUP BY ALL")
    made.connection.rollback()
    assert month < date(2026, 8, 1)
    assert dict(found) == dict(last) | {company: date(2026, 8, 1)}
