"""Brings the files of a company's attachments into the lake, those that are not there yet."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice

from qb_assets.attachments.current import current_files
from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import (
    FAILED,
    GONE,
    KEPT,
    TOO_LARGE,
    TYPE_NOT_ALLOWED,
    Attached,
    Key,
    Outcome,
    content_path,
    contents_held,
    latest_rows,
    write_outcomes,
)
from qb_assets.attachments.spool import Refused, Spool, is_of_allowed_type, refuse_stated, spooled
from qb_assets.lake.errors import ObjectExists
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import (
    BadAnswer,
    BadRecord,
    ConnectionFailed,
    FeatureUnavailable,
    LinkExpired,
    LinkNotTrusted,
    NotFound,
    QuickBooksError,
    RequestRefused,
    ServerUnavailable,
)
from qb_assets.quickbooks.files import FileHost

WORKERS = 4
"""Files that come at once: each is a call to the API and one to the host of the files."""

ROWS_PER_OBJECT = 100
"""Rows that are written together; those of a run that is killed are found out again."""

MOST_IN_A_ROW = 10
"""Files that fail one after the other; where the files' host is the reason, more need not be tried,
as each costs calls."""

_OF_THE_HOST = (ConnectionFailed, LinkExpired, LinkNotTrusted, ServerUnavailable)
_OF_THE_FILE = (*_OF_THE_HOST, BadAnswer, BadRecord, FeatureUnavailable, RequestRefused)
"""Errors that may be this file's alone; all others end the fetch."""


@dataclass
class FilesFetched:
    """What a fetch did: new outcomes by state, and files that were as they should be before.

    `stored` are contents that the lake had not, of `stored_bytes`; `bytes` are all that came.
    """

    states: Counter[str] = field(default_factory=Counter[str])
    unchanged: int = 0
    bytes: int = 0
    stored: int = 0
    stored_bytes: int = 0


class FileFetch:
    """One fetch of a company's files. Files are downloaded by several threads."""

    def __init__(
        self,
        client: QuickBooksClient,
        lake: Lake,
        limits: FileLimits,
        extract_id: str,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._lake = lake
        self._limits = limits
        self._extract_id = extract_id
        self._progress = progress
        self._held: dict[str, int] = {}
        self._guard = threading.Lock()
        self._pending: list[Outcome] = []
        self._written = 0
        self._in_a_row = 0
        self._trouble: QuickBooksError | None = None
        self.done = FilesFetched()

    def run(self) -> FilesFetched:
        """Downloads what is missing or changed, and notes what became of each file.

        A file that fails, is gone or is refused does not stop the others. Raises QuickBooksError
        where it is the company or the connection that fails, and LakeError; what was found out
        until then is kept.
        """
        company = self._client.realm
        known = latest_rows(self._lake, company)
        self._held = contents_held(self._lake)
        files = current_files(self._lake, company)
        waiting = [file for file in files if not self._settled(file, known)]
        self.done.unchanged = len(files) - len(waiting)
        self._progress(f"{len(files)} files are attached, {len(waiting)} are to be looked at")
        # What failed before comes last, so that it cannot keep the fetch from what is new.
        waiting.sort(key=lambda file: (file.attachable_id, file.version) in known)
        try:
            self._bring_all(waiting)
        finally:
            self._write()
        return self.done

    def _settled(self, file: Attached, known: Mapping[Key, Mapping[str, object]]) -> bool:
        """Whether all that can be done for a file is done."""
        row = known.get((file.attachable_id, file.version))
        if row is None:
            return False
        if row["state"] == KEPT:
            return self._held.get(str(row["sha256"])) == row["size"]
        if row["state"] == TOO_LARGE:
            most = row["max_bytes"]
            return isinstance(most, int) and self._limits.max_bytes <= most
        # What failed or is gone may be there now, and a host may say something else of a file.
        return row["state"] == TYPE_NOT_ALLOWED and not is_of_allowed_type(file, self._limits)

    def _bring_all(self, files: Sequence[Attached]) -> None:
        """Downloads files, a few at once, until all are done or one shows that none can be."""
        left = iter(files)
        running: set[Future[Outcome]] = set()
        failure: BaseException | None = None
        with (
            closing(self._client.files(seconds=self._limits.seconds)) as host,
            ThreadPoolExecutor(WORKERS, thread_name_prefix="attachments") as pool,
        ):
            while True:
                if failure is None:
                    more = islice(left, WORKERS - len(running))
                    running |= {pool.submit(self._bring, host, file) for file in more}
                if not running:
                    break
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for each in ended:
                    error = each.exception() or self._note(each.result())
                    failure = failure or error
        if failure is not None:
            raise failure

    def _bring(self, host: FileHost, file: Attached) -> Outcome:
        """Downloads one file; tells what became of it. Raises what concerns more than the file."""
        most = self._limits.max_bytes
        try:
            return self._download(host, file)
        except Refused as no:
            told = no.content_type
            return Outcome(file, no.state, most, _now(), no.reason, size=no.size, content_type=told)
        except NotFound as error:
            return Outcome(file, GONE, most, _now(), error.message)
        except _OF_THE_FILE as error:
            if isinstance(error, _OF_THE_HOST):
                self._trouble = error
            return Outcome(file, FAILED, most, _now(), f"{type(error).__name__}: {error.message}")

    def _download(self, host: FileHost, file: Attached) -> Outcome:
        refuse_stated(file, self._limits)
        with spooled(file, self._limits) as spool:
            host.download(file.attachable_id, spool)
            self._keep(spool)
            return Outcome(
                file,
                KEPT,
                self._limits.max_bytes,
                _now(),
                sha256=spool.sha256,
                size=spool.size,
                content_type=spool.content_type,
            )

    def _keep(self, spool: Spool) -> None:
        """Puts the content into the lake if it is not there."""
        path, content = content_path(spool.sha256), spool.content()
        with self._guard:
            self.done.bytes += spool.size
            held = self._held.get(spool.sha256)
        if held == spool.size:
            return
        try:
            if held is None:
                self._lake.create(path, content)
            else:  # what lies there is not what its name says
                self._lake.replace(path, content)
            new = 1
        except ObjectExists:  # who made it had the same content
            new = 0
        with self._guard:
            self._held[spool.sha256] = spool.size
            self.done.stored += new
            self.done.stored_bytes += new * spool.size

    def _note(self, outcome: Outcome) -> QuickBooksError | None:
        """Takes an outcome in; gives the error that so many had in a row as to end the fetch."""
        self.done.states[outcome.state] += 1
        self._pending.append(outcome)
        if len(self._pending) >= ROWS_PER_OBJECT:
            self._write()
        self._in_a_row = self._in_a_row + 1 if outcome.state == FAILED else 0
        if not self._in_a_row:
            self._trouble = None
        return self._trouble if self._in_a_row >= MOST_IN_A_ROW else None

    def _write(self) -> None:
        if self._pending:
            rows, self._pending = self._pending, []
            self._written += 1
            company = self._client.realm
            write_outcomes(self._lake, company, self._extract_id, self._written, rows)


def _now() -> datetime:
    return datetime.now(timezone.utc)
