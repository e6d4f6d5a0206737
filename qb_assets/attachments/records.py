"""What became of the file of each attachment: the rows of `attachment_file`, and where they lie.

    attachments/attachment_file/company=<realm>/<extract id>-<number>.parquet
    attachments/sha256/<first two of the hash>/<hash>

Both are made once and never changed. A file's path is its content's hash, so that the same content
is kept once, for all companies of the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import pyarrow as pa

from qb_assets.lake import parquet
from qb_assets.lake.store import Lake

TABLE = "attachment_file"

State: TypeAlias = Literal["kept", "too_large", "type_not_allowed", "gone", "failed"]
KEPT: State = "kept"
TOO_LARGE: State = "too_large"
TYPE_NOT_ALLOWED: State = "type_not_allowed"
GONE: State = "gone"
FAILED: State = "failed"
REFUSED: Sequence[State] = (TOO_LARGE, TYPE_NOT_ALLOWED)
STATES: Sequence[State] = (KEPT, *REFUSED, GONE, FAILED)

_ROOT = "attachments"
_CONTENTS = f"{_ROOT}/sha256"
_INSTANT = pa.timestamp("us", "UTC")

SCHEMA = pa.schema(
    [
        pa.field("_company", pa.string(), nullable=False),
        pa.field("attachable_id", pa.string(), nullable=False),
        pa.field("version", pa.string(), nullable=False),
        pa.field("file_name", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("size", pa.int64()),
        pa.field("stated_size", pa.int64()),
        pa.field("content_type", pa.string()),
        pa.field("path", pa.string()),
        pa.field("max_bytes", pa.int64(), nullable=False),
        pa.field("fetched_at", _INSTANT, nullable=False),
    ]
)

KEY = ("_company", "attachable_id", "version")

DOCS: Mapping[str, str] = {
    "_company": "The company's realm Id.",
    "attachable_id": "The Id of the attachable whose file it is: join with attachable.id.",
    "version": "The attachable's SyncToken; its size and file name where it came without one.",
    "file_name": "Attachable.FileName.",
    "state": (
        "kept: the file is in the lake; too_large or type_not_allowed: the limits refuse it; gone:"
        " QuickBooks names it and has it no more; failed: see reason."
    ),
    "reason": "Why it is not kept.",
    "sha256": "The hash of the file's content.",
    "size": "The file's size in bytes; of one that is too large what its host says, if anything.",
    "stated_size": "Attachable.Size: the size that QuickBooks states.",
    "content_type": "What the file's host says of its content, else Attachable.ContentType.",
    "path": "Where the file lies in the lake.",
    "max_bytes": "The largest size that was allowed.",
    "fetched_at": "When this was found out.",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is attached to something: what QuickBooks says of it."""

    company: str
    attachable_id: str
    version: str
    file_name: str
    stated_size: int | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    file: Attached
    state: State
    max_bytes: int
    fetched_at: datetime
    reason: str | None = None
    sha256: str | None = None
    size: int | None = None
    content_type: str | None = None

    def row(self) -> dict[str, object]:
        """The row of the table."""
        known = asdict(self.file)
        return {
            **{name: known[name] for name in ("attachable_id", "version", "file_name")},
            "_company": self.file.company,
            "state": self.state,
            "reason": self.reason,
            "sha256": self.sha256,
            "size": self.size,
            "stated_size": self.file.stated_size,
            "content_type": self.content_type or self.file.content_type,
            "path": content_path(self.sha256) if self.sha256 else None,
            "max_bytes": self.max_bytes,
            "fetched_at": self.fetched_at,
        }


Key: TypeAlias = tuple[str, str]
"""An attachable's Id and its version, in one company."""


def content_path(sha256: str) -> str:
    """Where a file of this content lies."""
    return f"{_CONTENTS}/{sha256[:2]}/{sha256}"


def contents_held(lake: Lake) -> dict[str, int]:
    """The sizes in bytes of the contents that the lake has, by hash. Raises LakeError."""
    return {found.path.rpartition("/")[2]: found.size for found in lake.list(_CONTENTS)}


def write_outcomes(
    lake: Lake, company: str, extract_id: str, number: int, outcomes: Sequence[Outcome]
) -> None:
    """Adds rows to the table, in an object of their own. Raises LakeError."""
    table = pa.Table.from_pylist([each.row() for each in outcomes], schema=SCHEMA)
    path = f"{_prefix(company)}/{extract_id}-{number:05}.parquet"
    lake.create(path, parquet.encode(table))


def all_rows(lake: Lake, company: str) -> pa.Table:
    """Every row of a company, in the order in which they were written. Raises LakeError."""
    paths = [found.path for found in lake.list(_prefix(company))]
    return parquet.concat(map(parquet.decode, lake.iterate(paths)), SCHEMA)


def latest_rows(lake: Lake, company: str) -> dict[Key, dict[str, object]]:
    """What was found out last of each file of a company. Raises LakeError."""
    rows: Iterable[dict[str, object]] = all_rows(lake, company).to_pylist()
    ordered = sorted(rows, key=lambda row: str(row["fetched_at"]))
    return {(str(row["attachable_id"]), str(row["version"])): row for row in ordered}


def companies_held(lake: Lake) -> list[str]:
    """The companies of which there are rows. Raises LakeError."""
    prefix = f"{_ROOT}/{TABLE}"
    found = {each.path.split("/")[2].removeprefix("company=") for each in lake.list(prefix)}
    return sorted(found)


def _prefix(company: str) -> str:
    return f"{_ROOT}/{TABLE}/company={company}"
