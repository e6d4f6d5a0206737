"""A company that is fetched in bad weather while it is edited, and what must be true after it."""

from __future__ import annotations

import json
import logging
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from qb_assets.catalog import ENTITIES
from qb_assets.lake.errors import LakeError
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.query import Window
from qb_assets.raw.plan import SETTLING
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets.sandbox.storms import STORMS
from qb_assets_tests.raw.fetching import ZONE, Fetcher
from qb_assets_tests.storm.tokens_found import tokens_in_folder

EDITED = ("Invoice", "Payment", "Customer", "Bill", "Item")
PATIENCE = {
    "first_wait": 0.01,
    "throttle_pause": 0.1,
    "timeout": 1.5,
    "connect_timeout": 1.0,
    "deadline": 30.0,
    "requests_per_minute": 1_000_000,
    "batches_per_minute": 1_000_000,
}
TODAY = datetime.now(ZONE).date()
FIRST_DAY = TODAY - timedelta(days=20)
FASTER = 0.3
"""Seconds that a slow answer takes, and that a throttled one asks to wait."""


@dataclass
class Report:
    """How the fetches of one seed went."""

    seed: int
    faults: Mapping[str, float]
    struck: Counter[str] = field(default_factory=Counter[str])
    truths: int = 0
    """Fetches in the storm that ended with the exact truth."""
    failures: Counter[str] = field(default_factory=Counter[str])
    """Fetches in the storm that ended with a typed error, by its class."""
    wrong: list[str] = field(default_factory=list[str])
    """What was not true where it must be."""


def weather_of(seed: int) -> dict[str, float]:
    """Three to five faults at 5 to 30 %, together at most 75 %; the seeds take turns with them."""
    dice = Random(seed)
    names = sorted(STORMS)
    names = [name for name in names if name not in ("reset_after_grant",)]
    chosen = [names[(seed * 5 + place * 7) % len(names)] for place in range(dice.randint(3, 5))]
    rates = {name: dice.uniform(0.05, 0.30) for name in dict.fromkeys(chosen)}
    share = min(1.0, 0.75 / sum(rates.values()))
    return {name: max(0.05, rate * share) for name, rate in rates.items()}


def storm(seed: int, *, invoices: int) -> Report:
    """Fetches one company twice in a storm, with edits meanwhile and between."""
    report = Report(seed, weather_of(seed))
    unlimited = SandboxSettings(
        requests_per_minute=0, concurrent=0, batches_per_minute=0, rotate_every=0, seed=seed
    )
    with (
        tempfile.TemporaryDirectory(prefix="qb-storm-") as folder,
        start(seed=seed, invoices=invoices, settings=unlimited) as box,
    ):
        with _logged_to(Path(folder) / "logs"):
            _fetches(Fetcher(box, Path(folder), FIRST_DAY, **PATIENCE), report, Random(seed))
        report.wrong += tokens_in_folder(Path(folder) / "lake", box.env["QB_CLIENT_ID"])
        report.wrong += tokens_in_folder(Path(folder) / "logs", box.env["QB_CLIENT_ID"])
    return report


@contextmanager
def _logged_to(folder: Path) -> Generator[None]:
    """Every line that is logged at any level, by anything, goes into a file."""
    folder.mkdir()
    root = logging.getLogger()
    level, handler = root.level, logging.FileHandler(folder / "log.txt")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def _fetches(fetcher: Fetcher, report: Report, dice: Random) -> None:
    for number in range(3):
        _calm(fetcher, report)
        _weather(fetcher, report, report.seed + number)
        if number != 1:
            _churn(fetcher, dice)
        _fetch_until_true(fetcher, report, TODAY if number else None, f"fetch {number}")
        _edit(fetcher, dice)
    _calm(fetcher, report)
    moment = fetcher.later()
    fetcher.fetch(moment, TODAY)
    report.wrong += [f"at the end: {each}" for each in differences(fetcher, moment)]


def _fetch_until_true(fetcher: Fetcher, report: Report, first: date | None, name: str) -> None:
    """In the storm up to three times, then in fair weather: what ends well must be true."""
    for attempt in range(4):
        if attempt == 3:
            _calm(fetcher, report)
        moment = fetcher.later()
        try:
            fetcher.fetch(moment, first)
        except (QuickBooksError, LakeError) as error:
            logging.getLogger("qb_assets").exception("the fetch failed")
            report.failures[type(error).__name__] += 1
            report.wrong += [f"{name}: {each}" for each in halves(fetcher)]
            if attempt == 3:
                report.wrong.append(f"{name}: fails in fair weather: {error}")
            continue
        wrong = list(differences(fetcher, moment))
        report.wrong += [f"{name}, attempt {attempt + 1}: {each}" for each in wrong]
        report.truths += attempt < 3 and not wrong
        return


