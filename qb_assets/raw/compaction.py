"""Small objects of a raw partition become one; they are removed after it was compared with them.

Objects of several days stay apart: their paths say of which day they are, to a fetch that asks what
a day holds, to what is made of them, and to DuckDB, for which the day is a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from qb_assets.lake import compacted, layout, parquet
from qb_assets.lake.compacted import Part
from qb_assets.lake.errors import LakeDataError
from qb_assets.lake.store import Lake, LakeObject
from qb_assets.raw.records import RAW_SCHEMA

FULL_BYTES = 1024 * 1024
"""Compressed bytes that are put into one object at most: readers hold a whole one."""

SMALL_BYTES = FULL_BYTES // 4
"""What is larger stays as it is."""


def groups(live: Sequence[LakeObject], at_least: int) -> list[list[LakeObject]]:
    """The objects of a partition that become one, for each that is to be made.

    None where fewer than `at_least` of the partition's objects are small.
    """
    small = [each for each in live if each.size < SMALL_BYTES and compacted.replaceable(each.path)]
    if len(small) < at_least:
        return []
    return [group for group in layout.batches(small, FULL_BYTES) if len(group) > 1]


def merge(lake: Lake, group: Sequence[LakeObject], number: int) -> str:
    """Makes one object of all rows of some; from then on they do not count. Gives its path.

    Raises:
        ObjectExists: another compaction has made the one of this number.
        ObjectMissing: another compaction has replaced one of the group.
        LakeDataError: an object cannot be read, or the rows would not be the same.
        LakeError: an object could not be read or written.
    """
    at = layout.parse(group[0].path)
    paths = [each.path for each in group]
    contents = lake.read_many(paths)
    tables = [rows(path, data) for path, data in zip(paths, contents, strict=True)]
    said = [parquet.read_metadata(data) for data in contents]
    parts: list[Part] = []
    start = 0
    for path, table, metadata in zip(paths, tables, said, strict=True):
        parts.append(Part(compacted.name_of(path), start, table.num_rows))
        parts += [
            Part(part.name, start + part.start, part.rows)
            for part in compacted.parts_said(metadata)
        ]
        start += table.num_rows
    common = dict(set.intersection(*(set(metadata.items()) for metadata in said)))
    data = parquet.encode(
        pa.concat_tables(tables), metadata={**common, **compacted.said_of_parts(parts)}
    )
    path = layout.raw_object(at.name, at.company, at.day, compacted.numbered(number))
    _compare(path, data, dict(zip(paths, tables, strict=True)))
    lake.create(path, data)
    return path


def compared(lake: Lake, stored: Iterable[LakeObject], live: Sequence[LakeObject]) -> list[str]:
    """The paths of a partition's replaced objects, each compared with what replaced it.

    Both are read for this, and every value of every row is compared, in order.

    Args:
        lake: where they are.
        stored: all objects of the partition.
        live: those that count.

    Raises:
        ObjectMissing: another compaction was faster.
        LakeDataError: a row is not the same; nothing may be removed.
        LakeError: an object could not be read.
    """
    counts = {each.path for each in live}
    left = [each.path for each in stored if each.path not in counts]
    found: list[str] = []
    for holder in live:
        names = compacted.replaced_by(lake, holder)
        old = [path for path in left if compacted.name_of(path) in names]
        for batch in _few(old):
            tables = {
                path: rows(path, data)
                for path, data in zip(batch, lake.read_many(batch), strict=True)
            }
            _compare(holder.path, lake.read(holder.path), tables)
            found += batch
    return found


def rows(path: str, data: bytes) -> pa.Table:
    """The rows of a raw object, with its path in what is raised."""
    try:
        return parquet.align(parquet.decode(data), RAW_SCHEMA)
    except LakeDataError as error:
        raise LakeDataError(f"{path} cannot be compacted, and stays as it is: {error}") from None


def _few(paths: Sequence[str], most: int = 100) -> Iterable[Sequence[str]]:
    return (paths[start : start + most] for start in range(0, len(paths), most))


def _compare(path: str, data: bytes, old: dict[str, pa.Table]) -> None:
    """Raises LakeDataError unless the object has just the rows of the old ones where it says so."""
    held = rows(path, data)
    parts = {part.name: part for part in compacted.parts_said(parquet.read_metadata(data))}
    whole = max((part.start + part.rows for part in parts.values()), default=0) == held.num_rows
    for name, table in old.items():
        part = parts.get(compacted.name_of(name), Part("", 0, -1))
        same = part.rows == table.num_rows and held.slice(part.start, part.rows).equals(table)
        if not whole or not same:
            raise LakeDataError(
                f"{path} has not just the rows of {name} and of what else it replaces. Nothing was"
                f" removed. If that is said again, remove {path}: what it replaces counts then."
            )
