"""Takes a file in while it comes: onto the disk, hashed and counted, within the limits."""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import TOO_LARGE, TYPE_NOT_ALLOWED, Attached, State
from qb_assets.quickbooks.faults import WrongSize


class Refused(Exception):
    """The limits do not allow the file. `size` is what is known of it, in bytes."""

    def __init__(
        self, state: State, reason: str, *, size: int | None = None, content_type: str | None = None
    ) -> None:
        super().__init__(reason)
        self.state: State = state
        self.reason = reason
        self.size = size
        self.content_type = content_type


def is_of_allowed_type(file: Attached, limits: FileLimits) -> bool:
    """Whether a file may be fetched by its name and by what QuickBooks says of its content."""
    return limits.admits_name(file.file_name) and limits.admits_type(file.content_type or "")


def refuse_stated(file: Attached, limits: FileLimits) -> None:
    """Raises Refused for a file that what QuickBooks says of it rules out: no call is needed."""
    if not is_of_allowed_type(file, limits):
        raise Refused(TYPE_NOT_ALLOWED, "its extension or its content type is not allowed")
    if file.stated_size is not None and file.stated_size > limits.max_bytes:
        raise Refused(TOO_LARGE, _too_large(limits), size=file.stated_size)


class Spool:
    """A file on its way into the lake: a `files.Sink`.

    It takes no more of the disk than the limit, and of memory no more than a piece. When the
    download has ended, `sha256`, `size` and `content_type` are those of the file.
    """

    def __init__(self, file: Attached, limits: FileLimits, disk: IO[bytes]) -> None:
        self._file = file
        self._limits = limits
        self._disk = disk
        self._hash = hashlib.sha256()
        self.size = 0
        self.content_type = ""

    @property
    def sha256(self) -> str:
        """The hash of the content, in hexadecimal digits."""
        return self._hash.hexdigest()

    def begin(self, content_type: str, length: int | None) -> None:
        """Starts anew. Raises Refused by what the host says of the file."""
        self._disk.seek(0)
        self._disk.truncate()
        self._hash = hashlib.sha256()
        self.size = 0
        self.content_type = content_type
        if not self._limits.admits_type(content_type):
            reason = "its host says that it is of a content type that is not allowed"
            raise Refused(TYPE_NOT_ALLOWED, reason, content_type=content_type)
        if length is not None and length > self._limits.max_bytes:
            reason = _too_large(self._limits)
            raise Refused(TOO_LARGE, reason, size=length, content_type=content_type)

    def write(self, piece: bytes) -> None:
        """Takes bytes. Raises Refused when they are too many, whatever was said of their number."""
        self.size += len(piece)
        if self.size > self._limits.max_bytes:
            reason = _too_large(self._limits)
            raise Refused(TOO_LARGE, reason, content_type=self.content_type)
        self._hash.update(piece)
        self._disk.write(piece)

    def end(self) -> None:
        """Raises WrongSize where the file is not of the size that QuickBooks states."""
        stated = self._file.stated_size
        if stated is not None and stated != self.size:
            raise WrongSize(f"the file has {self.size:,} bytes, and the attachable says {stated:,}")

    def content(self) -> bytes | mmap.mmap:
        """The content, read from the disk as it is used."""
        self._disk.flush()
        return mmap.mmap(self._disk.fileno(), 0, access=mmap.ACCESS_READ) if self.size else b""


@contextmanager
def spooled(file: Attached, limits: FileLimits) -> Generator[Spool]:
    """A spool in a nameless file of the temporary folder, gone with this process at the latest."""
    with tempfile.TemporaryFile(prefix="qb_assets") as disk:
        yield Spool(file, limits, disk)


def _too_large(limits: FileLimits) -> str:
    return f"it is larger than {limits.max_bytes:,} bytes"
