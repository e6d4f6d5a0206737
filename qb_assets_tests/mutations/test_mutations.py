"""Random corruptions of a company's lake and warehouse: the checks name each of them.

Many at once, each of another document, as making the books and checking them takes as long as for
one. `python -m qb_assets_tests.mutations` makes them one by one.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from qb_assets_tests.mutations.base import Base, make_base
from qb_assets_tests.mutations.corruption import Corruption, Place, draw
from qb_assets_tests.mutations.domain import targets
from qb_assets_tests.mutations.findings import Findings, seen
from qb_assets_tests.mutations.trial import corrupted

LOADED: Mapping[Place, int] = {"raw": 1, "normalized": 1, "snapshot": 2, "warehouse": 5}
"""How many corruptions are made together, and where; each in the records of the lake is a load."""
BOOKS: Mapping[Place, int] = {"warehouse": 6}


@dataclass(frozen=True, slots=True)
class Batch:
    """Corruptions that were made together, and all that the checks find then."""

    made: Sequence[Corruption]
    found: Findings

    def unseen(self, other: "Batch") -> list[str]:
        """Those that no check names. What is found in another batch, too, is of none of them: all
        amounts that are as they were."""
        new = self.found - other.found
        return [str(each) for each in self.made if not seen(each, new)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    folder = tmp_path_factory.mktemp("mutations") / "base"
    return make_base(folder, 25, 150, 1, seed=3, histories=False)


@pytest.fixture(scope="module")
def loaded(base: Base) -> Batch:
    made = drawn(base, LOADED, books=False)
    return Batch(made, corrupted(base, base.folder / "loaded", made)[0])


@pytest.fixture(scope="module")
def books(base: Base) -> Batch:
    made = drawn(base, BOOKS, books=True)
    return Batch(made, corrupted(base, base.folder / "books", made)[0])


def drawn(base: Base, places: Mapping[Place, int], *, books: bool) -> Sequence[Corruption]:
    """Corruptions of different documents; no days and accounts, of which some move no money."""
    dice = random.Random(11)
    found: dict[str, Corruption] = {}
    with base.opened(read_only=True) as connection:
        for place, number in places.items():
            until = len(found) + number
            while len(found) < until:
                corruption = draw(connection, dice, [place])
                fits = (corruption.target.layer == "books") is books
                if fits and corruption.target.must_move:
                    found.setdefault(corruption.names[0], corruption)
    return list(found.values())


def test_every_column_of_the_domain_is_there(base: Base) -> None:
    with base.opened(read_only=True) as connection:
        for each in targets():
            columns = f"{each.names}, {each.column or 'NULL'}"
            connection.execute(f"SELECT {columns} FROM {each.table} WHERE {each.where} LIMIT 0")


def test_what_is_corrupted_in_the_lake_or_after_the_load_is_seen_and_named(
    loaded: Batch, books: Batch
) -> None:
    assert loaded.unseen(books) == []


def test_what_is_corrupted_in_the_books_is_seen_and_named(loaded: Batch, books: Batch) -> None:
    assert books.unseen(loaded) == []
