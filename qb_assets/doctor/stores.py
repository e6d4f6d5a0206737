"""Whether the lake can be written and the warehouse opened, and whether both are up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dagster as dg
import duckdb

from qb_assets.catalog import ENTITIES, Entity, tables_of
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.normalized.quarantine import companies_aside, waiting
from qb_assets.normalized.versions import ADDED, Change, schema_version
from qb_assets.warehouse.ddl import SCHEMA
from qb_assets.warehouse.resource import SETTINGS
from qb_assets.warehouse.versions import columns_held, differences, version_held

LAKE, QUARANTINE, WAREHOUSE, DISK = "lake", "quarantine", "warehouse", "disk"

LITTLE_SPACE, NO_SPACE = 2 << 30, 200 << 20
"""Bytes left on a disk below which it is yellow, and red: a load of a large day may need some
hundred megabytes beside the warehouse."""

_HOLDER = re.compile(r"held in (\S+)(?:.*?)\(PID (\d+)\)")
_UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_FROM_THE_LAKE = (
    "move the file away, and make its tables anew from the lake with: qb-assets schema migrate"
)


def check_lake(deployment: Deployment) -> Iterator[Finding]:
    """Writes, lists, reads and removes an object, and expects that making it twice is refused."""
    deployment.lake.probe()
    yield Finding(LAKE, "green", f"{deployment.lake.url} is written, read and cleaned.")


def check_quarantine(deployment: Deployment) -> Iterator[Finding]:
    """Counts the records that are aside and that nobody accepted."""
    counts: dict[str, dict[str, int]] = {}
    for entity, company in companies_aside(deployment.lake, list(ENTITIES.values())):
        left = len(waiting(deployment.lake, entity, company).left())
        if left:
            counts.setdefault(company, {})[entity.name] = left
    for company, by_entity in counts.items():
        said = ", ".join(f"{count:,} of {name}" for name, count in by_entity.items())
        yield Finding(
            QUARANTINE,
            "yellow",
            f"Records wait in quarantine: {said}.",
            f"See why with: qb-assets quarantine list --company {company}",
            company,
        )
    if not counts:
        yield Finding(QUARANTINE, "green", "Nothing waits in quarantine.")


def check_warehouse(deployment: Deployment) -> Iterator[Finding]:
    """Opens the file for writing, if it is there, and looks by which schema its tables are."""
    path = deployment.warehouse.path()
    if not path.exists():
        yield Finding(WAREHOUSE, "green", f"There is no {path} yet; the first run makes it.")
        return
    if not is_duckdb(path):
        yield Finding(
            WAREHOUSE,
            "red",
            f"{path} is no DuckDB database.",
            f"Correct QB_WAREHOUSE_URL; or {_FROM_THE_LAKE}",
        )
        return
    try:
        connection = duckdb.connect(str(path), config=dict(SETTINGS))
    except duckdb.Error as error:
        runs = deployment.instance.get_runs_count(dg.RunsFilter(statuses=_UNDER_WAY))
        yield refused(path, str(error), runs)
        return
    try:
        yield from tables(connection, list(ENTITIES.values()))
    finally:
        connection.close()


def is_duckdb(path: Path) -> bool:
    """Whether a file begins as DuckDB's do, with these letters after a checksum."""
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def refused(path: Path, said: str, runs: int) -> Finding:
    """Why DuckDB does not open a file: `said` is its error, `runs` are under way in Dagster."""
    if "lock" in said.lower():
        held = _HOLDER.search(said)
        who = f"process {held[2]} ({Path(held[1]).name})" if held else "another process"
        if runs:
            return Finding(
                WAREHOUSE,
                "yellow",
                f"{path} is held by {who}; {runs} runs of Dagster are under way.",
                "Ask the doctor again when they have ended.",
            )
        return Finding(
            WAREHOUSE,
            "red",
            f"{path} is held by {who}, and no run of Dagster is under way.",
            "Close that program: a DuckDB shell, a notebook, a run that hangs.",
        )
    reason = said.splitlines()[0] if said else "no reason given"
    return Finding(
        WAREHOUSE,
        "red",
        f"{path} cannot be opened: {reason}",
        f"See that this user may write it, and install the pinned DuckDB; or {_FROM_THE_LAKE}",
    )


def tables(connection: duckdb.DuckDBPyConnection, entities: Sequence[Entity]) -> Iterator[Finding]:
    """Whether the tables that there are have the catalog's columns and today's version."""
    names = [entity.table for entity in entities if tables_of(entity)]
    held = columns_held(connection, SCHEMA, names)
    there = [entity for entity in entities if entity.table in held]
    stale = [each for each in there if version_held(connection, each) != schema_version(each)]
    changes = [change for each in stale for change in differences(connection, each)]
    yield schema(len(there), [each.name for each in stale], changes)


def schema(there: int, stale: Sequence[str], changes: Iterable[Change]) -> Finding:
    """How the tables of so many entities agree with the catalog."""
    if not stale:
        said = f"The warehouse opens; the tables of {there} entities are by today's schema."
        return Finding(WAREHOUSE, "green", said)
    lost = [f"{each.table}.{each.column}" for each in changes if each.what != ADDED]
    if lost:
        few = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        return Finding(
            WAREHOUSE,
            "red",
            f"Columns of the warehouse are not those of the catalog: {few}.",
            "See them with qb-assets schema diff; then: qb-assets schema migrate --drop",
        )
    return Finding(
        WAREHOUSE,
        "yellow",
        f"Tables were made by another version of the schema: those of {', '.join(stale)}.",
        "Make them anew from raw, without a call: qb-assets schema migrate",
    )


def check_disk(deployment: Deployment) -> Iterator[Finding]:
    """Looks at the space left where the warehouse, the lake and Dagster's storage are."""
    places = {"the warehouse": deployment.warehouse.path()}
    lake = urlsplit(deployment.lake_resource.address())
    if lake.scheme in ("", "file"):
        places["the lake"] = Path(unquote(lake.path))
    places["Dagster's storage"] = Path(deployment.instance.root_directory)
    by_disk: dict[int, tuple[list[str], int]] = {}
    for what, place in places.items():
        folder = _nearest(place.absolute())
        names, _ = by_disk.setdefault(folder.stat().st_dev, ([], shutil.disk_usage(folder).free))
        names.append(what)
    for names, free in by_disk.values():
        yield space(names, free)


def space(what: Sequence[str], free: int) -> Finding:
    """Whether so many bytes are enough for what is on a disk."""
    where = " and ".join(filter(None, [", ".join(what[:-1]), what[-1]]))
    said = f"{free / (1 << 30):,.1f} GiB are free for {where}."
    if free >= LITTLE_SPACE:
        return Finding(DISK, "green", said)
    level = "red" if free < NO_SPACE else "yellow"
    return Finding(DISK, level, said, "Free some space on that disk, or move them to another one.")


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above that is there."""
    return next(each for each in (path, *path.parents) if each.is_dir())
