"""Kills compactions in the middle of fetches and readers, and looks at what is left."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import duckdb

from qb_assets.catalog import tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.compaction import compact, plan
from qb_assets.warehouse.load import load
from qb_assets_tests.compaction import workers
from qb_assets_tests.compaction.books import DAYS, ENTITIES, SCOPE, Fetch, held, wrong
from qb_assets_tests.compaction.workers import TERMS, Journal, Open

ENDS = 30.0
"""Seconds in which a process must have ended."""

LARGE = 1
"""Objects that are too large, at most, in a partition: those of the first fetch."""


def processes() -> ForkServerContext:
    """Makes processes that have imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([workers.__name__])
    return context


@dataclass
class Figures:
    """What was done and seen."""

    kills: int = 0
    fetches: int = 0
    looks: int = 0
    checks: int = 0
    compacted: int = 0
    """Objects that the lake would have more without compaction."""
    unfinished: int = 0
    """Kills after which a partition was left for another compaction to finish."""
    wrong: list[str] = field(default_factory=list[str])


class Proof:
    """One lake that is fetched into, compacted, normalized and read at once, and one beside it
    that is only fetched into."""

    def __init__(self, lake: Open, folder: Path, seed: int) -> None:
        self._open = lake
        self._lake = Lake.open(*lake)
        self._plain = Lake.open(str(folder / "plain"))
        self._journal = Journal(folder)
        self._folder = folder
        self._seed = seed
        self._dice = random.Random(seed)
        self._context = processes()
        self._begun = self._context.Value("i", 0)
        self._done = self._context.Value("i", 0)
        self._stop = self._context.Value("i", 0)
        self._started = 0
        self.figures = Figures()

    def run(self, kills: int, *, readers: int = 2, compactions: int = 2) -> Figures:
        """Fetches, kills a compaction, and so on; then compacts to the end and compares all."""
        for _ in range(4):
            self.fetch()
        reading = [
            self._start(workers.reading, self._folder, self._begun, self._done, self._stop)
            for _ in range(readers)
        ]
        normalizing = self._start(workers.normalizing)
        steps = [self._context.Value("i", 0) for _ in range(compactions)]
        working = [self._start(workers.compacting, of) for of in steps]
        while self.figures.kills < kills:
            self.fetch()
            place = self.figures.kills % compactions
            self._await(steps[place], self._dice.randrange(1, 30))
            self._kill(working[place])
            self.figures.kills += 1
            left = [w for e in ENTITIES.values() for w in plan(self._lake, e, TERMS) if w.left]
            self.figures.unfinished += bool(left)
            steps[place].value = 0
            working[place] = self._start(workers.compacting, steps[place])
            if not self.figures.kills % 5:
                self._kill(normalizing)
                normalizing = self._start(workers.normalizing)
        for process in (*working, normalizing):
            self._kill(process)
        self._stop.value = 1
        for process in reading:
            process.join(ENDS)
            if process.exitcode:
                self.figures.wrong.append(f"a reader ended with {process.exitcode}")
        for said in self._folder.glob("reader-*.json"):
            result = json.loads(said.read_text(encoding="utf-8"))
            self.figures.looks += result["looks"]
            self.figures.checks += result["checks"]
            self.figures.wrong += result["wrong"]
        self.finish()
        return self.figures

    def fetch(self) -> None:
        """Lands the next fetch in both lakes, and normalizes it."""
        fetch = Fetch(self._seed, self.figures.fetches)
        fetch.land(self._plain)
        fetch.normalize(self._plain)
        self._journal.write(fetch.number, fetch.held(self._plain))
        self.figures.fetches += 1
        self._begun.value = self.figures.fetches
        fetch.land(self._lake)
        fetch.normalize(self._lake)
        self._done.value = self.figures.fetches

    def kill_at(self, step: int) -> bool:
        """Kills a compaction after so many steps; False where it has fewer."""
        process = self._context.Process(target=workers.killed_at, args=(self._open, step))
        process.start()
        process.join(ENDS)
        assert process.exitcode in (0, -9), process.exitcode
        return process.exitcode == -9

    def look(self) -> None:
        """Looks at every row of every layer, as readers and as the checks do."""
        known = self._journal.until(self.figures.fetches)
        for entity in ENTITIES.values():
            for day in DAYS:
                self.figures.wrong += wrong(held(self._lake, entity, day), known, known)
            self.figures.wrong += workers.checked(self._lake, entity)

    def finish(self) -> None:
        """Compacts to the end; then the lakes must give the same, and nothing may be left over."""
        entities = list(ENTITIES.values())
        compact(self._lake, entities, TERMS)
        self.look()
        raw: Counter[str] = Counter()
        for each in self._lake.list():
            at = layout.parse(each.path)
            raw[f"{at.name} {at.day}"] += at.layer == layout.RAW
            if at.layer == layout.QUARANTINE:
                of = {
                    row["raw_object"]
                    for row in parquet.decode(self._lake.read(each.path)).to_pylist()
                }
                self.figures.wrong += [f"{o} is gone" for o in of if not self._lake.exists(o)]
            elif at.layer == layout.NORMALIZED and not self._has_raw(at):
                self.figures.wrong.append(f"{each.path} was left")
        most = 1 + LARGE
        self.figures.wrong += [f"{n} objects of {place}" for place, n in raw.items() if n > most]
        self.figures.compacted = len(self._plain.list("raw")) - len(self._lake.list("raw"))
        original = _warehouse(self._plain)
        if _warehouse(self._lake) != original:
            self.figures.wrong.append("the warehouse is another one")
        for entity in entities:
            build(self._lake, entity, SCOPE)
        if _warehouse(self._lake) != original:
            self.figures.wrong.append("the warehouse is another one when all is normalized anew")

    def _has_raw(self, at: layout.Location) -> bool:
        of = next(e for e in ENTITIES.values() if at.name in {t.name for t in tables_of(e)})
        return self._lake.exists(layout.raw_object(of.table, at.company, at.day, at.object))

    def _start(self, target: Callable[..., None], *more: object) -> ForkServerProcess:
        self._started += 1
        args = (self._open, self._seed * 1000 + self._started, *more)
        process = self._context.Process(target=target, args=args)
        process.start()
        return process

    def _await(self, steps: Synchronized[int], wanted: int) -> None:
        """Waits until a compaction has made so many steps, or has nothing more to do."""
        until = time.monotonic() + 0.5
        while steps.value < wanted and time.monotonic() < until:
            time.sleep(0.001)

    def _kill(self, process: ForkServerProcess) -> None:
        """Kills a process, which must not have ended before."""
        process.kill()
        process.join(ENDS)
        if process.exitcode != -9:
            self.figures.wrong.append(f"a process had ended with {process.exitcode}")


def _warehouse(lake: Lake) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table and view of a warehouse that is made of a lake."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for entity in ENTITIES.values():
            load(connection, lake, entity, SCOPE)
        names = connection.execute(
            "SELECT DISTINCT table_name FROM information_schema.tables"
            " WHERE table_schema = 'quickbooks'"
        ).fetchall()
        return {
            name: connection.execute(f"FROM quickbooks.{name} ORDER BY ALL").fetchall()
            for (name,) in names
        }
