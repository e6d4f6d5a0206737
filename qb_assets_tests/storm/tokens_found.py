"""Looks for any token that the sandbox ever issued, and for its client secret, byte by byte."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

TOKENS = re.compile(rb"\bey[A-Za-z0-9_-]{340,}|\bAB[A-Za-z0-9_-]{40,}")
"""What the sandbox's access and refresh tokens, and its app's keys, look like."""

PACKED = {".parquet", ".duckdb"}
"""Files whose bytes look like anything, such as a packed row of numbers like the alphabet; their
values are read."""


def tokens_in_text(name: str, text: bytes, allowed: bytes) -> Iterator[str]:
    """Says where a text holds a token; `allowed` is the client id, which is no secret."""
    if any(found != allowed for found in TOKENS.findall(text)):
        yield f"a token or the client secret is in {name}"


def tokens_in_folder(folder: Path, client_id: str) -> Iterator[str]:
    """Files with a token in their bytes, or in their values where they are databases or Parquet."""
    allowed = client_id.encode()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(file.relative_to(folder))
        if file.suffix not in PACKED:
            yield from tokens_in_text(name, file.read_bytes(), allowed)
        for values in _values(file):
            yield from tokens_in_text(f"{name} (its values)", values, allowed)


def _values(file: Path) -> Iterator[bytes]:
    if file.suffix == ".parquet":
        table = pq.ParquetFile(file)
        yield repr(table.read().to_pylist()).encode()
        yield repr((table.metadata.metadata, table.metadata.to_dict())).encode()
    elif file.suffix == ".db":
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            yield "\n".join(connection.iterdump()).encode()
    elif file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as connection:
            for name, schema in connection.execute(
                "SELECT table_name, schema_name FROM duckdb_tables()"
            ).fetchall():
                rows = connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall()
                yield repr(rows).encode()
