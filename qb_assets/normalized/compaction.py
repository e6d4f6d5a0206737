"""Compacts partitions: raw objects first, then what is made of them; then the old ones go.

A partition can be read, fetched into, normalized and compacted by others meanwhile, and this can
end at any moment: what is left is as good as before, and is finished by the next compaction. Only
readers that know nothing of compacted objects see rows twice, from the moment at which the new
object is there until the old ones are gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from qb_assets.catalog import Entity, tables_of
from qb_assets.lake import compacted, layout
from qb_assets.lake.compacted import settled
from qb_assets.lake.errors import ObjectExists
from qb_assets.lake.layout import Location
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.normalized.build import build
from qb_assets.partitions import CompanyDays
from qb_assets.raw.compaction import compared, groups, merge

SAY_EVERY = 50
"""Partitions after which the progress is told."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """Which partitions are compacted."""

    last_day: date
    """Those of later days are left alone."""

    at_least: int = 2
    """Small objects that a partition must have."""

    company: str | None = None
    """A realm Id; None for all."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done in one partition."""

    entity: Entity
    company: str
    day: date
    small: int = 0
    """Objects that become fewer."""
    become: int = 0
    """How many they become."""
    left: int = 0
    """Objects of all layers that were replaced and are still there."""
    strays: tuple[str, ...] = ()
    """Those of them that are in child tables."""


@dataclass(slots=True)
class Compacted:
    """What was done, of one entity and company."""

    entity: str
    company: str
    partitions: int = 0
    replaced: int = 0
    made: int = 0
    removed: int = 0
    """Raw objects that were compared and removed, with those that a killed compaction left."""


@dataclass
class _Found:
    """What the listings of one partition show."""

    stored: list[LakeObject] = field(default_factory=list[LakeObject])
    live: list[LakeObject] = field(default_factory=list[LakeObject])
    derived: list[Location] = field(default_factory=list[Location])


def compact(
    lake: Lake, entities: Sequence[Entity], terms: Terms, say: Say = lambda _: None
) -> list[Compacted]:
    """Compacts all partitions that the terms are about; gives what was done where anything was.

    Raises:
        LakeDataError: an object cannot be read, or what was made of some is not the same; they are
            all there, and what was done before stays.
        LakeError: an object could not be read, written or removed.
    """
    done: dict[tuple[str, str], Compacted] = {}
    for entity in entities:
        works = plan(lake, entity, terms)
        for number, work in enumerate(works, 1):
            key = (entity.name, work.company)
            compact_partition(lake, work, terms.at_least, done.setdefault(key, Compacted(*key)))
            if number % SAY_EVERY == 0 or number == len(works):
                say(f"{entity.name}: {number:,} of {len(works):,} partitions")
    return list(done.values())


def plan(lake: Lake, entity: Entity, terms: Terms) -> list[Work]:
    """The partitions of an entity in which there is something to do. Raises LakeError."""
    found = settled(lambda: _listed(lake, entity, terms))
    works = (
        _work(lake, entity, company, day, of_partition, terms.at_least)
        for (company, day), of_partition in sorted(found.items())
        if day <= terms.last_day
    )
    return [work for work in works if work is not None]


def compact_partition(lake: Lake, work: Work, at_least: int, done: Compacted) -> None:
    """Compacts one partition, and notes what was done. Raises LakeError as `compact`."""
    settled(lambda: _merge(lake, work, at_least, done))
    done.removed += settled(lambda: _finish(lake, work))
    done.partitions += 1


def _merge(lake: Lake, work: Work, at_least: int, done: Compacted) -> None:
    while True:
        stored = _raw(lake, work)
        number = compacted.next_number(each.path for each in stored)
        try:
            for group in groups(compacted.live(lake, stored), at_least):
                merge(lake, group, number)
                number += 1
                done.replaced += len(group)
                done.made += 1
        except ObjectExists:  # another compaction was faster, or the answer to ours was lost
            continue
        return


def _finish(lake: Lake, work: Work) -> int:
    """Normalizes what was compacted and removes what it replaces; gives how many raw objects."""
    stored = _raw(lake, work)
    old = compared(lake, stored, compacted.live(lake, stored))
    scope = CompanyDays(work.company, (work.day,))
    if tables_of(work.entity) and _is_normalized(lake, work.entity, scope):
        build(lake, work.entity, scope, compacted_only=True)
    for paths in (work.strays, old):
        if paths:
            lake.delete(paths)
    return len(old)


def _raw(lake: Lake, work: Work) -> list[LakeObject]:
    """All raw objects of the partition, those that were replaced, too."""
    return layout.objects_of(
        lake, layout.RAW, work.entity.table, work.company, [work.day], replaced=True
    )


def _is_normalized(lake: Lake, entity: Entity, scope: CompanyDays) -> bool:
    return any(
        layout.objects_of(lake, layer, entity.table, scope.company, scope.days, replaced=True)
        for layer in (layout.NORMALIZED, layout.QUARANTINE)
    )


def _listed(lake: Lake, entity: Entity, terms: Terms) -> dict[tuple[str, date], _Found]:
    found: dict[tuple[str, date], _Found] = defaultdict(_Found)
    for at in _derived(lake, entity, terms.company):
        found[at.company, at.day].derived.append(at)
    # Listed after what is made of it, so that all of that has an object behind it.
    stored = layout.stored_objects(lake, _prefix(layout.RAW, entity.table, terms.company))
    for each in stored:
        at = layout.parse(each.path)
        found[at.company, at.day].stored.append(each)
    for each in compacted.live(lake, stored):
        at = layout.parse(each.path)
        found[at.company, at.day].live.append(each)
    return found


def _derived(lake: Lake, entity: Entity, company: str | None) -> Iterator[Location]:
    """Where all lies that was made of an entity's raw objects."""
    prefixes = [_prefix(layout.QUARANTINE, entity.table, company)]
    prefixes += [_prefix(layout.NORMALIZED, table.name, company) for table in tables_of(entity)]
    for prefix in prefixes:
        for each in layout.stored_objects(lake, prefix):
            yield layout.parse(each.path)


def _prefix(layer: layout.Layer, name: str, company: str | None) -> str:
    return layout.company_prefix(layer, name, company) if company else f"{layer}/{name}"


def _work(
    lake: Lake, entity: Entity, company: str, day: date, found: _Found, at_least: int
) -> Work | None:
    """What is to be done in a partition; None where that is nothing."""
    many = groups(found.live, at_least)
    names = {compacted.name_of(each.path) for each in found.live}
    unknown = [at for at in found.derived if at.object not in names]
    if unknown:
        replaced = {name for each in found.live for name in compacted.replaced_by(lake, each)}
        unknown = [at for at in unknown if at.object in replaced]
    left = len(found.stored) - len(found.live) + len(unknown)
    if not many and not left:
        return None
    children = (at.path for at in unknown if at.name != entity.table)
    return Work(entity, company, day, sum(map(len, many)), len(many), left, strays=tuple(children))
