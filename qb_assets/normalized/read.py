"""Reads normalized objects back, a batch of raw objects at a time, so that memory is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import is_compacted, replaced_by
from qb_assets.lake.errors import LakeDataError, ObjectMissing
from qb_assets.lake.layout import Location
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.normalized.aside import QUARANTINE_SCHEMA
from qb_assets.normalized.build import BATCH_BYTES, children_of
from qb_assets.normalized.drift import Unmodeled, drift_said
from qb_assets.normalized.schema import arrow_schema, no_rows
from qb_assets.normalized.states import states_of
from qb_assets.normalized.versions import SCHEMA, schema_version
from qb_assets.partitions import CompanyDays
from qb_assets.raw.records import LIVE, RAW_SCHEMA

STATE = "_state"
VERSION = "_extracted_at"

NARROW_BATCH_BYTES = 4 * BATCH_BYTES
"""Compressed raw bytes of a slice without payloads, which are most of what it takes."""


Columns = Mapping[str, Sequence[str]]
"""By table's name some of its columns."""


@dataclass(frozen=True)
class Slice:
    """What stands in the layers of some raw objects of one company."""

    company: str
    raw: pa.Table
    """Live raw rows: id, extracted_at, payload; with the payloads only if they were asked for."""
    tables: dict[str, pl.DataFrame]
    columns: Columns | None
    """Which columns of them, if not all were asked for."""
    quarantined: pa.Table
    accepted: frozenset[str]
    """The versions in quarantine that a person accepted."""
    outdated: int
    """Objects of the parent that another version of the catalog's schema made."""
    unmodeled: list[Unmodeled]
    """What is not as the catalog says in these records, landed or aside."""


def slices(
    lake: Lake,
    entity: Entity,
    scopes: Sequence[CompanyDays],
    *,
    payloads: bool = True,
    columns: Columns | None = None,
) -> Iterator[Slice]:
    """Everything of an entity in some days, batch by batch; of the tables all or some columns.

    Raises:
        ObjectMissing: an object was compacted meanwhile: what came before does not count either.
        LakeError: an object could not be read.
    """
    for scope in scopes:
        raw, parents, quarantine = _layers(lake, entity, scope)
        accepted = accepted_versions(lake, entity, scope.company) if quarantine else frozenset()
        for batch in layout.batches(raw, BATCH_BYTES if payloads else NARROW_BATCH_BYTES):
            yield _slice(
                lake,
                entity,
                scope.company,
                raw=[found.path for found in batch],
                parents=_made_of(lake, batch, layout.NORMALIZED, parents),
                quarantine=_made_of(lake, batch, layout.QUARANTINE, quarantine),
                accepted=accepted,
                payloads=payloads,
                columns=columns,
            )


Objects = Mapping[str, Sequence[tuple[Location, bytes]]]
"""Objects of the tables of an entity, by the table's name, each with its place."""


def read_tables(entity: Entity, objects: Objects) -> dict[str, list[tuple[Location, pa.Table]]]:
    """The rows of objects, as `read_objects` gives them, with the places.

    Raises:
        LakeDataError: an object is not as the catalog says.
    """
    found: dict[str, list[tuple[Location, pa.Table]]] = {t.name: [] for t in tables_of(entity)}
    for name, each in objects.items():
        for at, data in each:
            rows = _fitting(parquet.decode(data), entity, at)
            if STATE not in rows.column_names:  # made before tables had it, and not again since
                rows = _with_states(entity, at, rows, found[entity.table])
            found[name].append((at, rows))
    return found


def read_frames(
    entity: Entity, objects: Objects, columns: Columns | None = None
) -> dict[str, pl.DataFrame]:
    """All rows of objects, as `read_objects` gives them, by the table's name.

    With `columns` these alone, of objects that are as the catalog says in all of their columns.

    Raises:
        LakeDataError: an object is not as the catalog says.
    """
    found: dict[str, pl.DataFrame] = {}
    for table in tables_of(entity):
        empty = no_rows(table)
        if columns is not None:
            empty = empty.select(columns[table.name])
        rows = _as_they_are([data for _, data in objects[table.name]], table, empty)
        if rows is None:
            fitted = _fitted(entity, objects)
            if columns is None:
                return fitted
            return {name: rows.select(columns[name]) for name, rows in fitted.items()}
        found[table.name] = rows
    return found


def _fitted(entity: Entity, objects: Objects) -> dict[str, pl.DataFrame]:
    """The same of objects of which an older catalog made some."""
    tables = read_tables(entity, objects)
    return {
        table.name: frame(
            parquet.concat([rows for _, rows in tables[table.name]], arrow_schema(table))
        )
        for table in tables_of(entity)
    }


def _as_they_are(
    contents: Sequence[bytes], table: Table, wanted: pl.DataFrame
) -> pl.DataFrame | None:
    """The wanted columns of objects that are just as the catalog says, by polars' reader: of
    tables of many columns it takes a fifth of the time, and half of that where it reads all the
    objects at once."""
    exact = all(parquet.has_schema(data, arrow_schema(table)) for data in contents)
    some = wanted.width < no_rows(table).width
    if some and not exact:
        return None
    found = [wanted]
    groups = [contents] if exact and contents else [[data] for data in contents]
    for together in groups:
        try:
            rows = pl.read_parquet(
                list(map(BytesIO, together)), columns=wanted.columns if some else None
            )
        except pl.exceptions.PolarsError:
            return None  # what is wrong, the other reader says
        if rows.schema != wanted.schema:
            return None
        found.append(rows)
    return pl.concat(found)


