"""Writing an object to a local folder so that it is there whole, or not at all.

obstore puts a file in place in one step as well, but never asks the disk to keep it (seen with
strace): after a power cut the final name could lead to an empty file. Here the bytes are on the
disk before the name is, and the name is before the call returns.
"""

import mmap
import os
import secrets
from pathlib import Path


def write(target: Path, data: bytes | mmap.mmap, *, overwrite: bool) -> None:
    """Put `data` at `target` durably, making its folders.

    Without `overwrite` an existing file is left as it is and FileExistsError is raised; of many
    writers at once exactly one succeeds. Raises OSError for all else.
    """
    _make_folder(target.parent)
    # obstore's listings pass over names that end in '#' and digits, so a file that a killed
    # process left behind is never taken for an object.
    staged = target.with_name(f"{target.name}#{secrets.randbits(63)}")
    try:
        with staged.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            staged.replace(target)
        else:
            os.link(staged, target)
    finally:
        staged.unlink(missing_ok=True)
    _keep_names(target.parent)


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
