"""The lake as a store of whole objects: made once, replaced in one step, listed and read."""

import mmap
import os
import re
import secrets
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from qb_assets.lake import local
from qb_assets.lake.access import S3Access, s3_access
from qb_assets.lake.errors import (
    LakeError,
    LakeUnavailable,
    ObjectExists,
    ObjectMissing,
    explain,
    unavailable,
)

Data: TypeAlias = bytes | mmap.mmap
"""What an object is made of; a file that is mapped into memory need never be in it as a whole."""

_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.=+@-]{1,200}")
_RETRIES = 6
_PROBE_RETRIES = 1


@dataclass(frozen=True)
class LakeObject:
    """One object as a listing shows it. `size` is in bytes, `last_modified` in UTC."""

    path: str
    size: int
    e_tag: str | None
    last_modified: datetime


class Lake:
    """Objects under one address, on S3 or in a local folder; safe to use from many threads.

    Every method raises LakeUnavailable when the lake itself cannot be used, and LakeError for
    what the store could not do; `retryable` on either says whether trying again may help. The
    store's own short troubles (dropped connections, 5xx answers) have been retried by then.
    """

    def __init__(
        self, url: str, store: LocalStore | S3Store, root: Path | None, s3: S3Access | None
    ) -> None:
        """Use `Lake.open` instead."""
        self.url = url
        self._store = store
        self._root = root
        self._s3 = s3

    def __repr__(self) -> str:
        return f"Lake({self.url!r})"

    @classmethod
    def open(cls, url: str, s3: S3Access | None = None, *, retries: int = _RETRIES) -> "Lake":
        """Open the lake at `file:///folder`, at a plain path, or at `s3://bucket/prefix`.

        A local folder is made when it is missing. Without `s3` the access comes from the
        environment, as in `s3_access`. Nothing is sent to S3 yet. Raises LakeUnavailable when
        the address is none of these, the folder cannot be made, or no credentials are found.
        """
        parts = urlsplit(url)
        if parts.scheme == "s3":
            return cls._open_s3(url, s3 or s3_access(), retries)
        if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path != "":
            return cls._open_folder(Path(url2pathname(parts.path)))
        if parts.scheme == "" and url:
            return cls._open_folder(Path(url).expanduser().absolute())
        raise LakeUnavailable(
            f"The lake's address, which begins with {parts.scheme + ':'!r}, is none that can be "
            "used: set QB_LAKE_URL to file:///a/folder or s3://bucket/prefix."
        )

    @classmethod
    def _open_s3(cls, url: str, s3: S3Access, retries: int) -> "Lake":
        parts = urlsplit(url)
        if not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
            # The address is not repeated: who writes '@' may have written a password.
            raise LakeUnavailable(
                "The lake's address names no bucket, or more than a bucket and a prefix: set "
                "QB_LAKE_URL to s3://bucket/prefix, and credentials in the AWS_ variables."
            )
        prefix = parts.path.strip("/")
        store = S3Store(
            parts.netloc,
            prefix=prefix or None,
            config=s3.config(),
            client_options=s3.client(),
            credential_provider=s3.provider,
            retry_config={
                "max_retries": retries,
                "retry_timeout": timedelta(seconds=10 * retries),
                "backoff": {"max_backoff": timedelta(seconds=5)},
            },
        )
        return cls(f"s3://{parts.netloc}/{prefix}".rstrip("/"), store, None, s3)

    @classmethod
    def _open_folder(cls, root: Path) -> "Lake":
        url = root.as_uri()
        try:
            root.mkdir(parents=True, exist_ok=True)
            return cls(url, LocalStore(root), root, None)
        except FileExistsError:
            what, do = "is a file", "move it away, or set QB_LAKE_URL to a folder"
            raise unavailable(url, what, do) from None
        except (OSError, BaseError) as error:
            found = explain(error, url=url, endpoint="", path="its folder")
            if isinstance(found, ObjectMissing):
                found = unavailable(url, "cannot be made there", "set QB_LAKE_URL to another place")
            raise found from None

    @property
    def server(self) -> str | None:
        """The address of the S3 server, as it may be shown; None for a local folder."""
        return None if self._s3 is None else self._s3.server

    def uri(self, path: str) -> str:
        """The full address of an object or prefix, for people and for metadata."""
        return f"{self.url}/{path}"

    def create(self, path: str, data: Data) -> None:
        """Make an object that is not there yet, whole or not at all, and never touch one that is.

        Of many writers at once exactly one succeeds; the others get ObjectExists. When the
        server's answer was lost and the request was sent again, that too is ObjectExists although
        the object is this call's: who needs to know compares what `read` gives.
        """
        self._write(path, data, overwrite=False)

    def replace(self, path: str, data: Data) -> None:
        """Write an object, in place of one that may be there; a reader sees the old or the new."""
        self._write(path, data, overwrite=True)

    def _write(self, path: str, data: Data, *, overwrite: bool) -> None:
        segments = path.split("/")
        if not all(_SEGMENT.fullmatch(segment) for segment in segments):
            raise LakeError(
                f"The lake at {self.url} cannot hold {path!r}: use letters, digits and _ . = + @ - "
                "between single slashes."
            )
        with self._explained(path):
            if self._root is None:
                mode = "overwrite" if overwrite else "create"
                # One request, never a multipart upload: a killed one leaves nothing on the server.
                obstore.put(self._store, path, data, mode=mode, use_multipart=False)
                return
            try:
                local.write(self._root / path, data, overwrite=overwrite)
            except FileExistsError:
                raise AlreadyExistsError from None

    def read(self, path: str) -> bytes:
        """An object's bytes. Raises ObjectMissing."""
        with self._explained(path):
            if self._root is not None:
                return (self._root / path).read_bytes()  # in a fifth of obstore's time
            return obstore.get(self._store, path).bytes().to_bytes()

    def read_end(self, path: str, size: int) -> bytes:
        """The last bytes of an object, all of it where it is smaller. Raises ObjectMissing."""
        with self._explained(path):
            answer = obstore.get(self._store, path, options={"range": {"suffix": size}})
            return answer.bytes().to_bytes()

    def iterate(self, paths: Iterable[str], *, concurrency: int = 16) -> Iterator[bytes]:
        """Read objects ahead and give them in order, never holding more than `concurrency`.

        Files are read one by one: what there is to wait for is less than what threads take.
        """
        if self._root is not None:
            yield from map(self.read, paths)
            return
        pool = ThreadPoolExecutor(concurrency, thread_name_prefix="lake-read")
        ahead: deque[Future[bytes]] = deque()
        try:
            for path in paths:
                if len(ahead) == concurrency:
                    yield ahead.popleft().result()
                ahead.append(pool.submit(self.read, path))
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def read_many(self, paths: Iterable[str], *, concurrency: int = 16) -> list[bytes]:
        """Read objects at the same time, in order; all of them are then in memory.

        Use `iterate` where each can be worked on and let go. Raises ObjectMissing.
        """
        return list(self.iterate(paths, concurrency=concurrency))

    def exists(self, path: str) -> bool:
        """Whether the object is there."""
        with self._explained(path):
            try:
                obstore.head(self._store, path)
            except FileNotFoundError:
                return False
            return True

    def list(self, prefix: str = "") -> "list[LakeObject]":
        """The objects under a prefix, which ends where a path's segment ends, sorted by path.

        Others may make and remove objects meanwhile. Where one is made before another one is
        removed, and its path is later in the same folder, one of the two is in the listing.
        """
        with self._explained(prefix or "the listing"):
            if self._root is not None:
                return self._list_folder(self._root, prefix)
            # obstore's own type of a listing names a package that is not installed.
            store: Any = self._store
            found = [
                LakeObject(meta["path"], meta["size"], meta["e_tag"], meta["last_modified"])
                for chunk in store.list(prefix.strip("/") or None, chunk_size=1000)
                for meta in chunk
            ]
        return sorted(found, key=lambda found: found.path)

    def _list_folder(self, root: Path, prefix: str) -> "list[LakeObject]":
        found = [
            LakeObject(
                path,
                stat.st_size,
                f'"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"',
                datetime.fromtimestamp(stat.st_mtime, timezone.utc),
            )
            for path, stat in local.files(str(root), prefix.strip("/"))
        ]
        return sorted(found, key=lambda found: found.path)

    def delete(self, paths: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        if self._root is None:
            with self._explained(f"{len(paths)} objects"):
                obstore.delete(self._store, paths)
            return
        for path in paths:
            with self._explained(path):
                try:
                    obstore.delete(self._store, path)
                except FileNotFoundError:
                    continue

    def probe(self) -> None:
        """Prove that the lake can be written, listed, read and cleaned, and keeps what it holds.

        Writes one small object, expects that making it again is refused, and removes it. Raises
        LakeUnavailable with one line that says what is wrong and what to do; an endpoint that
        does not answer is given up after a few seconds.
        """
        quick = self if self._s3 is None else Lake.open(self.url, self._s3, retries=_PROBE_RETRIES)
        path = f"probe-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            quick.create(path, b"1")
            try:
                quick._prove(path)
            finally:
                quick.delete([path])
        except LakeUnavailable:
            raise
        except LakeError as error:
            raise LakeUnavailable(str(error), retryable=error.retryable) from None

    def _prove(self, path: str) -> None:
        try:
            self.create(path, b"2")
        except ObjectExists:
            self.list(path)
            if self.read(path) == b"1":
                return
            what = "does not give back what was just written"
        else:
            what = "lets one writer overwrite another's new object (no If-None-Match)"
        do = "use a store that honours conditional puts, such as AWS S3, MinIO or SeaweedFS"
        raise unavailable(self.url, what, do)

    @contextmanager
    def _explained(self, path: str) -> Generator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            endpoint = "" if self._s3 is None else self._s3.server
            raise explain(error, url=self.url, endpoint=endpoint, path=path) from None
