"""Fetches of made-up books, the same for the same seed, and what a lake must hold after each."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import pyarrow as pa

from qb_assets.catalog import Entity
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.read import read_objects, read_tables
from qb_assets.partitions import CompanyDays, days_between
from qb_assets.quickbooks.envelope import fetched
from qb_assets.raw.records import DELETED, MERGED, raw_table
from qb_assets_tests.warehouse.books import CALENDAR, PARTNER, SLIP

COMPANY = "7"
ENTITIES = {entity.name: entity for entity in (SLIP, PARTNER)}
DAYS = days_between(date(2026, 5, 1), date(2026, 5, 4))
SCOPE = CompanyDays(COMPANY, tuple(DAYS))
FETCHED = datetime(2026, 5, 9, tzinfo=timezone.utc)

Place = tuple[str, date]
"""A layer with the name of an entity or table, and a day."""

Rows = dict[Place, Counter[str]]
"""Digests of the rows at each place."""


@dataclass(frozen=True)
class Fetch:
    """What one fetch brings: a raw object for some days of each entity."""

    seed: int
    number: int

    @property
    def name(self) -> str:
        """The name of its objects."""
        return f"20260509T{self.number:09}Z-{self.seed:08}-0000"

    def land(self, lake: Lake) -> None:
        """Makes its objects."""
        for entity in ENTITIES.values():
            for day, rows in self._rows(entity).items():
                path = layout.raw_object(entity.table, COMPANY, day, self.name)
                lake.create(path, parquet.encode(rows, metadata={"entity": entity.name}))

    def normalize(self, lake: Lake) -> None:
        """Normalizes its days."""
        for entity in ENTITIES.values():
            build(lake, entity, CompanyDays(COMPANY, tuple(self._rows(entity))))

    def held(self, plain: Lake) -> Rows:
        """What a lake in which nothing is compacted has of it, row by row."""
        found: Rows = {}
        for entity in ENTITIES.values():
            for day in self._rows(entity):
                at = layout.raw_object(entity.table, COMPANY, day, self.name)
                found |= _digested(plain, entity, day, {at})
        return found

    def _rows(self, entity: Entity) -> dict[date, pa.Table]:
        dice = random.Random(f"{self.seed} {self.number} {entity.name}")
        gone = MERGED if entity.delete == "soft" else DELETED
        at = FETCHED + timedelta(seconds=self.number)
        return {
            day: raw_table(
                [fetched(self._body(entity, identity, day, dice), entity) for identity in ids],
                source="cdc",
                extracted_at=at + timedelta(microseconds=day.day),  # each day is another answer
                gone=gone,
            )
            for day in sorted(dice.sample(DAYS, 2))
            for ids in [dice.sample(range(40), dice.randrange(1, 6))]
        }

    def _body(self, entity: Entity, identity: int, day: date, dice: random.Random) -> bytes:
        moment = datetime.combine(day, time(12), CALENDAR.zone) + timedelta(
            seconds=dice.randrange(30_000)
        )
        record: dict[str, object] = {"Id": str(identity)}
        record["MetaData"] = {"LastUpdatedTime": moment.isoformat()}
        fate = dice.random()
        if fate < 0.1:
            return json.dumps({**record, "domain": "QBO", "status": "Deleted"}).encode()
        if entity is SLIP:
            record |= {"PrivateNote": f"é {fate}", "TotalAmt": dice.randrange(10_000)}
        else:
            record |= {"Name": f"n {fate}", "Active": fate < 0.8}
        record["Line"] = [{"Amount": n} for n in range(dice.randrange(4))]
        if fate > 0.9:  # no amount, so it steps aside
            record["Line"] = [{"Amount": "a lot"}]
        elif fate > 0.8:
            record["Novelty"] = {"Code": self.number}
        if self.number == 0:  # some objects are too large for compaction
            record["Novelty"] = dice.randbytes(200_000).hex()
        return json.dumps(record).encode()


def held(lake: Lake, entity: Entity, day: date) -> Rows:
    """Every row that readers of the pipeline see of a day, in all three layers."""
    return settled(lambda: _digested(lake, entity, day, None))


def _digested(lake: Lake, entity: Entity, day: date, only: set[str] | None) -> Rows:
    def paths(layer: layout.Layer) -> list[str]:
        found = layout.objects_of(lake, layer, entity.table, COMPANY, [day])
        names = {layout.parse(path).object for path in only or ()}
        every = [each.path for each in found]
        return [path for path in every if only is None or layout.parse(path).object in names]

    raw, aside, parents = (paths(layer) for layer in (layout.RAW, layout.QUARANTINE, "normalized"))
    tables = read_tables(
        entity,
        read_objects(lake, entity, dict(zip(parents, lake.read_many(parents), strict=True))),
    )
    rows: dict[str, Iterable[pa.Table]] = {
        f"raw/{entity.table}": map(parquet.decode, lake.read_many(raw)),
        f"quarantine/{entity.table}": (
            parquet.decode(data).drop_columns(["raw_object"]) for data in lake.read_many(aside)
        ),
        **{f"normalized/{name}": (t for _, t in found) for name, found in tables.items()},
    }
    return {(home, day): _digests(found) for home, found in rows.items()}


def _digests(tables: Iterable[pa.Table]) -> Counter[str]:
    return Counter(
        hashlib.blake2b(repr(sorted(row.items())).encode(), digest_size=12).hexdigest()
        for table in tables
        for row in table.to_pylist()
    )


def wrong(
    seen: Rows, least: Mapping[Place, Counter[str]], most: Mapping[Place, Counter[str]]
) -> list[str]:
    """What is doubled, missing or not known in what a reader saw.

    Args:
        seen: the rows.
        least: those that were there before it began.
        most: those that were there, or on their way, when it had ended.
    """
    found: list[str] = []
    for place, rows in seen.items():
        missing = least.get(place, Counter()) - rows
        more = rows - most.get(place, Counter())
        if missing or more:
            home, day = place
            found.append(f"{home} {day}: {missing.total()} missing, {more.total()} too many")
    return found
