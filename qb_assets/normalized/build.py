"""Raw objects to normalized ones, one for one: a rebuild gives the same bytes at the same place.

What is made of a compacted raw object says so, too: it replaces what was made of the objects that
the raw one replaces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import is_compacted, passed_on, settled
from qb_assets.lake.errors import ObjectMissing
from qb_assets.lake.layout import Location
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.memory import give_back
from qb_assets.normalized.aside import are_unusable, aside, put_aside
from qb_assets.normalized.drift import Unmodeled, said_of_drift, told, unknown_values
from qb_assets.normalized.filled import marks_of, said_of_filled
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.parse import Parsed, parse
from qb_assets.normalized.schema import UNMODELED_COLUMN, arrow_schema
from qb_assets.normalized.states import are_gone, live_states
from qb_assets.normalized.versions import SCHEMA, schema_version
from qb_assets.pace import Pace, Say, nothing
from qb_assets.partitions import CompanyDays

BATCH_BYTES = 1024 * 1024
"""Compressed raw bytes that are read and parsed together: ten to thirty times as many of JSON."""

SOURCE = "_source"
"""Which raw object of the batch a row came from, while it is on its way."""

CHILDREN = "children"
"""The key in the metadata of a parent's object of the child tables that have one, too."""


@dataclass
class Built:
    """What a build wrote: rows by table and day, and records that stepped aside by day."""

    rows: dict[str, Counter[date]]
    quarantined: Counter[date] = field(default_factory=Counter[date])


def build(
    lake: Lake,
    entity: Entity,
    scope: CompanyDays,
    *,
    compacted_only: bool = False,
    progress: Say = nothing,
) -> Built:
    """Makes the normalized objects of some days of a company anew from the raw ones.

    With `compacted_only` those of compacted raw objects alone; the others stay as they are.
    `progress` is told how far a long build has come.

    Raises:
        LakeError: an object could not be read or written.
    """
    built = settled(lambda: _build(lake, entity, scope, compacted_only, progress))
    give_back()
    return built


def _build(
    lake: Lake, entity: Entity, scope: CompanyDays, compacted_only: bool, progress: Say
) -> Built:
    tables = tables_of(entity)
    built = Built({table.name: Counter() for table in tables})
    written: set[str] = set()
    raw = layout.objects_of(lake, layout.RAW, entity.table, scope.company, scope.days)
    if compacted_only:
        raw = [found for found in raw if is_compacted(found.path)]
    pace = Pace(progress, f"company {scope.company}", total=sum(found.size for found in raw))
    rows = built.rows[tables[0].name]
    for batch in layout.batches(raw, BATCH_BYTES):
        before = rows.total()
        written |= _build_batch(lake, entity, batch, built)
        size = sum(found.size for found in batch)
        pace.advance(
            rows.total() - before, f"{entity.name} {rows.total():,} records normalized", work=size
        )
    _drop_stale(lake, entity, scope, {found.path for found in raw}, written)
    return built


def _build_batch(lake: Lake, entity: Entity, batch: Sequence[LakeObject], built: Built) -> set[str]:
    places = [layout.parse(found.path) for found in batch]
    contents = lake.read_many([found.path for found in batch])
    raw = _with_source([parquet.decode(data) for data in contents])
    said = [passed_on(parquet.read_metadata(data)) for data in contents]
    status = raw.column("status")
    gone = raw.filter(are_gone(status))
    usable = pc.invert(pc.or_(are_gone(status), are_unusable(status)))
    # All rows are in most batches, and then the payloads need not be copied.
    live = raw if pc.all(usable).as_py() else raw.filter(usable)
    parsed = parse(entity, _payloads(live))
    good = live if not parsed.rejects else live.take(pa.array(parsed.places, pa.int64()))
    states = live_states(entity, parsed.rows)
    flat = flatten(entity, parsed.rows, _carried(good, places, states))
    drift = _drift(live, parsed, entity, flat)
    parent = tables_of(entity)[0]
    own = flat[parent.name].append_column(UNMODELED_COLUMN, _undeclared_parts(parsed))
    flat[parent.name] = _with_tombstones(own, parent, gone, places)
    written: set[str] = set()
    marks: list[dict[str, str]] = [{} for _ in batch]
    for table in reversed(tables_of(entity)):  # the parent last: where it is, all of them are
        exact = flat[table.name].select(arrow_schema(table).names).cast(arrow_schema(table))
        for place, rows in _by_source(exact.combine_chunks(), flat[table.name].column(SOURCE)):
            at = places[place]
            path = layout.normalized_object(table.name, at.company, at.day, at.object)
            metadata = {"table": table.name, SCHEMA: schema_version(entity), **said[place]}
            children = " ".join(marks[place])
            marks[place][table.name] = marks_of(rows)
            if table.parent is None:
                metadata |= {CHILDREN: children, **said_of_filled(marks[place])}
                metadata |= said_of_drift(drift.get(place, []))
            lake.replace(path, parquet.encode(rows, metadata=metadata))
            written.add(path)
            built.rows[table.name][at.day] += rows.num_rows
    unusable = aside(entity, live, parsed.rejects, raw).sort_by(SOURCE)
    misfits = _misfits(live, parsed)
    for place, rows in _by_source(unusable, unusable.column(SOURCE)):
        more = {**said[place], **said_of_drift(misfits.get(place, []))}
        written.add(put_aside(lake, entity, rows, batch[place].path, more))
        built.quarantined[places[place].day] += rows.num_rows
    return written


