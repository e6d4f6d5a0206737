"""The days of a company, and what happens on them."""

from __future__ import annotations

import random
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.storage.tags import SCHEDULE_NAME_TAG, SENSOR_NAME_TAG

from qb_assets.automation.run_tags import span_of
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.moved_time import time_is
from qb_assets_tests.pipeline.surroundings import ZONE, Pipeline, pipeline
from qb_assets_tests.pipeline.truth import differences, expected_of, read_records
from qb_assets_tests.ten_days.daemon import NAMES, Daemon, daemon, write_home

REFUSED = {"seed": 1, "rates": {"403_json": 1.0}, "only": ["query", "cdc", "batch"]}
"""The weather of an outage: an error that is final, so that no time goes by in retries."""

NOTES = {
    **dict.fromkeys(["Customer", "Vendor"], "Notes"),
    **dict.fromkeys(["Item", "Account"], "Description"),
    "Term": "Name",
}
"""The field that is edited, by entity; of a transaction it is the private note."""

NIGHT = ("03:00:30", "04:31", "04:47")
"""When a daemon works in a night; a real one never rests."""

BACK = ("08:00", "08:06")
"""When it works on a morning on which it was switched on again."""


@dataclass
class Morning:
    """What the warehouse was like on a morning, and the runs of the night."""

    day: date
    wrong: list[str]
    runs: list[dg.DagsterRun] = field(default_factory=list[dg.DagsterRun])

    def told(self) -> list[str]:
        """Each run of days: who asked for it, how many days it was of, and how it ended."""
        return [_told(run, span) for run in self.runs if (span := span_of(run.tags))]


class Story:
    """A company whose books are edited each day, and a daemon that is on or off."""

    def __init__(
        self, made: Pipeline, worker: Daemon, entities: Sequence[str], first: date, seed: int
    ) -> None:
        self.made = made
        self._worker = worker
        self._entities = entities
        self._first = first
        self._random = random.Random(seed)
        self._told: set[str] = set()

    def live(
        self,
        days: int,
        *,
        off: Collection[int] = (),
        outages: Collection[int] = (),
        by_day: bool = True,
    ) -> Generator[Morning]:
        """Goes through days, numbered from 1; gives the mornings on which the daemon is on.

        Args:
            days: how many days there are.
            off: the days on whose following night the daemon is off.
            outages: the days on whose following night QuickBooks refuses everything until 4:45.
            by_day: whether the daemon also works between the edits of a day.
        """
        self._work(_at(self._first, "08:30"))
        for number in range(1, days + 1):
            day = self._first + timedelta(days=number - 1)
            morning = day + timedelta(days=1)
            for hour in (10, 15, 21):
                self._edit(_at(day, f"{hour}:00"))
                if by_day and not {number - 1, number} <= set(off):
                    self._work(_at(day, f"{hour}:30"))
            if number not in off:
                self._night(morning, NIGHT, refused=number in outages)
            elif number + 1 not in off:
                self._night(morning, BACK, refused=False)
            else:
                continue
            yield self._morning(morning)

    def _night(self, day: date, moments: Sequence[str], *, refused: bool) -> None:
        for moment in moments:
            weather = REFUSED if refused and moment < "04:45" else {}
            self.made.sandbox.admin("weather", weather)
            self._work(_at(day, moment))

    def _edit(self, now: datetime) -> None:
        self._set_clock(now)
        for entity in self._entities:
            rows = read_records(self.made.sandbox.admin_bytes(f"records/{entity}"))
            for row in self._random.sample(rows, min(3, len(rows))):
                fields = {NOTES.get(entity, "PrivateNote"): f"{row['Id']} on {now}"}
                asked = {"entity": entity, "id": row["Id"], "fields": fields}
                self.made.sandbox.admin("edit", asked)
        self.made.sandbox.admin("create", {"entity": "Term", "fields": {"Name": f"Net {now}"}})
        invoices = read_records(self.made.sandbox.admin_bytes("records/Invoice"))
        gone = self._random.choice(invoices)["Id"]
        self.made.sandbox.admin("delete", {"entity": "Invoice", "id": gone})

    def _work(self, now: datetime) -> None:
        self._set_clock(now)
        with time_is(now):
            self._worker.work(now)

    def _set_clock(self, now: datetime) -> None:
        self.made.sandbox.admin("clock", {"now": now.isoformat(), "frozen": True})

    def _morning(self, night: date) -> Morning:
        books = {
            name: read_records(self.made.sandbox.admin_bytes(f"records/{name}"))
            for name in self._entities
        }
        with self.made.surroundings.warehouse() as warehouse:
            expected = expected_of(books, warehouse.tables())
            wrong = differences(warehouse, expected, self.made.company)
        runs = [run for run in self.made.instance.get_runs() if run.run_id not in self._told]
        self._told |= {run.run_id for run in runs}
        return Morning(night, wrong, runs[::-1])


@contextmanager
def story(
    folder: Path, entities: Sequence[str], days: int, *, invoices: int = 40, seed: int = 7
) -> Generator[Story]:
    """A company that was connected on the first of so many days, the last of which is yesterday."""
    first = datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=days)
    settings = Settings(
        requests_per_minute=0, concurrent=0, now=_at(first, "08:00"), frozen=True, timezone=ZONE
    )
    write_home(folder / "home")
    with (
        pytest.MonkeyPatch.context() as patch,
        start(seed=seed, invoices=invoices, settings=settings) as sandbox,
        pipeline(folder, sandbox, entities, first.isoformat()) as made,
    ):
        patch.setenv(NAMES, ",".join(entities))
        with daemon(made.instance) as worker:
            yield Story(made, worker, entities, first, seed)


def _told(run: dg.DagsterRun, span: tuple[str, date, date]) -> str:
    asker = run.tags.get(SENSOR_NAME_TAG) or run.tags.get(SCHEDULE_NAME_TAG, "nobody")
    days = (span[2] - span[1]).days + 1
    return f"{asker} {days} {'day' if days == 1 else 'days'} {run.status.value}"


def _at(day: date, moment: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(moment), ZoneInfo(ZONE))
