"""Small companies tie to the cent; `python -m qb_assets_tests.ties` takes 100 of all sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from qb_assets.sandbox.generate import Profile
from qb_assets.sandbox.generate.model import HOME, Txn
from qb_assets_tests.ties.case import Case
from qb_assets_tests.ties.concerned import concerned
from qb_assets_tests.ties.made import Company, company_of, warehouse_of
from qb_assets_tests.ties.proof import Proof, compare_all, proved
from qb_assets_tests.ties.shrink import shrunk

ABROAD = Profile(multi_currency=True, late_edits=True, fiscal_year_start=4)
CASES = [
    # Nothing is posted in its last month, of which there are books all the same.
    Case(1, 1, 60, Profile()),
    Case(39, 60, 90, ABROAD, edits=10),
    Case(6, 1, 400, Profile.of(6), today=date(2026, 5, 9), months=2, cells=4_000),
]


@pytest.fixture(scope="module")
def companies() -> list[Company]:
    return [company_of(case) for case in CASES]


@pytest.fixture(scope="module")
def warehouse(companies: list[Company]) -> Iterator[duckdb.DuckDBPyConnection]:
    """All of them in one, where no figure of one may be taken from another."""
    with warehouse_of(companies) as connection:
        yield connection


@pytest.fixture(scope="module")
def proof(warehouse: duckdb.DuckDBPyConnection, companies: list[Company]) -> Proof:
    return proved(warehouse, companies)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_figure_ties(proof: Proof, number: int) -> None:
    found = proof.of(proof.companies[number])
    assert [each.text() for each in found] == []


def test_the_figures_are_of_all_kinds_and_not_few(proof: Proof) -> None:
    few = {name: count for name, count in proof.figures.items() if count < 10}
    assert few == {"cash ledger": 0, "check general_ledger.closed_months_unchanged": 0}
    assert sum(proof.figures.values()) > 5_000


def _settled(company: Company, kind: str) -> list[tuple[Txn, Txn]]:
    return [
        (payment, other)
        for payment in company.world.documents[kind]
        for other, _ in payment.applied
        if payment.entry.currency != HOME and payment.entry.rate != other.entry.rate
    ]


def test_the_company_abroad_has_what_is_hard_to_value(companies: list[Company]) -> None:
    """Payments earlier than what they settle, and such that bring no money but a gain."""
    pairs = [pair for kind in ("Payment", "BillPayment") for pair in _settled(companies[1], kind)]
    assert any(one.entry.date.month < other.entry.date.month for one, other in pairs)
    assert any(not one.total and one.entry.postings for one, _ in pairs)


@pytest.mark.parametrize(
    ("change", "comparison"),
    [
        ("books.posting SET amount = amount + 0.01 WHERE role = 'tax'", "posting"),
        ("reports.trial_balance SET amount = amount - 0.01", "trial_balance"),
        ("quickbooks.customer SET balance = balance + 0.01", "customer.balance"),
        ("reports.aged_receivable_detail SET past_due = past_due + 1", "aged_receivable_detail"),
    ],
)
def test_a_figure_that_is_wrong_is_told_with_its_documents(
    warehouse: duckdb.DuckDBPyConnection,
    companies: list[Company],
    change: str,
    comparison: str,
) -> None:
    warehouse.begin()
    warehouse.execute(f"UPDATE {change}")
    compared = compare_all(warehouse, companies)
    warehouse.rollback()
    assert {each.name for each in compared if each.differences} == {comparison}
    found = [each for one in compared for each in one.differences]
    mine = [each for each in found if each.company == companies[1].realm]
    assert mine
    for each in mine[:3]:
        assert list(concerned(companies[1], dict(each.subject)))


def test_a_company_is_made_smaller_for_as_long_as_it_differs() -> None:
    tried: list[Case] = []

    def differs(case: Case) -> bool:
        tried.append(case)
        return case.invoices >= 37 and case.profile.multi_currency

    start = replace(Case.of(25, 50, 20_000), edits=30)
    assert start.profile.multi_currency
    small = shrunk(start, differs, 200)
    assert small == Case(25, 37, 20, Profile(multi_currency=True), months=1)
    assert len(tried) < 100
    few = shrunk(start, differs, 3)
    assert few.invoices > 37


def test_seeds_draw_companies_of_all_kinds() -> None:
    cases = [Case.of(seed, 50, 20_000) for seed in range(1, 101)]
    assert cases == [Case.of(seed, 50, 20_000) for seed in range(1, 101)]
    sizes = sorted(case.documents for case in cases)
    assert sizes[50] < 1_000
    assert sizes[-1] > 10_000
    for feature in ("multi_currency", "several_controls", "inventory", "tax", "late_edits"):
        assert 20 < sum(getattr(case.profile, feature) for case in cases) < 90, feature
    assert {case.profile.fiscal_year_start for case in cases} > {1, 4, 10}
    assert {bool(case.edits) for case in cases} == {True, False}
