"""The answers of reports as the lake keeps them: whole, as they came, for ever.

    reports/<report>/company=<realm>/month=<YYYY-MM>/<extract id>-<method>-<part>-of-<parts>.parquet

A snapshot is a report of a month on one basis, as it was at one moment, in an object for each part
in which it came. There is a new one only where the report says something else than the last one. A
snapshot that lacks parts, since a run was killed, does not count.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import msgspec
import polars as pl
import pyarrow as pa

from qb_assets.catalog.reports import Method, Report
from qb_assets.lake import parquet
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.report_answer import ReportAnswer, read_report
from qb_assets.reports.columns import INSTANT

arrow: Any = pa

SNAPSHOT_SCHEMA = pa.schema(
    [
        pa.field("accounting_method", pa.string(), nullable=False),
        pa.field("first_day", pa.date32(), nullable=False),
        pa.field("last_day", pa.date32(), nullable=False),
        pa.field("parameters", pa.string(), nullable=False),
        pa.field("fetched_at", INSTANT, nullable=False),
        pa.field("payload", pa.binary(), nullable=False),
    ]
)
"""One row: what was asked, and the exact JSON bytes of the answer."""

_NAME = re.compile(
    r"(?P<extract>[\w-]+)-(?P<method>accrual|cash)-(?P<part>\d{4})-of-(?P<parts>\d{4})"
)
_FOOTER_BYTES = 16 * 1024
_UNORDERED = ("row_number", "balance", "_snapshot", "_fetched_at")
"""What may differ between answers that say the same: QuickBooks gives rows in any order."""


@dataclass(frozen=True, slots=True)
class Part:
    """One answer of a snapshot that is about to be written; `packed` with zstd."""

    first: date
    last: date
    parameters: Mapping[str, str]
    packed: Any
    size: int

    @property
    def body(self) -> bytes:
        """The exact bytes of the answer."""
        return arrow.decompress(self.packed, self.size, codec="zstd", asbytes=True)


def packed(first: date, last: date, parameters: Mapping[str, str], body: bytes) -> Part:
    """An answer that takes little memory until it is written."""
    return Part(first, last, parameters, arrow.compress(body, codec="zstd"), len(body))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A report of a company's month on one basis, as it was at one moment."""

    report: Report
    company: str
    month: date
    method: Method
    extract: str
    parts: int

    @property
    def name(self) -> str:
        """By which rows say where they are from; names sort by time."""
        return f"{self.extract}-{self.method.lower()}"

    @property
    def paths(self) -> list[str]:
        """Its objects."""
        folder = f"{_prefix(self.report, self.company)}/month={self.month:%Y-%m}"
        return [
            f"{folder}/{self.name}-{part:04}-of-{self.parts:04}.parquet"
            for part in range(1, self.parts + 1)
        ]


@dataclass(frozen=True, slots=True)
class Said:
    """What a snapshot says of itself without its payload."""

    digest: str
    fetched_at: datetime
    closed_until: date | None
    missing: tuple[str, ...] = ()
    """Columns that the report must have and had not."""


def _prefix(report: Report, company: str) -> str:
    return f"reports/{report.table}/company={company}"


def digest_of(rows: pa.Table) -> str:
    """What tells a report that says something else; the order of its rows says nothing."""
    frame = cast("pl.DataFrame", pl.from_arrow(rows)).drop(_UNORDERED, strict=False)
    texts = frame.select(
        pl.concat_str(
            [pl.col(name).cast(pl.String).fill_null("\0") for name in frame.columns],
            separator="\x1f",
        ).alias("row")
    )
    whole = hashlib.blake2b(digest_size=16)
    for text in texts["row"].sort():
        whole.update(text.encode() + b"\x1e")
    return whole.hexdigest()


def write_snapshot(lake: Lake, snapshot: Snapshot, parts: Sequence[Part], said: Said) -> int:
    """Writes a snapshot; gives the bytes written. Raises LakeError."""
    written = 0
    metadata = {
        "report": snapshot.report.name,
        "digest": said.digest,
        "fetched_at": said.fetched_at.isoformat(),
        "closed_until": said.closed_until.isoformat() if said.closed_until else "",
        "missing": ",".join(said.missing),
    }
    for path, part in zip(snapshot.paths, parts, strict=True):
        row = {
            "accounting_method": snapshot.method,
            "first_day": part.first,
            "last_day": part.last,
            "parameters": msgspec.json.encode(part.parameters, order="sorted").decode(),
            "fetched_at": said.fetched_at,
            "payload": part.body,
        }
        table = arrow.table({name: [row[name]] for name in row}, schema=SNAPSHOT_SCHEMA)
        data = parquet.encode(table, metadata=metadata)
        lake.create(path, data)
        written += len(data)
    return written


def snapshots_of(
    lake: Lake, report: Report, company: str
) -> dict[tuple[date, Method], list[Snapshot]]:
    """The snapshots of a company's report by month and basis, oldest first. Raises LakeError."""
    there: dict[Snapshot, int] = defaultdict(int)
    for found in lake.list(_prefix(report, company)):
        folder, _, file = found.path.rpartition("/")
        named = _NAME.fullmatch(file.removesuffix(".parquet"))
        month = folder.rpartition("month=")[2]
        if named is None or not month:
            continue
        method: Method = "Cash" if named["method"] == "cash" else "Accrual"
        day = date.fromisoformat(f"{month}-01")
        parts = int(named["parts"])
        there[Snapshot(report, company, day, method, named["extract"], parts)] += 1
    kept: dict[tuple[date, Method], list[Snapshot]] = defaultdict(list)
    for snapshot, parts in sorted(there.items(), key=lambda item: item[0].name):
        if parts == snapshot.parts:
            kept[snapshot.month, snapshot.method].append(snapshot)
    return kept


def said_by(lake: Lake, snapshot: Snapshot) -> Said:
    """What a snapshot says of itself; reads the end of an object only. Raises LakeError."""
    end = lake.read_end(snapshot.paths[0], _FOOTER_BYTES)
    needed = parquet.footer_bytes(end)
    if needed > len(end):
        end = lake.read_end(snapshot.paths[0], needed)
    metadata = parquet.read_metadata(end)
    closed = metadata["closed_until"]
    return Said(
        metadata["digest"],
        datetime.fromisoformat(metadata["fetched_at"]),
        date.fromisoformat(closed) if closed else None,
        tuple(filter(None, metadata["missing"].split(","))),
    )


def answers_of(lake: Lake, snapshot: Snapshot) -> Iterator[tuple[date, ReportAnswer]]:
    """The parts of a snapshot, each with its first day, one after the other. Raises LakeError."""
    for data in lake.iterate(snapshot.paths, concurrency=2):
        (row,) = parquet.decode(data, ["first_day", "payload"]).to_pylist()
        yield row["first_day"], read_report(row["payload"])
