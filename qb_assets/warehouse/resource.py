"""The warehouse as a Dagster resource: one DuckDB file, one writer at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field, PrivateAttr

from qb_assets.warehouse.errors import WarehouseError, WarehouseLocked
from qb_assets.warehouse.session import Queue, Session, interrupts_as_raised

DEFAULT_WAIT = 30.0

REFUSED_FOR = 600.0
"""Seconds for which a file that stayed locked is not waited for again: the steps of a run that come
after the first one fail at once."""

_refused: dict[Path, float] = {}

SETTINGS: Mapping[str, Any] = {
    "custom_user_agent": "qb_assets",
    "threads": 1,
    "memory_limit": "120MB",
    "default_block_size": "65536",
    "enable_external_file_cache": False,
}
"""How DuckDB is opened, where the resource's `connection_config` says nothing else.

A load is a chain of inserts, on which two threads were measured to burn twice the processor time of
one. Its rows wait for the commit in memory up to the limit, and then in a file beside the
warehouse's, which was measured to take no longer. A commit makes a block for each of hundreds of
columns, so in a new file they are a quarter of the usual size: a fifth less processor time, for
half as much again on the disk where tables are large (half of it where they are small). The
Parquet files of a load are read once or twice, so a cache of them only takes memory."""

OPENING = """
    SET TimeZone = 'UTC';
    SET disabled_compression_methods = 'fsst';
"""
"""What is set of a file that was opened; before, DuckDB takes no notice of the latter.

To try FSST on every column of text was measured to take a sixth of a load's time, for a file that
is smaller by an eighth."""

DEFAULT_URL = "duckdb:///.data/warehouse.duckdb"


class WarehouseResource(DuckDBResource):
    """Where the warehouse is. Making one touches no disk; `get_connection` does.

    The steps of a run in one process share an opening of the file, until the run ends or for a
    while nothing uses it.
    """

    _session: Session | None = PrivateAttr(default=None)

    database: str = Field(
        default="",
        description="duckdb:///folder/file.duckdb or duckdb:////absolute/file.duckdb. When it is"
        " empty: QB_WAREHOUSE_URL, else .data/warehouse.duckdb where the process was started.",
    )
    wait_seconds: float | None = Field(
        default=None,
        description="How long to wait for a file that another process holds; else"
        " QB_WAREHOUSE_WAIT, else 30.",
    )

    def path(self) -> Path:
        """The DuckDB file. Raises WarehouseError for an address that is not DuckDB's."""
        url = self.database or os.environ.get("QB_WAREHOUSE_URL") or DEFAULT_URL
        scheme, separator, rest = url.partition("://")
        if not separator:
            return Path(url)
        if scheme != "duckdb" or not rest.lstrip("/"):
            raise WarehouseError(
                f"QB_WAREHOUSE_URL is {url!r}; it must look like duckdb:///folder/file.duckdb"
                " (relative) or duckdb:////folder/file.duckdb (absolute)."
            )
        relative = Path(unquote(rest.removeprefix("/")))
        absolute = Path("/") / relative
        # Both readings of three slashes are common; a folder that is there tells which is meant.
        if absolute.parent.is_dir() and not relative.parent.is_dir():
            return absolute
        return relative

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[WarehouseResource]:
        """The resource of a run."""
        with super().yield_for_execution(context):
            self._session = Session(self._connect, self.path)
            try:
                yield self
            finally:
                self._session.close()

    @contextmanager
    def get_connection(self) -> Generator[duckdb.DuckDBPyConnection, None, None]:
        """A connection that is closed whatever happens.

        Raises:
            WarehouseLocked: another process holds the file, and still did after the wait.
            WarehouseError: the file cannot be opened or is no DuckDB database.
        """
        with interrupts_as_raised(), self._connection() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection

    def _connection(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return closing(self._connect()) if self._session is None else self._session.connection()

    def wait(self) -> float:
        """Seconds to wait for a file that is held. Raises WarehouseError for no number."""
        if self.wait_seconds is not None:
            return self.wait_seconds
        text = os.environ.get("QB_WAREHOUSE_WAIT") or str(DEFAULT_WAIT)
        try:
            return float(text)
        except ValueError:
            raise WarehouseError(
                f"QB_WAREHOUSE_WAIT is {text!r}; it must be a number of seconds."
            ) from None

    def _connect(self) -> duckdb.DuckDBPyConnection:
        path = self.path()
        seconds = 0.0 if _refused.get(path, 0.0) > time.monotonic() else self.wait()
        deadline = time.monotonic() + seconds
        queue = Queue(path)
        try:
            while (connection := self._try(path)) is None:
                if time.monotonic() >= deadline:
                    _refused[path] = time.monotonic() + REFUSED_FOR
                    raise _locked(path, seconds)
                queue.wait(0.2)
        finally:
            queue.leave()
        _refused.pop(path, None)
        return connection

    def _try(self, path: Path) -> duckdb.DuckDBPyConnection | None:
        """A connection, or None while another process holds the file."""
        config: dict[str, Any] = {**SETTINGS, **self.connection_config}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = duckdb.connect(str(path), config=config)
            connection.execute(OPENING)
        except (duckdb.Error, OSError) as error:
            if isinstance(error, duckdb.IOException) and "lock" in str(error).lower():
                return None
            raise _unusable(path, error) from None
        return connection


def _locked(path: Path, seconds: float) -> WarehouseLocked:
    return WarehouseLocked(
        f"The warehouse {path} is held by another process, still after {seconds:g} s. Close the"
        " program that has it open (a DuckDB shell, a notebook, another run) and run it again."
    )


def _unusable(path: Path, error: Exception) -> WarehouseError:
    reason = str(error).splitlines()[0]
    return WarehouseError(
        f"The warehouse {path} cannot be opened: {reason}. Check QB_WAREHOUSE_URL and the"
        " permissions of its folder."
    )
