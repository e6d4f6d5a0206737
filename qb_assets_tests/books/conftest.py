"""Three generated companies in one warehouse, whose fiscal years begin in different months."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from qb_assets.books.build import Built, build_models
from qb_assets.sandbox.generate import GeneratedBooks, generate_books
from qb_assets_tests.books.company import TODAY, warehouse_of

FISCAL_MONTHS = {3: 1, 11: 7, 23: 10}
"""The first month of the fiscal year by the company's seed."""

NAMES = {1: "January", 7: "July", 10: "October"}


@dataclass
class Made:
    """The companies by realm, their first months, and the warehouse with the books."""

    books: dict[str, GeneratedBooks]
    fiscal_months: dict[str, int]
    connection: duckdb.DuckDBPyConnection
    built: Built


@pytest.fixture(scope="package")
def made() -> Iterator[Made]:
    generated = {seed: generate_books(seed, 40, TODAY, 1000) for seed in FISCAL_MONTHS}
    connection = warehouse_of(*generated.values())
    for seed, month in FISCAL_MONTHS.items():
        connection.execute(
            "UPDATE quickbooks.preferences SET accounting_info_prefs_first_month_of_fiscal_year = ?"
            " WHERE _company = ?",
            [NAMES[month], generated[seed].company.realm_id],
        )
    with connection:
        yield Made(
            {books.company.realm_id: books for books in generated.values()},
            {generated[seed].company.realm_id: month for seed, month in FISCAL_MONTHS.items()},
            connection,
            build_models(connection),
        )
