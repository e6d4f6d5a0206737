"""Random corruptions of a company's tables: the checks name each of them.

Many at once, each of another document, as making the books and checking them takes as long as for
one. `python -m qb_assets_tests.mutations` makes them one by one.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from qb_assets_tests.mutations.corruption import Corruption, draw
from qb_assets_tests.mutations.domain import targets
from qb_assets_tests.mutations.trial import (
    Findings,
    corrupted,
    findings,
    make_company,
    opened,
    seen,
)

COUNT = 12


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mutations") / "base.duckdb"
    make_company(path, 25, 150, 2, seed=3)
    return path


@pytest.fixture(scope="module")
def before(base: Path) -> Findings:
    with opened(base) as connection:
        return findings(connection)


def drawn(base: Path, dice: random.Random, *, books: bool) -> Sequence[Corruption]:
    """Corruptions of different documents; no days, of which some move no money."""
    found: dict[str, Corruption] = {}
    with opened(base) as connection:
        while len(found) < COUNT:
            corruption = draw(connection, dice)
            fits = (corruption.target.layer == "books") is books
            if fits and corruption.target.kind in ("amount", "line"):
                found.setdefault(corruption.names[0], corruption)
    return list(found.values())


def test_the_books_of_the_company_tie(before: Findings) -> None:
    wrong = {each.check for each in before if not each.check.endswith(".amounts")}
    assert wrong <= {"books/document.numbers_in_sequence"}


def test_every_column_of_the_domain_is_there(base: Path) -> None:
    with opened(base) as connection:
        for each in targets():
            columns = f"{each.names}, {each.column or 'NULL'}"
            connection.execute(f"SELECT {columns} FROM {each.table} WHERE {each.where} LIMIT 0")


@pytest.mark.parametrize("books", [False, True], ids=["below", "books"])
def test_every_corruption_is_seen_and_named(
    base: Path, before: Findings, tmp_path: Path, books: bool
) -> None:
    made = drawn(base, random.Random(11), books=books)
    new = corrupted(base, tmp_path / "copy.duckdb", made) - before
    assert [str(each) for each in made if not seen(each, new)] == []
