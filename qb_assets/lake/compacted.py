"""Objects that took the place of others, and how a reader sees each of their rows just once.

A compacted object holds all rows of some objects of its folder, and names them in its metadata.
From the moment at which it is there those do not count, whether they are still there or not, so
they can be removed at any later time, by anybody. What they had replaced themselves is named, too:
an object that comes back, because the request to make it was sent twice, does not count either.

Compacted objects are numbered in their folder. Of several that are made at once of one listing the
first gets the number, and the others find that it is taken, so that no row is put into two.

Their names sort after all that they name. A listing is in the order of names and not of one moment,
so one that comes too late for an object that was removed always finds what replaced it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

import msgspec

from qb_assets.lake import parquet
from qb_assets.lake.errors import ObjectMissing
from qb_assets.lake.store import Lake, LakeObject

REPLACES = "replaces"
"""The key in a compacted object's metadata of what it replaces."""

PREFIX = "compacted-"
_NAME = re.compile(PREFIX + r"(\d{6})")
_FOOTER_BYTES = 64 * 1024
_READERS = 16

Result = TypeVar("Result")


class Part(NamedTuple):
    """The rows of a compacted object that another one, of this name, held."""

    name: str
    start: int
    rows: int


def name_of(path: str) -> str:
    """The name that an object has in its folder, without the ending."""
    return PurePosixPath(path).stem


def is_compacted(path: str) -> bool:
    """Whether an object holds the rows of others, by its path."""
    return _NAME.fullmatch(name_of(path)) is not None


def replaceable(path: str) -> bool:
    """Whether an object's name sorts before those of compacted objects to come."""
    return is_compacted(path) or name_of(path) < PREFIX


def next_number(paths: Iterable[str]) -> int:
    """The number of the next compacted object in a folder that holds these objects."""
    found = (_NAME.fullmatch(name_of(path)) for path in paths)
    return max((int(each[1]) for each in found if each), default=0) + 1


def numbered(number: int) -> str:
    """The name of a compacted object."""
    return f"{PREFIX}{number:06}"


def said_of_parts(parts: Sequence[Part]) -> dict[str, str]:
    """The metadata of an object that replaces these."""
    return {REPLACES: msgspec.json.encode(parts).decode()}


def parts_said(metadata: Mapping[str, str]) -> list[Part]:
    """What an object with this metadata replaces: nothing, unless it is a compacted one."""
    return msgspec.json.decode(metadata.get(REPLACES, "[]"), type=list[Part])


def passed_on(metadata: Mapping[str, str]) -> dict[str, str]:
    """What the objects that are made of this one say: theirs replace those made of its parts."""
    return {REPLACES: metadata[REPLACES]} if REPLACES in metadata else {}


def replaced_by(lake: Lake, found: LakeObject) -> frozenset[str]:
    """The names of the objects that this one replaces. Raises LakeError."""
    if not is_compacted(found.path):
        return frozenset()
    return _names(lake, found.path, found.e_tag)


@lru_cache(maxsize=10_000)
def _names(lake: Lake, path: str, e_tag: str | None) -> frozenset[str]:
    del e_tag  # another content is another answer
    end = lake.read_end(path, _FOOTER_BYTES)
    needed = parquet.footer_bytes(end)
    if needed > len(end):
        end = lake.read_end(path, needed)
    return frozenset(part.name for part in parts_said(parquet.read_metadata(end)))


def live(lake: Lake, objects: Sequence[LakeObject]) -> list[LakeObject]:
    """The objects of a listing without those that others of it replace.

    Only where a compacted object is not alone in its folder anything is read: the end of it.

    Raises:
        ObjectMissing: a compacted object is gone, and a new listing shows by what it was replaced.
        LakeError: it could not be read.
    """
    folders: dict[str, list[LakeObject]] = defaultdict(list)
    for each in objects:
        folders[each.path.rpartition("/")[0]].append(each)
    asked = [
        each
        for group in folders.values()
        if len(group) > 1
        for each in group
        if is_compacted(each.path)
    ]
    if not asked:
        return list(objects)
    with ThreadPoolExecutor(min(_READERS, len(asked))) as pool:
        named = list(pool.map(partial(replaced_by, lake), asked))
    gone = {
        f"{each.path.rpartition('/')[0]}/{name}.parquet"
        for each, names in zip(asked, named, strict=True)
        for name in names
    }
    return [each for each in objects if each.path not in gone]


def settled(work: Callable[[], Result]) -> Result:
    """The result of work that lists objects and reads them, as if no object were ever replaced.

    An object that is gone when it is read was replaced since it was listed: the work is done again
    from its beginning, so it must keep nothing of what it did before.

    Raises:
        ObjectMissing: an object is missing a second time, so nothing has replaced it.
    """
    missed: set[str] = set()
    while True:
        try:
            return work()
        except ObjectMissing as missing:
            if missing.path in missed:
                raise
            missed.add(missing.path)
