"""Where an object lies in the lake, and what a path says of the object.

    raw/<entity>/company=<realm>/updated_on=<YYYY-MM-DD>/<extract id>.parquet
    quarantine/<entity>/company=<realm>/updated_on=<YYYY-MM-DD>/<extract id>.parquet
    normalized/<table>/company=<realm>/updated_on=<YYYY-MM-DD>/<extract id>.parquet

Entities and tables are named in snake_case. A raw partition is the union of its objects, which
are made once; each of them has one normalized object a table, made from it alone and replaced
when it is made again. The `name=value` folders are Hive's, which DuckDB, polars and Spark read as
columns.

Small objects of a partition may have been replaced by one that holds all of their rows, see
`compacted`. Listings leave out what was replaced; what they give may be replaced before it is read,
so work that lists and reads is done inside of `compacted.settled`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from qb_assets.lake import compacted
from qb_assets.lake.store import Lake, LakeObject

Layer = Literal["raw", "quarantine", "normalized"]
RAW: Layer = "raw"
QUARANTINE: Layer = "quarantine"
NORMALIZED: Layer = "normalized"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PATH = re.compile(
    r"(?P<layer>raw|quarantine|normalized)/(?P<name>[a-z][a-z0-9_]*)"
    r"/company=(?P<company>[A-Za-z0-9][A-Za-z0-9_-]*)"
    r"/updated_on=(?P<day>\d{4}-\d{2}-\d{2})/(?P<object>[A-Za-z0-9][A-Za-z0-9_-]*)\.parquet"
)


@dataclass(frozen=True)
class Location:
    """What a path says: `name` is the entity or table, `object` the extract id."""

    layer: Layer
    name: str
    company: str
    day: date
    object: str

    @property
    def path(self) -> str:
        """The path this location was read from, or would be written to."""
        return f"{day_prefix(self.layer, self.name, self.company, self.day)}/{self.object}.parquet"


def company_prefix(layer: Layer, name: str, company: str) -> str:
    """The prefix of all days of one entity or table of one company. Raises ValueError."""
    _check(_NAME, name, "entity or table name")
    _check(_KEY, company, "company")
    return f"{layer}/{name}/company={company}"


def day_prefix(layer: Layer, name: str, company: str, day: date) -> str:
    """The prefix of one day's objects. Raises ValueError for a name that cannot be in a path."""
    return f"{company_prefix(layer, name, company)}/updated_on={day.isoformat()}"


def raw_prefix(entity: str, company: str, day: date) -> str:
    """The prefix of one raw partition, which is the union of the objects under it."""
    return day_prefix("raw", entity, company, day)


def raw_object(entity: str, company: str, day: date, extract_id: str) -> str:
    """The path of the record versions that one extract found for one raw partition."""
    _check(_KEY, extract_id, "extract id")
    return f"{raw_prefix(entity, company, day)}/{extract_id}.parquet"


def quarantine_object(entity: str, company: str, day: date, extract_id: str) -> str:
    """The path of the records of one extract that could not be used, with the reasons."""
    _check(_KEY, extract_id, "extract id")
    return f"{day_prefix('quarantine', entity, company, day)}/{extract_id}.parquet"


def normalized_object(table: str, company: str, day: date, extract_id: str) -> str:
    """The path of what one table has of the raw object of the same extract id."""
    _check(_KEY, extract_id, "extract id")
    return f"{day_prefix('normalized', table, company, day)}/{extract_id}.parquet"


def parse(path: str) -> Location:
    """Read a path back; `parse(path).path == path`. Raises ValueError for any other path."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path!r} is no path of this lake's layout")
    return Location(
        layer=cast(Layer, found["layer"]),
        name=found["name"],
        company=found["company"],
        day=date.fromisoformat(found["day"]),
        object=found["object"],
    )


def objects_by_day(
    lake: Lake,
    layer: Layer,
    name: str,
    company: str,
    days: Iterable[date],
    *,
    replaced: bool = False,
) -> dict[date, list[LakeObject]]:
    """The objects of many days of one entity or table of one company, with a single listing.

    Every asked day is a key, in the order asked, with its objects sorted by path; a day that has
    none has an empty list. Files that are not of the layout are passed over. With `replaced` those
    are listed, too, which others have replaced and which do not count. Raises LakeError.
    """
    by_day: dict[date, list[LakeObject]] = {day: [] for day in days}
    if not by_day:
        return by_day
    if len(by_day) == 1:
        prefix = day_prefix(layer, name, company, next(iter(by_day)))
    else:
        prefix = company_prefix(layer, name, company)
    for found in stored_objects(lake, prefix) if replaced else _listed(lake, prefix):
        day = parse(found.path).day
        if day in by_day:
            by_day[day].append(found)
    return by_day


def objects_of(
    lake: Lake,
    layer: Layer,
    name: str,
    company: str,
    days: Iterable[date],
    *,
    replaced: bool = False,
) -> list[LakeObject]:
    """The same objects in order of day and path."""
    by_day = objects_by_day(lake, layer, name, company, sorted(days), replaced=replaced)
    return [found for objects in by_day.values() for found in objects]


def all_objects(lake: Lake, layer: Layer, name: str, company: str) -> list[LakeObject]:
    """The objects of every day of one entity or table of one company, in order of path."""
    return _listed(lake, company_prefix(layer, name, company))


def locations(lake: Lake, layer: Layer, name: str = "") -> Iterator[Location]:
    """Where the objects of a layer lie, or of one entity or table of it, in order of path."""
    for found in _listed(lake, f"{layer}/{name}"):
        yield parse(found.path)


def stored_objects(lake: Lake, prefix: str) -> list[LakeObject]:
    """The objects under a prefix, those that others have replaced, too, in order of path."""
    return [each for each in lake.list(prefix) if _PATH.fullmatch(each.path)]


def _listed(lake: Lake, prefix: str) -> list[LakeObject]:
    return compacted.settled(lambda: compacted.live(lake, stored_objects(lake, prefix)))


def batches(objects: Iterable[LakeObject], size: int) -> Iterator[list[LakeObject]]:
    """The objects in order, in groups of at most `size` bytes, or of one that is larger."""
    batch: list[LakeObject] = []
    total = 0
    for found in objects:
        if batch and total + found.size > size:
            yield batch
            batch, total = [], 0
        batch.append(found)
        total += found.size
    if batch:
        yield batch


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise ValueError(f"{value!r} cannot be the {what} in a path of the lake")
