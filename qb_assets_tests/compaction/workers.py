"""The processes that work on one lake at the same time, most of which are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from qb_assets.catalog import Entity
from qb_assets.lake.access import S3Access
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Data, Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.checks import COMPLETE, VALID, examine
from qb_assets.normalized.compaction import Terms, compact
from qb_assets.normalized.read import slices
from qb_assets.partitions import CompanyDays
from qb_assets_tests.compaction.books import (
    COMPANY,
    DAYS,
    ENTITIES,
    SCOPE,
    Place,
    Rows,
    held,
    wrong,
)

TERMS = Terms(last_day=DAYS[-1])
PAUSE = 0.01

Open = tuple[str, S3Access | None]
"""How to open the lake."""


@dataclass
class Journal:
    """What each fetch brought, written down before it lands, for readers in other processes."""

    folder: Path
    _read: list[Rows] = field(default_factory=list[Rows])

    def write(self, number: int, rows: Rows) -> None:
        """Notes the rows of a fetch."""
        said = [[home, day.isoformat(), found] for (home, day), found in rows.items()]
        (self.folder / f"{number}.json").write_text(json.dumps(said), encoding="utf-8")

    def until(self, number: int) -> dict[Place, Counter[str]]:
        """All rows of the fetches before this one."""
        while len(self._read) < number:
            text = (self.folder / f"{len(self._read)}.json").read_text(encoding="utf-8")
            self._read.append(
                {
                    (home, date.fromisoformat(day)): Counter(rows)
                    for home, day, rows in json.loads(text)
                }
            )
        whole: dict[Place, Counter[str]] = {}
        for rows in self._read[:number]:
            for place, found in rows.items():
                whole.setdefault(place, Counter()).update(found)
        return whole


class Steps(Lake):
    """A lake that tells of each write and each removal when it is done."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.tell: Callable[[], None] = lambda: None

    @classmethod
    def told(cls, lake: Open, tell: Callable[[], None]) -> Steps:
        """Opens it."""
        opened = cls.open(*lake)
        assert isinstance(opened, Steps)
        opened.tell = tell
        return opened

    def create(self, path: str, data: Data) -> None:
        super().create(path, data)
        self.tell()

    def replace(self, path: str, data: Data) -> None:
        super().replace(path, data)
        self.tell()

    def delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            super().delete([path])
            self.tell()


def compacting(lake: Open, seed: int, steps: Synchronized[int]) -> None:
    """Compacts again and again, until it is killed."""

    def tell() -> None:
        steps.value += 1

    opened, dice = Steps.told(lake, tell), random.Random(seed)
    while True:
        entities = dice.sample(list(ENTITIES.values()), len(ENTITIES))
        if not compact(opened, entities, TERMS):
            time.sleep(PAUSE)


def killed_at(lake: Open, step: int) -> None:
    """Compacts, and is gone after so many writes and removals; ends well if there are fewer."""
    left = step

    def tell() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    compact(Steps.told(lake, tell), list(ENTITIES.values()), TERMS)


def normalizing(lake: Open, seed: int) -> None:
    """Normalizes some days again and again, until it is killed."""
    opened, dice = Lake.open(*lake), random.Random(seed)
    while True:
        entity = dice.choice(list(ENTITIES.values()))
        build(opened, entity, CompanyDays(COMPANY, tuple(sorted(dice.sample(DAYS, 2)))))
        time.sleep(PAUSE)


def reading(
    lake: Open,
    seed: int,
    folder: Path,
    begun: Synchronized[int],
    done: Synchronized[int],
    stop: Synchronized[int],
) -> None:
    """Reads all layers again and again; writes down how often, and what was not as it must be."""
    opened, dice, journal = Lake.open(*lake), random.Random(seed), Journal(folder)
    looks = checks = 0
    found: list[str] = []
    while not stop.value:
        entity, day = dice.choice(list(ENTITIES.values())), dice.choice(DAYS)
        before = done.value
        seen = held(opened, entity, day)
        found += wrong(seen, journal.until(before), journal.until(begun.value))
        looks += 1
        before = done.value
        examined = checked(opened, entity)
        if begun.value == before:  # else something may be landed and not yet normalized
            checks += 1
            found += examined
        result = {"looks": looks, "checks": checks, "wrong": found}
        (folder / f"reader-{seed}.json").write_text(json.dumps(result), encoding="utf-8")


def checked(lake: Lake, entity: Entity) -> list[str]:
    """What the checks of the normalized layer find that cannot be."""
    examined = settled(lambda: examine(entity, slices(lake, entity, [SCOPE])))
    return [
        f"{check} of {table}: {found.keys[:3]}"
        for (table, check), found in examined.findings.items()
        if check in (VALID, COMPLETE) and found.wrong
    ]
