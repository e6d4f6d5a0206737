"""Fetches of a local QuickBooks into a lake, without Dagster, at any moment."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from qb_assets.catalog import ENTITIES
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar, CompanyDays, days_between
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.raw.extract import Extraction, Extractor
from qb_assets.raw.landing import Extract
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings

UTC = timezone.utc
ZONE = ZoneInfo("America/Los_Angeles")
EVERYTHING = list(ENTITIES)


class Fetcher:
    """One company's lake, and fetches into it."""

    def __init__(
        self, box: SandboxProcess, folder: Path, first_day: date, **settings_: Any
    ) -> None:
        self.box = box
        self.lake = Lake.open(str(folder / "lake"))
        self.calendar = Calendar(first_day, ZONE)
        environ = {**box.env, "QB_TOKEN_STORE": str(folder / "tokens")}
        settings = replace(Settings.from_environment(environ), **settings_)
        store = FileTokenStore(folder / "tokens")
        connect_with_refresh_token(settings, store, box.realm_id, box.env["QB_REFRESH_TOKEN"])
        self.client = QuickBooksClient(settings, store, box.realm_id)
        self.said: list[str] = []
        self._fetches = 0

    def fetch(
        self,
        at: datetime,
        first: date | None = None,
        *,
        entities: Sequence[str] = EVERYTHING,
        sweep: bool = False,
    ) -> Extraction:
        """Fetches from a day (the first one by default) to the day of `at`, as at that moment."""
        self._fetches += 1
        self.at(at)
        days = days_between(first or self.calendar.start, self.calendar.today(at))
        return Extractor(
            self.client,
            self.lake,
            self.calendar,
            CompanyDays(self.box.realm_id, tuple(days)),
            [ENTITIES[name] for name in entities],
            Extract(f"{at:%Y%m%dT%H%M%S}-{self._fetches}", at),
            self.said.append,
            sweep=sweep,
        ).run()

    def at(self, moment: datetime) -> None:
        """Sets QuickBooks' clock."""
        self.box.admin("clock", {"now": moment.isoformat()})

    def later(self, minutes: float = 2) -> datetime:
        """Moves QuickBooks' clock on, and gives its time."""
        now: str = self.box.admin("clock", {"advance": minutes * 60})["now"]
        return datetime.fromisoformat(now)

    def holds(self, entity: str) -> bool:
        """Whether the lake has anything of an entity."""
        table = ENTITIES[entity].table
        return bool(layout.all_objects(self.lake, "raw", table, self.box.realm_id))

    def metered(self) -> int:
        """The metered calls since this was asked last, as the server counts them."""
        metered: int = self.box.admin("stats")["metered"]
        self.box.admin("stats/reset", {})
        return metered

    def states(self, entity: str) -> dict[str, str]:
        """The status of the newest version of each held record, by Id."""
        rows = self._newest(entity).select("id", "status").iter_rows()
        return dict(rows)

    def held(self, entity: str) -> dict[str, object]:
        """The live records that the lake holds, by Id."""
        live = self._newest(entity).filter(pl.col("status") == "live")
        return {
            identity: json.loads(body)
            for identity, body in live.select("id", "payload").iter_rows()
        }

    def there(self, entity: str) -> dict[str, object]:
        """The records that QuickBooks has, by Id."""
        records = json.loads(self.box.admin_bytes(f"records/{entity}"))
        return {record["Id"]: record for record in records}

    def versions(self, entity: str) -> pl.DataFrame:
        """Every row of every object."""
        objects = layout.all_objects(self.lake, "raw", ENTITIES[entity].table, self.box.realm_id)
        tables = [parquet.decode(self.lake.read(found.path)) for found in objects]
        frame = pl.from_arrow(pa.concat_tables(tables)) if tables else pl.DataFrame()
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _newest(self, entity: str) -> pl.DataFrame:
        return (
            self.versions(entity)
            .sort("last_updated_time", "extracted_at", nulls_last=False)
            .unique("id", keep="last", maintain_order=True)
        )


@contextmanager
def books(
    folder: Path,
    records: Mapping[str, Sequence[Mapping[str, object]]],
    *,
    first_day: date,
    settings: SandboxSettings | None = None,
) -> Generator[Fetcher]:
    """A company with these records, served and connected."""
    company = folder / "company"
    company.mkdir()
    for entity, bodies in records.items():
        (company / f"{entity}.json").write_text(json.dumps(bodies))
    unlimited = SandboxSettings(requests_per_minute=0, concurrent=0, batches_per_minute=0)
    with start(company_dir=company, settings=settings or unlimited) as box:
        yield Fetcher(box, folder, first_day)


def record(identity: int, updated: datetime, **fields: object) -> dict[str, object]:
    """A record as QuickBooks writes it, with few fields."""
    stamp = updated.astimezone(ZONE).isoformat(timespec="seconds")
    meta = {"CreateTime": stamp, "LastUpdatedTime": stamp}
    return {**fields, "Id": str(identity), "SyncToken": "0", "MetaData": meta}


def spread(
    count: int, begin: datetime, end: datetime, *, first: int = 1, **fields: object
) -> list[dict[str, object]]:
    """Records updated at even distances from `begin` to `end`."""
    step = (end - begin) / count
    return [record(first + n, begin + n * step, **fields) for n in range(count)]


def days(number: float) -> timedelta:
    """That many days."""
    return timedelta(days=number)