def differences(fetcher: Fetcher, moment: datetime) -> Iterator[str]:
    """What the lake has otherwise than QuickBooks of all that was there when it was fetched.

    What was changed or deleted since the window's end is the next fetch's.
    """
    yield from halves(fetcher)
    window = Window(None, moment - SETTLING)
    deleted_since = {
        (stone["entity"], stone["id"])
        for stone in fetcher.box.admin("tombstones")
        if not window.holds(datetime.fromisoformat(stone["deleted"]))
    }
    for name, entity in ENTITIES.items():
        if entity.key != ("Id",) or entity.wrapped:
            continue
        there = fetcher.there(name)
        held = fetcher.held(name) if fetcher.holds(name) else {}
        for identity, record in there.items():
            if window.holds(_updated(record)) and held.get(identity) != record:
                state = "differs" if identity in held else "is missing"
                yield f"{name} {identity} {state}"
        for identity in held.keys() - there.keys():
            if (name, identity) not in deleted_since:
                yield f"{name} {identity} is held, and QuickBooks has it no more"


def halves(fetcher: Fetcher) -> Iterator[str]:
    """Objects that cannot be read, and versions that are held twice."""
    for name in ENTITIES:
        if not fetcher.holds(name):
            continue
        versions = fetcher.versions(name)  # reads every object to its end
        keys = versions.select("id", "last_updated_time", "digest", "status")
        twice = keys.height - keys.unique().height
        if twice:
            yield f"{name}: {twice} versions are held twice"


def _updated(record: Any) -> datetime | None:
    stamp = record.get("MetaData", {}).get("LastUpdatedTime")
    return datetime.fromisoformat(stamp) if stamp else None


def _calm(fetcher: Fetcher, report: Report) -> None:
    """Ends the storm, and notes which faults it had."""
    report.struck += Counter(fetcher.box.admin("weather")["counts"])
    fetcher.box.admin("weather", {})


def _weather(fetcher: Fetcher, report: Report, seed: int) -> None:
    weather = {
        "seed": seed,
        "rates": dict(report.faults),
        "seconds": FASTER,
        "retry_after": FASTER,
    }
    fetcher.box.admin("weather", json.loads(json.dumps(weather)))


def _churn(fetcher: Fetcher, dice: Random) -> None:
    """Edits, new records, deletes, voids and merges between any two pages."""
    for name in EDITED:
        plan: dict[str, object] = {
            "entity": name,
            "edits_per_page": dice.randint(0, 3),
            "creates_per_page": dice.randint(0, 2),
            "pages": dice.randint(1, 5),
        }
        if name in ("Customer", "Item"):
            plan["deactivations_per_page"] = dice.randint(0, 1)
            plan["merges_per_page"] = dice.randint(0, 1) if name == "Customer" else 0
        else:
            plan["deletes_per_page"] = dice.randint(0, 2)
            plan["voids_per_page"] = dice.randint(0, 1)
        fetcher.box.admin("churn", plan)


def _edit(fetcher: Fetcher, dice: Random) -> None:
    """Edits, deletes, voids, merges and returns between two fetches."""
    fetcher.later()
    for name in EDITED:
        fetcher.box.admin("churn", {"entity": name, "pages": 0})
        ids = dice.sample(sorted(fetcher.there(name)), 12)
        for identity in ids[:6]:
            fetcher.box.admin(
                "edit", {"entity": name, "id": identity, "fields": {"Note": str(dice.random())}}
            )
        if name == "Customer":
            fetcher.box.admin("merge", {"entity": name, "id": ids[6], "into": ids[7]})
            fetcher.box.admin("deactivate", {"entity": name, "id": ids[8]})
            fetcher.box.admin("reactivate", {"entity": name, "id": ids[8]})
        elif name != "Item":
            fetcher.box.admin("void", {"entity": name, "id": ids[6]})
            fetcher.box.admin("delete", {"entity": name, "id": ids[7]})
            fetcher.box.admin("false-delete", {"entity": name, "id": ids[8]})
            fetcher.box.admin("delete", {"entity": name, "id": ids[9]})
            fetcher.box.admin("restore", {"entity": name, "id": ids[9]})
