"""What the normalized objects of an entity say of themselves: drift, and who made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.compacted import settled
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import children_of
from qb_assets.normalized.drift import Unmodeled, drift_said, merged
from qb_assets.normalized.schema import arrow_schema
from qb_assets.normalized.versions import SCHEMA, Change, changes, schema_version, types_of


@dataclass
class Stored:
    """What the normalized objects of an entity say: drift, and what another version made."""

    unmodeled: list[Unmodeled] = field(default_factory=list[Unmodeled])
    objects: int = 0
    outdated: int = 0
    changes: Counter[Change] = field(default_factory=Counter[Change])


def stored(lake: Lake, entity: Entity, company: str | None = None) -> Stored:
    """Looks at every normalized and quarantine object of an entity, or of one company of it.

    Raises:
        LakeError: an object could not be read.
    """
    return settled(lambda: _stored(lake, entity, company))


def _stored(lake: Lake, entity: Entity, company: str | None) -> Stored:
    found = Stored()
    tables = {table.name: table for table in tables_of(entity)}
    parents = _paths(lake, layout.NORMALIZED, entity.table, company)
    for path, data in zip(parents, lake.iterate(parents), strict=True):
        said = parquet.read_metadata(data)
        found.unmodeled = merged([*found.unmodeled, *drift_said(said)])
        found.objects += 1
        if said.get(SCHEMA) != schema_version(entity):
            found.outdated += 1
            found.changes.update(_changes(lake, tables, path, data))
    for data in lake.iterate(_paths(lake, layout.QUARANTINE, entity.table, company)):
        found.unmodeled = merged([*found.unmodeled, *drift_said(parquet.read_metadata(data))])
    return found


def _changes(lake: Lake, tables: Mapping[str, Table], path: str, parent: bytes) -> Iterable[Change]:
    children = [each for each in children_of(path, parent) if layout.parse(each).name in tables]
    for place, data in [(path, parent), *zip(children, lake.read_many(children), strict=True)]:
        table = tables[layout.parse(place).name]
        held = types_of(parquet.read_schema(data))
        yield from changes(table.name, held, types_of(arrow_schema(table)))


def _paths(lake: Lake, layer: layout.Layer, name: str, company: str | None) -> Sequence[str]:
    found = layout.locations(lake, layer, name)
    return [at.path for at in found if company in (None, at.company)]
