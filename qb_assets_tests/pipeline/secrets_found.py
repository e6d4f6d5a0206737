"""Looks for secrets where none may be: in files, in databases, in Parquet."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq

from qb_assets.lake.store import Lake


def in_text(secrets: Sequence[str], texts: dict[str, str]) -> Iterator[str]:
    """The names of texts that hold a secret."""
    for name, text in texts.items():
        if any(secret in text for secret in secrets):
            yield name


def in_files(secrets: Sequence[str], *folders: Path) -> Iterator[str]:
    """Files which hold a secret in their bytes, or as databases in their values."""
    needles = [secret.encode() for secret in secrets]
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            data = file.read_bytes()
            if any(needle in data for needle in needles):
                yield str(file)
            if data.startswith(b"SQLite format 3"):
                yield from _in_sqlite(secrets, file)


def _in_sqlite(secrets: Sequence[str], file: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        for line in connection.iterdump():
            if any(secret in line for secret in secrets):
                yield f"{file}: {line[:40]}"


def in_lake(secrets: Sequence[str], lake: Lake) -> Iterator[str]:
    """Objects which hold a secret, in their bytes or in their decoded values."""
    needles = [secret.encode() for secret in secrets]
    for found in lake.list():
        data = lake.read(found.path)
        if any(needle in data for needle in needles):
            yield found.path
        if found.path.endswith(".parquet"):
            import pyarrow as pa

            file = pq.ParquetFile(pa.BufferReader(data))
            text = repr(file.read().to_pylist()) + repr(file.metadata.metadata)
            if any(secret in text for secret in secrets):
                yield f"{found.path} (decoded)"
