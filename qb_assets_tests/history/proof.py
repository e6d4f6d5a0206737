"""Days are edited, fetched and loaded; then each day's books are set beside the as-of macros."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.normalized.build import build
from qb_assets.partitions import CompanyDays
from qb_assets.sandbox.process import SandboxProcess
from qb_assets.warehouse.load import load
from qb_assets.warehouse.resource import WarehouseResource
from qb_assets_tests.history.days import Editor
from qb_assets_tests.pipeline.truth import Warehouse, differences, expected_of, read_records
from qb_assets_tests.raw.fetching import Fetcher

NIGHT = timedelta(hours=3)
"""How long after its end a day is fetched."""


@dataclass
class Proof:
    """A company, its lake, and its books at the end of each day."""

    fetcher: Fetcher
    folder: Path
    editor: Editor
    entities: Sequence[str]
    books: dict[date, dict[str, bytes]] = field(default_factory=dict[date, dict[str, bytes]])

    @property
    def days(self) -> list[date]:
        """The days that were written down, and the day of which the next night is a part."""
        last = max(self.books)
        return [*self.books, last + timedelta(days=1)]

    @property
    def records(self) -> int:
        """The records that there were at first."""
        return sum(len(read_records(text)) for text in self.books[min(self.books)].values())

    def day(self, day: date, edits: int) -> None:
        """Edits the books of a day, writes them down, and fetches and normalizes the day."""
        calendar = self.fetcher.calendar
        midnight = calendar.end_of(day - timedelta(days=1))
        if edits:
            self.fetcher.at(midnight)
            self.editor.day(midnight, edits)
        self.books[day] = {
            entity: self.fetcher.box.admin_bytes(f"records/{entity}") for entity in self.entities
        }
        fetched_at = calendar.end_of(day) + NIGHT
        # Of deletes that change data capture does not cover, a sweep alone knows.
        self.fetcher.fetch(fetched_at, day, entities=self.entities, sweep=True)
        scope = CompanyDays(self.fetcher.box.realm_id, (day, calendar.today(fetched_at)))
        for entity in self.entities:
            build(self.fetcher.lake, ENTITIES[entity], scope)

    def load(self, name: str, days: Sequence[date]) -> Path:
        """A new warehouse of some days in the order given."""
        file = self.folder / f"{name}.duckdb"
        for day in days:
            self.load_day(file, day)
        return file

    def load_day(self, file: Path, day: date) -> int:
        """Loads a day; gives how many versions it ended."""
        scope = CompanyDays(self.fetcher.box.realm_id, (day,))
        with WarehouseResource(database=str(file)).get_connection() as connection:
            return sum(
                load(connection, self.fetcher.lake, ENTITIES[entity], scope).ended
                for entity in self.entities
            )

    def wrong(self, file: Path, day: date) -> list[str]:
        """What differs between the books at a day's end and what the history says of them."""
        moment = self.fetcher.calendar.end_of(day)
        records = {name: read_records(text) for name, text in self.books[day].items()}
        with Warehouse(file, moment) as warehouse:
            expected = expected_of(records, warehouse.tables())
            return differences(warehouse, expected, self.fetcher.box.realm_id)

    def shuffled(self, seed: int) -> list[date]:
        """The days in another order."""
        return random.Random(seed).sample(self.days, len(self.days))


def typed() -> list[str]:
    """The entities that have tables."""
    return [name for name, entity in ENTITIES.items() if tables_of(entity)]


def begun(
    box: SandboxProcess, folder: Path, entities: Sequence[str], *, seed: int, now: datetime
) -> Proof:
    """A company whose whole history until yesterday is fetched."""
    today = now.date()
    fetcher = Fetcher(box, folder, today)
    proof = Proof(fetcher, folder, Editor(box, entities, seed), entities)
    proof.editor.begin(now - timedelta(days=1))
    proof.day(today, 0)
    return proof


def histories(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every history, in order."""
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE view_name LIKE '%\\_history' ESCAPE '\\'"
        )
        return {
            name: connection.execute(f"FROM quickbooks.{name} ORDER BY ALL").fetchall()
            for (name,) in names.fetchall()
        }