def read_objects(
    lake: Lake, entity: Entity, parents: Mapping[str, bytes]
) -> dict[str, list[tuple[Location, bytes]]]:
    """The objects of all tables that belong to some of the parent, given by path; by name.

    Raises:
        LakeError: an object could not be read.
    """
    children = [path for parent, data in parents.items() for path in children_of(parent, data)]
    contents = [*parents.values(), *lake.read_many(children)]
    found: dict[str, list[tuple[Location, bytes]]] = {t.name: [] for t in tables_of(entity)}
    for path, data in zip([*parents, *children], contents, strict=True):
        at = layout.parse(path)
        if at.name in found:  # a table that the catalog has no more is no concern
            found[at.name].append((at, data))
    return found


def _fitting(rows: pa.Table, entity: Entity, at: Location) -> pa.Table:
    """The rows without columns that the catalog has no more; their values are in raw.

    Raises LakeDataError for a column whose type is another now.
    """
    wanted = arrow_schema(next(table for table in tables_of(entity) if table.name == at.name))
    names = [name for name in rows.column_names if name in wanted.names]
    try:
        return parquet.align(rows.select(names), pa.schema([wanted.field(name) for name in names]))
    except LakeDataError as error:
        raise LakeDataError(
            f"{at.path} is not as the catalog says: {error} Make it again from raw:"
            f" qb-assets schema migrate --entity {entity.name}"
        ) from None


def _with_states(
    entity: Entity, at: Location, rows: pa.Table, parents: Sequence[tuple[Location, pa.Table]]
) -> pa.Table:
    """The rows with their states: by the record's own marks, and child rows by their parents."""
    if at.name == entity.table:
        return rows.append_column(STATE, states_of(entity, rows))
    owner = next(table for table in tables_of(entity) if table.name == at.name).parent_keys[0]
    parent = next(found for place, found in parents if place == replace(at, name=entity.table))
    states = frame(
        pa.table({owner: parent.column("id"), **{n: parent.column(n) for n in (VERSION, STATE)}})
    )
    versions = frame(rows.select([owner, VERSION]))
    joined = versions.join(states, on=[owner, VERSION], how="left", maintain_order="left")
    return rows.append_column(STATE, joined[STATE].to_arrow().cast(pa.string()))


def _slice(
    lake: Lake,
    entity: Entity,
    company: str,
    *,
    raw: Sequence[str],
    parents: Sequence[str],
    quarantine: Sequence[str],
    accepted: frozenset[str],
    payloads: bool,
    columns: Columns | None,
) -> Slice:
    raw_columns = ["id", "status", "extracted_at", *(["payload"] if payloads else [])]
    raw_rows = parquet.concat(
        [parquet.decode(data, raw_columns) for data in lake.read_many(raw)],
        pa.schema([RAW_SCHEMA.field(name) for name in raw_columns]),
    )
    contents = lake.read_many(parents)
    objects = read_objects(lake, entity, dict(zip(parents, contents, strict=True)))
    aside = lake.read_many(quarantine)
    metadata = list(map(parquet.read_metadata, contents))
    said = [*metadata, *map(parquet.read_metadata, aside)]
    version = schema_version(entity)
    return Slice(
        company=company,
        raw=raw_rows.filter(pc.equal(raw_rows.column("status"), pa.scalar(LIVE))).drop_columns(
            "status"
        ),
        tables=read_frames(entity, objects, columns),
        columns=columns,
        quarantined=parquet.concat(map(parquet.decode, aside), QUARANTINE_SCHEMA),
        accepted=accepted,
        outdated=sum(each.get(SCHEMA) != version for each in metadata),
        unmodeled=[unmodeled for each in said for unmodeled in drift_said(each)],
    )


def accepted_prefix(table: str, company: str) -> str:
    """Where the words on accepted versions lie, one object a version, named after it."""
    return f"{layout.company_prefix(layout.QUARANTINE, table, company)}/accepted"


def accepted_versions(lake: Lake, entity: Entity, company: str) -> frozenset[str]:
    """The versions in quarantine that a person accepted. Raises LakeError."""
    found = lake.list(accepted_prefix(entity.table, company))
    return frozenset(PurePosixPath(each.path).stem for each in found)


def _layers(
    lake: Lake, entity: Entity, scope: CompanyDays
) -> tuple[list[LakeObject], set[str], set[str]]:
    """The raw objects of some days, and the paths of what was made of them in both other layers.

    Raises ObjectMissing where the latter were listed after a compaction, and the former before.
    """
    of_days = (entity.table, scope.company, scope.days)
    raw = layout.objects_of(lake, layout.RAW, *of_days)
    parents = {each.path for each in layout.objects_of(lake, layout.NORMALIZED, *of_days)}
    quarantine = {each.path for each in layout.objects_of(lake, layout.QUARANTINE, *of_days)}
    listed = {layout.parse(each.path).object for each in raw}
    made_later = (layout.parse(path) for path in filter(is_compacted, parents | quarantine))
    if any(at.object not in listed for at in made_later):
        now = {each.path for each in layout.objects_of(lake, layout.RAW, *of_days)}
        for each in raw:
            if each.path not in now:
                raise ObjectMissing(f"{each.path} was compacted meanwhile.", each.path)
    return raw, parents, quarantine


def _made_of(
    lake: Lake, raw: Sequence[LakeObject], layer: layout.Layer, there: Set[str]
) -> list[str]:
    """The paths of what a layer has of some raw objects.

    Of a compacted one that is not normalized yet that is what it has of the objects before.
    """
    found: list[str] = []
    for each in raw:
        at = replace(layout.parse(each.path), layer=layer)
        if at.path in there:
            found.append(at.path)
        elif there and is_compacted(each.path):
            before = (replace(at, object=name).path for name in replaced_by(lake, each))
            found += sorted(path for path in before if path in there)
    return found


def frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as polars has it."""
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found
