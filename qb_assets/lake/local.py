"""A local folder as a store: an object is there whole or not at all, and a listing misses none.

obstore puts a file in place in one step as well, but never asks the disk to keep it (seen with
strace): after a power cut the final name could lead to an empty file. Here the bytes are on the
disk before the name is, and the name is before the call returns.
"""

import mmap
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG

STAGED = "#"
"""What the names of files have that are not in place yet; no object's name may have it."""


def write(target: Path, data: bytes | mmap.mmap, *, overwrite: bool) -> None:
    """Put `data` at `target` durably, making its folders.

    Without `overwrite` an existing file is left as it is and FileExistsError is raised; of many
    writers at once exactly one succeeds. Raises OSError for all else.
    """
    _make_folder(target.parent)
    # Listings pass over such names, so a file that a killed process left behind is never taken
    # for an object.
    staged = target.with_name(f"{target.name}{STAGED}{secrets.randbits(63)}")
    try:
        with staged.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            staged.replace(target)
        else:
            os.link(staged, target)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    if not overwrite:
        staged.unlink()
    _keep_names(target.parent)


def files(root: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below a folder of `root`, by its path from there; none where there is no folder.

    Raises OSError.
    """
    for name, found in _entries(f"{root}/{below}"):
        path = f"{below}/{name}" if below else name
        if S_ISDIR(found.st_mode):
            yield from files(root, path)
        elif S_ISREG(found.st_mode):
            yield path, found


def _entries(folder: str) -> list[tuple[str, os.stat_result]]:
    """What is in a folder, as of one moment.

    While a folder is read, a file that is made may be passed over and another one that is removed
    afterwards, too: neither would be seen, though one of them was there at any moment. So it is
    read until it reads the same twice.
    """
    before: set[str] | None = None
    while True:
        try:
            with os.scandir(folder) as entries:
                found = {each.name: each for each in entries if STAGED not in each.name}
            if found.keys() == before:
                return [(name, each.stat()) for name, each in found.items()]
            before = set(found)
        except (FileNotFoundError, NotADirectoryError):
            if not Path(folder).is_dir():
                return []
            before = None  # one was removed since its name was read


def _make_folder(folder: Path) -> None:
    missing: list[Path] = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        try:
            new.mkdir(exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(20, "not a folder", str(new)) from error
        _keep_names(new.parent)


def _keep_names(folder: Path) -> None:
    """Ask the disk to keep the folder's list of names; only POSIX systems can open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