def _undeclared_parts(parsed: Parsed) -> pa.Array:
    """Of each record what no column holds, as JSON; null for most."""
    if not parsed.strange:
        return pa.nulls(len(parsed.places), pa.string())
    found = (parsed.strange.get(place) for place in parsed.places)
    return pa.array([each.parts if each else None for each in found], pa.binary()).cast(pa.string())


def _drift(
    live: pa.Table, parsed: Parsed, entity: Entity, flat: Mapping[str, pa.Table]
) -> dict[int, list[Unmodeled]]:
    """What is not as the catalog says in the rows of each raw object of the batch."""
    found: dict[int, list[Unmodeled]] = defaultdict(list)
    for place, walked in parsed.strange.items():
        source, at = _origin(live, place)
        found[source] += told(walked.unknown, at)
    for row, sighting in unknown_values(entity, flat):
        found[row[SOURCE]] += told([sighting], row["_extracted_at"])
    return found


def _misfits(live: pa.Table, parsed: Parsed) -> dict[int, list[Unmodeled]]:
    """What does not fit in the records of each raw object that stepped aside."""
    found: dict[int, list[Unmodeled]] = defaultdict(list)
    for reject in parsed.rejects:
        source, at = _origin(live, reject.place)
        found[source] += told(reject.misfits, at)
    return found


def _origin(live: pa.Table, place: int) -> tuple[int, datetime]:
    """The raw object of a row, and when it was fetched."""
    row = live.select([SOURCE, "extracted_at"]).slice(place, 1).to_pylist()[0]
    return row[SOURCE], row["extracted_at"]


def _payloads(rows: pa.Table) -> list[bytes]:
    return cast(list[bytes], rows.column("payload").to_pylist())


def _with_source(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(
        [
            table.append_column(SOURCE, pa.repeat(pa.scalar(place, pa.int32()), table.num_rows))
            for place, table in enumerate(tables)
        ]
    ).combine_chunks()


def _carried(raw: pa.Table, places: Sequence[Location], states: pa.Array) -> pa.Table:
    """The lineage of raw rows in these states, and which object each came from."""
    source = raw.column(SOURCE)
    companies = pa.array([place.company for place in places], pa.string())
    days = pa.array([place.day for place in places], pa.date32())
    return pa.table(
        {
            "_company": companies.take(source),
            "_updated_on": days.take(source),
            "_changed_at": raw.column("last_updated_time"),
            "_extracted_at": raw.column("extracted_at"),
            "_deleted": are_gone(states),
            "_state": states,
            SOURCE: source,
        }
    ).combine_chunks()


def _with_tombstones(
    rows: pa.Table, parent: Table, gone: pa.Table, places: Sequence[Location]
) -> pa.Table:
    """The parent rows and those that tell of deletes: a key, and nothing but nulls."""
    if not gone.num_rows:
        return rows
    key = parent.key[0]
    lineage = _carried(gone, places, gone.column("status").combine_chunks())
    columns: Mapping[str, pa.Array | pa.ChunkedArray] = {
        field.name: pa.nulls(gone.num_rows, field.type) for field in arrow_schema(parent)
    }
    tombstones = pa.table(
        {
            **columns,
            key: gone.column("id"),
            **{n: lineage.column(n) for n in lineage.column_names},
        }
    )
    return pa.concat_tables([rows, tombstones.select(rows.column_names)]).sort_by(SOURCE)


def _by_source(rows: pa.Table, sources: pa.ChunkedArray) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each raw object; they come in the order of the objects."""
    runs: Any = pc.call_function("run_end_encode", [sources.combine_chunks()])
    start = 0
    for place, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield place, rows.slice(start, end - start)
        start = end


def _drop_stale(
    lake: Lake, entity: Entity, scope: CompanyDays, made_of: Set[str], written: Set[str]
) -> None:
    """Removes objects of the days that no raw object stands behind any more.

    Raises ObjectMissing where raw objects were compacted meanwhile.
    """
    parent = tables_of(entity)[0].name
    homes: list[tuple[layout.Layer, str]] = [
        (layout.QUARANTINE, entity.table),
        (layout.NORMALIZED, parent),
    ]
    there = [
        found.path
        for layer, name in homes
        for found in layout.objects_of(lake, layer, name, scope.company, scope.days, replaced=True)
    ]
    # Listed after what is made of it, so that nothing is taken for stale that was just made.
    now = layout.objects_of(lake, layout.RAW, entity.table, scope.company, scope.days)
    raw = {found.path for found in now}
    for path in sorted(made_of - raw | set(filter(is_compacted, raw - made_of))):
        raise ObjectMissing(f"{path} was compacted while it was normalized.", path)
    kept = written | {
        replace(layout.parse(path), layer=layer, name=name).path
        for path in raw - made_of
        for layer, name in homes
    }
    stale = [path for path in there if path not in kept]
    parents = [path for path in stale if layout.parse(path).layer == layout.NORMALIZED]
    read = zip(parents, lake.iterate(parents), strict=True)
    children = [child for path, data in read for child in children_of(path, data)]
    for paths in (children, stale):  # nobody would find the children without their parents
        if paths:
            lake.delete(paths)


def children_of(path: str, parent: bytes) -> list[str]:
    """The paths of the child tables' objects that belong to a parent's object."""
    at = layout.parse(path)
    names = parquet.read_metadata(parent).get(CHILDREN, "").split()
    return [layout.normalized_object(name, at.company, at.day, at.object) for name in names]
